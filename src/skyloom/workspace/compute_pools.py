"""Compute targets as the engine asks for them: pools of slots on this machine, and pools on Ray clusters."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from skyloom.compute.instance import remove_boxes
from skyloom.compute.node_pools import NodePools
from skyloom.compute.ray import parcel
from skyloom.compute.ray.cluster import RayCluster, clean_up_after
from skyloom.compute.ray.pools import Cluster, RayLease, RayPools
from skyloom.core.identity import Digest, Json, NodeId, RunId
from skyloom.core.node_pool import PoolSettings, PoolStatus
from skyloom.core.serialize import to_json
from skyloom.core.task import Outcome, Task
from skyloom.core.vm_size import vm_size
from skyloom.engine.ports import Lease
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.datastores import Datastores
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.exchange import exchange_of
from skyloom.workspace.pipelines import Pipelines
from skyloom.workspace.ray_node import CLASS
from skyloom.workspace.settings import Settings
from skyloom.workspace.spread import joined, nodes_wanted, part
from skyloom.workspace.spread_sweep import SweepPlan, carry_out_sweep, sweep_plan

_OTHERS_WITHIN_S = 60.0
_NODE = "node-"  # before the names of nodes' work folders
OnConsole = Callable[[str, bytes], None]


class ComputePools:
    """Every pool of one workspace, whatever its nodes are. Implements engine.ports.Pools."""

    def __init__(self, slots: NodePools, clusters: RayPools) -> None:
        self._slots = slots
        self.clusters = clusters

    def take(self, name: str | None, run: RunId, node: NodeId, wake: Callable[[], None]) -> Lease | None:
        if name:
            try:
                return self.clusters.take(name, run, node, wake)
            except LookupError:
                pass  # slots, or no pool at all
        return self._slots.take(name, run, node, wake)

    def status(self, name: str) -> PoolStatus | None:
        return self.clusters.status(name) or self._slots.status(name)

    def look_again(self) -> None:
        self._slots.look_again()
        self.clusters.look_again()

    def close(self) -> None:
        self.clusters.close()


class RaySide:
    """What Ray's pools need of a workspace, and how a task comes to one of their nodes."""

    def __init__(
        self,
        settings: Settings,
        pipelines: Pipelines,
        artifacts: ArtifactsFolder,
        environments: WorkspaceEnvironments,
        datastores: Datastores,
    ) -> None:
        self._settings = settings
        self._folder = settings.home / "ray"
        self._artifacts = artifacts
        self._environments = environments
        self._datastores = datastores
        self._pipelines = pipelines
        self._contents: dict[str, parcel.Contents] = {}
        self._probe: tuple[str, str] | None = None
        for left in self._folder.glob("*/"):  # by an agent that was killed
            clean_up_after(left)
        for boxes in (settings.home / "work").glob(f"{_NODE}*"):
            remove_boxes(str(boxes))
        self.pools = RayPools(
            pipelines.target_names, pipelines.pool_settings, self._open, self._config, CLASS
        )  # fmt: skip

    def execute(
        self, lease: RayLease, task: Task, canceled: threading.Event, on_console: OnConsole | None
    ) -> Outcome:
        """Carry a task out on the node that its step holds; a parallel step and a sweep take others along."""
        settings = self._pipelines.pool_settings(lease.name)
        most = settings.max_nodes if settings and lease.node is not None else 1
        sweep = sweep_plan(task) if most > 1 else None
        count = min(sweep.nodes_wanted if sweep else nodes_wanted(task), most)
        if count == 1:
            return self._carry_out(lease, task, canceled, on_console)
        others = self._others(lease, task, count - 1, canceled)
        try:
            leases = [lease, *others]
            if sweep is not None:
                return self._sweep(leases, task, sweep, canceled, on_console)
            hear = _Logs(task.folder, on_console)
            tasks = [part(task, number, len(leases)) for number in range(len(leases))]
            with ThreadPoolExecutor(len(leases), thread_name_prefix="part") as pool:
                waited = [
                    pool.submit(self._carry_out, one, piece, canceled, hear)
                    for one, piece in zip(leases, tasks)
                ]
                outcomes = [one.result() for one in waited]
            return joined(task, list(zip(tasks, outcomes)))
        finally:
            for other in others:
                other.release()

    def _sweep(
        self,
        leases: list[RayLease],
        task: Task,
        sweep: SweepPlan,
        canceled: threading.Event,
        on_console: OnConsole | None,
    ) -> Outcome:
        """Trials on the nodes: one a core of each, or one a GPU where it has GPUs."""
        if len(leases) == 1:
            return self._carry_out(leases[0], task, canceled, on_console)
        settings = self._pipelines.pool_settings(leases[0].name)
        size = vm_size(settings.vm_size if settings else "")
        nodes = {one.node.id: one for one in leases if one.node is not None}
        return carry_out_sweep(
            task, sweep, dict.fromkeys(nodes, size.gpus or size.cores),
            lambda node, one, ended, hear: self._carry_out(nodes[node], one, ended, hear),
            canceled, _Logs(task.folder, on_console),
        )  # fmt: skip

    def _others(self, lease: RayLease, task: Task, count: int, canceled: threading.Event) -> list[RayLease]:
        """Further nodes for a step that asks for several: those that come within a minute."""
        found: list[RayLease] = []
        woken = threading.Event()
        until = time.monotonic() + _OTHERS_WITHIN_S
        while len(found) < count and not canceled.is_set() and time.monotonic() < until:
            woken.clear()
            name = NodeId(f"{task.node} ({len(found) + 2})")
            other = self.pools.take(lease.name, task.run, name, woken.set)
            if other is None:
                woken.wait(0.5)
            elif other.node is None:
                other.release()
                break
            else:
                other.begin()
                found.append(other)
        return found

    def _carry_out(
        self, lease: RayLease, task: Task, canceled: threading.Event, on_console: OnConsole | None
    ) -> Outcome:
        sees_workspace = lease.node is None or bool(lease.node.said.get("sees_workspace"))
        contents = None if sees_workspace else self._contents_of(lease.name)
        hear = on_console
        if contents is not None:
            hear = _Logs(task.folder, on_console)
        message: dict[str, Json] = {
            "task": parcel.task_to_json(task if contents is None else parcel.sent(task, contents)),
            "follows": hear is not None,
        }
        if contents is None:
            message["interpreter"] = to_json(self._environments.interpreter(Digest(task.environment)))
        else:
            message["environment"] = to_json(self._environments.wish(Digest(task.environment)))
        found = self.pools.execute(lease, json.dumps(message), canceled, hear)
        if isinstance(found, Outcome):
            return found
        body = found["outcome"]
        assert isinstance(body, dict)
        if contents is None:
            return parcel.outcome_from_json(body["outcome"])
        return parcel.received_folder(body, task.folder, contents)

    def _open(self, name: str, settings: PoolSettings, on_lost: Callable[[str, str], None]) -> Cluster:
        return RayCluster(name, settings.address, self._folder / _plain(name), on_lost)

    def _config(self, name: str, node: str, settings: PoolSettings) -> Mapping[str, Json]:
        """What a node is told (workspace/ray_node.py)."""
        home = self._settings.home.absolute()
        path, word = self._the_probe()
        return {
            "home": str(home),
            "environments": str((self._settings.environments or home / "envs").absolute()),
            "work_root": str(home / "work" / f"{_NODE}{node}-{secrets.token_hex(3)}"),
            "output_folder": str(self._artifacts.tmp_folder.absolute()),
            "probe": [path, word],
            "weakest": self._settings.least_isolation,
            "spares": None,
            "exchange": self._told_exchange(settings),
            "cache": "",
        }

    def _told_exchange(self, settings: PoolSettings) -> Json:
        if not settings.exchange:
            return None
        store = self._datastores.find(settings.exchange)
        return {
            "store": to_json(store),
            "secrets": {**self._datastores.book.secrets(store.name)},
            "allowed": [*sorted(self._datastores.allowed.listed)],
        }

    def _contents_of(self, name: str) -> parcel.Contents:
        settings = self._pipelines.pool_settings(name)
        store = self._datastores.find(settings.exchange if settings else "")
        if store.name not in self._contents:
            exchange = exchange_of(store, self._datastores.book.secrets(store.name), self._datastores.allowed)
            self._contents[store.name] = parcel.Contents(exchange, self._folder / "content")
        return self._contents[store.name]

    def _the_probe(self) -> tuple[str, str]:
        """A file by which a node knows that it sees this very home."""
        if self._probe is None:
            self._folder.mkdir(exist_ok=True)
            path, word = self._folder.absolute() / "probe", secrets.token_hex(16)
            path.write_text(word, encoding="ascii")
            self._probe = (str(path), word)
        return self._probe


class _Logs:
    """Keeps what a step on another machine says, while it says it."""

    def __init__(self, folder: str, also: OnConsole | None) -> None:
        self._folder = os.path.join(folder, "logs")
        self._also = also
        os.makedirs(self._folder, exist_ok=True)
        for stream in ("stdout", "stderr"):
            open(os.path.join(self._folder, f"{stream}.txt"), "wb").close()  # of an earlier attempt

    def __call__(self, stream: str, content: bytes) -> None:
        if stream in ("stdout", "stderr"):
            with open(os.path.join(self._folder, f"{stream}.txt"), "ab") as file:
                file.write(content)
        if self._also is not None:
            self._also(stream, content)


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)[:60]
