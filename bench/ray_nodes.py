"""Steps on a Ray cluster of two nodes of this machine, beside an empty task of plain Ray."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Case, Floor, Measurement
from bench.pipeline import ENVIRONMENT, THINK_S, document_of, source_of_steps
from bench.setting import Item, Setting
from bench.steps import steps_in_a_row, steps_side_by_side
from bench.workspace import Workspace
from skyloom.client.pipelines import PipelineWorkspace
from skyloom.core.identity import Json
from skyloom.core.node_pool import NodeState

CLUSTER, NODES = "cluster", 2
READY_WITHIN_S = 300.0
_TASKS = 20  # whose median is one measurement


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    source = source_of_steps(Path(setting.workspace.home) / "source")
    chain, fan = setting.sizes.chain_nodes, setting.sizes.fan_nodes
    with _plain_ray() as tasks:
        cluster = Cluster(setting.workspace, source)
        cluster.come_up()
        facts = {"nodes": NODES, "environment": ENVIRONMENT}
        task = Case("floor.ray_task", "ms", lambda: Measurement(_a_task(tasks)))

        def overhead() -> Measurement:
            step, bare = cluster.chain(chain) / chain, _a_task(tasks)
            return Measurement(step - bare, {"a_step": step, "a_task": bare})

        yield (
            Case("ray.overhead", "ms", overhead, 60, 30, (Floor(task),), {**facts, "steps": chain}),
            Case(
                "ray.chain", "ms", lambda: Measurement(cluster.chain(chain)), None, None,
                (Floor(task, chain),), {**facts, "steps": chain},
            ),
            Case(
                "ray.fan", "ms", lambda: Measurement(cluster.fan(fan)), None, None,
                (Floor(task, fan / NODES),), {**facts, "steps": fan},
            ),
        )  # fmt: skip


ITEM = Item("ray", 5, prepare)


@dataclass(frozen=True)
class Cluster:
    """The pool that is measured, and what is carried out on it."""

    workspace: Workspace
    source: str

    def come_up(self) -> None:
        """Both nodes stand idle when this returns; they stay for as long as the agent does."""
        body: dict[str, Json] = {
            "type": "AmlCompute",
            "provider": "ray",
            "min_nodes": NODES,
            "max_nodes": NODES,
        }
        self.workspace.api.status()  # the agent starts with the first question
        api = PipelineWorkspace(self.workspace.api.place)
        api.change_facts({"computes": {CLUSTER: {**body, "vm_size": "STANDARD_D1_V2"}}})
        until = time.monotonic() + READY_WITHIN_S
        while api.pool(CLUSTER).count(NodeState.IDLE) < NODES:
            if time.monotonic() > until:
                raise RuntimeError(f"the nodes did not come up: {api.pool(CLUSTER)}")
            time.sleep(0.2)
        api.close()

    def chain(self, count: int) -> float:
        return self._carry_out(steps_in_a_row(self.source, count, CLUSTER), "ray chain")

    def fan(self, count: int) -> float:
        return self._carry_out(steps_side_by_side(self.source, count, CLUSTER), "ray fan")

    def _carry_out(self, steps: Sequence[object], kind: str) -> float:
        document = document_of(self.workspace, self.source, steps)  # type: ignore[arg-type]
        time.sleep(THINK_S)
        carried = self.workspace.carry_out(document, kind=kind)
        self.workspace.checked(carried.run)
        return carried.milliseconds


@contextmanager
def _plain_ray() -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-m", "bench.ray_task"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        while process.stdout.readline().strip() != "ready":
            if process.poll() is not None:
                raise RuntimeError("plain Ray did not come up")
        yield process
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def _a_task(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None and process.stdout is not None
    taken = []
    for _ in range(_TASKS):
        process.stdin.write("\n")
        process.stdin.flush()
        taken.append(float(process.stdout.readline()))
    return statistics.median(taken)
