"""A chain of PythonScriptSteps that do nothing, each a fresh Python in a box; and the same chain reused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from bench.steps import chain_of_steps, steps_side_by_side
from bench.workspace import Workspace
from skyloom.client.pipelines import PipelineWorkspace
from skyloom.core.identity import Json
from skyloom.sdk.compile import compile_steps
from skyloom.sdk.snapshot import take_snapshot
from skyloom.sdk.steps.pipeline_step import PipelineStep

THINK_S = 0.5
POOL, NODES = "two", 2
ENVIRONMENT = "current"
_PROGRAM = """
import sys
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from bench.steps import chain_of_steps
ws = Workspace.create("bench", exist_ok=True, show_output=False)
run = Experiment(ws, "bench").submit(Pipeline(ws, chain_of_steps(sys.argv[1], int(sys.argv[2]), reuse=True)))
run.wait_for_completion(show_output=False)
sys.exit(not all(step.is_reused for step in run.get_steps()))
"""


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    source = source_of_steps(Path(setting.workspace.home) / "source")
    count = setting.sizes.chain_nodes
    facts = {"steps": count, "environment": ENVIRONMENT}
    floors = setting.floors
    start = (Floor(floors.python()), Floor(floors.fork()), Floor(floors.commit(), 2))
    program = (Floor(floors.python()), Floor(floors.commit(), 2))
    _program(source, count)  # what the second case takes over
    yield (
        Case("pipeline.a_step", "ms", partial(_row, setting.workspace, source, count), 20, 7, start, facts),
        Case(
            "pipeline.side_by_side",
            "ms",
            partial(_side_by_side, setting.workspace, source, setting.sizes.fan_nodes),
            1000,
            250,
            tuple(replace(floor, times=floor.times * setting.sizes.fan_nodes / NODES) for floor in start),
            {"steps": setting.sizes.fan_nodes, "nodes": NODES, "environment": ENVIRONMENT},
        ),
        Case("pipeline.reused", "ms", partial(_reused, source, count), 400, 150, program, facts),
    )


ITEM = Item("pipeline", 5, prepare)


def source_of_steps(folder: Path) -> str:
    """A source directory with the step that is measured: it makes an empty file."""
    folder.mkdir()
    (folder / "step.py").write_text("import sys\nopen(sys.argv[1], 'w').close()\n", encoding="utf-8")
    return str(folder)


def document_of(workspace: Workspace, source: str, steps: Sequence[PipelineStep]) -> dict[str, Json]:
    """The steps as a document to be submitted; their source directory is sent."""
    api = PipelineWorkspace(workspace.api.place)
    digest = take_snapshot(source).send(api)
    api.close()
    document = compile_steps(steps, lambda step: digest, "workspaceblobstore").document("steps")
    _in_environment(document)
    return document


def _row(workspace: Workspace, source: str, count: int) -> Measurement:
    document = document_of(workspace, source, chain_of_steps(source, count, reuse=False))
    time.sleep(THINK_S)
    carried = workspace.carry_out(document, kind="pipeline")
    laps = [node.timings_ms for node in workspace.checked(carried.run).nodes]
    means = {lap: sum(one[lap] for one in laps) / count for lap in laps[0]}
    return Measurement(carried.milliseconds / count, means)


def _side_by_side(workspace: Workspace, source: str, count: int) -> Measurement:
    """On a pool of two nodes, so that never more than two run at a time."""
    api = PipelineWorkspace(workspace.api.place)
    api.change_facts({"computes": {POOL: {"type": "AmlCompute", "min_nodes": 0, "max_nodes": NODES}}})
    document = document_of(workspace, source, steps_side_by_side(source, count, POOL))
    time.sleep(THINK_S)
    carried = workspace.carry_out(document, kind="side by side")
    workspace.checked(carried.run)
    at_once = len(api.pool(POOL).nodes)
    api.close()
    if at_once > NODES:
        raise RuntimeError(f"{at_once} nodes were used")
    return Measurement(carried.milliseconds)


def _in_environment(document: dict[str, Json]) -> None:
    nodes: Any = document["nodes"]
    for body in nodes.values():
        body["environment"] = ENVIRONMENT


def _reused(source: str, count: int) -> Measurement:
    time.sleep(THINK_S)
    started = time.perf_counter()
    if _program(source, count) != 0:
        raise RuntimeError("a step of the second run was carried out again")
    return Measurement((time.perf_counter() - started) * 1000)


def _program(source: str, count: int) -> int:
    """The exit code of a whole program that submits the chain and waits; 0 when every step was reused."""
    environ = {**os.environ, "SKYLOOM_ENVIRONMENT": ENVIRONMENT, "PYTHONPATH": os.getcwd()}
    words = [sys.executable, "-c", _PROGRAM, source, str(count)]
    return subprocess.run(words, env=environ, stdout=subprocess.DEVNULL, check=False).returncode
