"""Every compute with what it needs around it, and the shortest way to have a step carried out on it."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent

import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.datastore import Datastore
from skyloom.core.environment import CURRENT
from skyloom.core.folder import Folder, FolderFile, folder_from_bytes
from skyloom.core.identity import Json, NodeId, RunId, new_run_id
from skyloom.core.module import CommandEntry, PathOf, ScriptEntry
from skyloom.core.node_pool import PoolStatus
from skyloom.core.task import Command, Limits, Outcome, Task
from skyloom.engine.collect import Collected, collect
from skyloom.engine.lower import node_folder
from skyloom.engine.stage import stage_snapshot
from skyloom.workspace.local import LocalWorkspace
from skyloom.workspace.settings import Settings
from tests.node_logs import said
from tests.ray_head import cluster_elsewhere

KINDS = ("local", "pool", "ray", "ray elsewhere")
OnConsole = Callable[[str, bytes], None]
USUAL = Limits(timeout_s=60, memory_bytes=1 << 30, disk_bytes=256 << 20)
_NODE_WITHIN_S = 240.0


@dataclass
class Did:
    """A task that was carried out, and what the engine made of what came back."""

    outcome: Outcome
    collected: Collected
    folder: Path
    seconds: float

    @property
    def stdout(self) -> str:
        return said(self.folder, "stdout")

    @property
    def stderr(self) -> str:
        return said(self.folder, "stderr")


@dataclass
class ComputeRoom:
    """A workspace whose steps go to ``target``; None: to this machine as such."""

    workspace: LocalWorkspace
    target: str | None
    _count: int = field(default=0)

    def step(
        self,
        script: str,
        *,
        arguments: tuple[str | PathOf, ...] = (),
        inputs: Mapping[str, Artifact] | None = None,
        outputs: tuple[str, ...] = (),
        limits: Limits = USUAL,
        canceled: threading.Event | None = None,
        on_console: OnConsole | None = None,
    ) -> Did:
        """A Python script as a step."""
        return self.call({"step.py": script}, arguments, inputs, outputs, limits, canceled, on_console)

    def call(
        self,
        files: Mapping[str, str],
        arguments: tuple[str | PathOf, ...] = (),
        inputs: Mapping[str, Artifact] | None = None,
        outputs: tuple[str, ...] = (),
        limits: Limits = USUAL,
        canceled: threading.Event | None = None,
        on_console: OnConsole | None = None,
    ) -> Did:
        """The first of some files as a step."""
        snapshot = self.folder({name: dedent(text).encode() for name, text in files.items()})
        staged = {port: self.workspace._artifacts.stage(one) for port, one in (inputs or {}).items()}
        command = Command(
            stage_snapshot(self.workspace._world, snapshot.digest),
            (next(iter(files)), *arguments),
            {"AZUREML_RUN_ID": "r", "GREETING": "hello"},
            {port: f"inputs/{port}/mounts/workspaceblobstore/{port}" for port in staged},
            {port: f"mounts/workspaceblobstore/out/{port}" for port in outputs},
        )
        task = self._task(limits)
        task = replace(
            task, entry=CommandEntry(snapshot.digest, (), "python"), inputs=dict(staged), command=command,
            outputs=dict.fromkeys(outputs, "Folder"),
        )  # fmt: skip
        return self._carry_out(task, canceled, on_console)

    def script(self, body: str) -> Did:
        """A script as typed into a module of the canvas."""
        values: dict[str, Json] = {"Python Script": dedent(body)}
        task = replace(
            self._task(USUAL), entry=ScriptEntry("python"), values=values,
            inputs={"Dataset1": None, "Dataset2": None, "Script Bundle": None},
            outputs={"Result Dataset": "Dataset"},
        )  # fmt: skip
        return self._carry_out(task, None, None)

    def folder(self, files: Mapping[str, bytes]) -> Artifact:
        """A folder with these files, stored."""
        store = self.workspace._artifacts
        kept = []
        for path, content in files.items():
            one = store.add_bytes(content, path, "File", "file", "application/octet-stream")
            kept.append(FolderFile(path, one.digest, one.size))
        return store.add_folder(Folder(tuple(kept)), "folder")

    def files_of(self, artifact: Artifact) -> dict[str, bytes]:
        """Every file of a stored folder."""
        staged = self.workspace._artifacts.stage(artifact)
        listed = folder_from_bytes(Path(staged.path).read_bytes())
        return {one.path: Path(staged.files[one.digest]).read_bytes() for one in listed.files}

    def bytes_of(self, artifact: Artifact) -> bytes:
        """A stored file."""
        return Path(self.workspace._artifacts.stage(artifact).path).read_bytes()

    def status(self) -> PoolStatus:
        assert self.target is not None
        return self.workspace.pipelines.pool(self.target)

    def _task(self, limits: Limits) -> Task:
        self._count += 1
        run, node = new_run_id(), NodeId(f"node-{self._count}")
        environment = self.workspace._environments.resolve(CURRENT, None, None)
        self.workspace._environments.prepare(environment, lambda line: None)
        folder = node_folder(self.workspace._world.runs_folder, run, node)
        os.makedirs(folder)
        return Task(
            run, node, 1, ScriptEntry("python"), {}, {}, {}, environment.digest, frozenset(), folder, limits
        )  # fmt: skip

    def _carry_out(self, task: Task, canceled: threading.Event | None, hear: OnConsole | None) -> Did:
        world = self.workspace._world
        with self._node(task.run, task.node):
            started = time.monotonic()
            event = threading.Event() if canceled is None else canceled
            outcome = world.compute.execute(task, canceled=event, on_console=hear)
            seconds = time.monotonic() - started
            collected = collect(world, outcome, task.folder, {})
        return Did(outcome, collected, Path(task.folder), seconds)

    @contextmanager
    def _node(self, run: RunId, node: NodeId) -> Iterator[None]:
        """Hold a node of the target as the engine does."""
        if self.target is None:
            yield
            return
        woken = threading.Event()
        until = time.monotonic() + _NODE_WITHIN_S
        while (lease := self.workspace._pools.take(self.target, run, node, woken.set)) is None:
            assert woken.wait(max(0.0, until - time.monotonic())), "no node came"
            woken.clear()
        lease.begin()
        try:
            yield
        finally:
            lease.release()


@contextmanager
def compute_rooms() -> Iterator[Callable[[str], ComputeRoom]]:
    """Rooms of one workspace, by kind; what a kind needs is started when it is first asked for."""
    with (
        ExitStack() as stack,
        tempfile.TemporaryDirectory(prefix="skyloom-computes-", dir="/var/tmp") as name,
    ):
        place = Path(name)
        place.chmod(0o711)  # boxes pass through
        workspace = LocalWorkspace(Settings(place / "home"))
        stack.callback(workspace.close)
        rooms: dict[str, ComputeRoom] = {}

        def room(kind: str) -> ComputeRoom:
            if kind not in rooms:
                rooms[kind] = _room(kind, workspace, place, stack)
            return rooms[kind]

        yield room


def _room(kind: str, workspace: LocalWorkspace, place: Path, stack: ExitStack) -> ComputeRoom:
    if workspace._compute.proven().best == "none":
        pytest.skip("no isolation could be proven on this machine")
    usual: dict[str, Json] = {
        "type": "AmlCompute", "min_nodes": 0, "max_nodes": 2, "vm_size": "STANDARD_D1_V2",
        "idle_seconds_before_scaledown": 600,
    }  # fmt: skip
    match kind:
        case "local":
            return ComputeRoom(workspace, None)
        case "pool":
            body = usual
        case "ray":
            pytest.importorskip("ray", reason="Ray is not installed")
            body = {**usual, "provider": "ray", "max_nodes": 1, "vm_size": "STANDARD_NC6"}
        case _:
            address = stack.enter_context(cluster_elsewhere(cores=2))
            (place / "shared").mkdir()
            before = os.environ.get("SKYLOOM_FILE_ROOTS")
            os.environ["SKYLOOM_FILE_ROOTS"] = os.fspath(place / "shared")
            store = Datastore("shared", "LocalFolder", {"path": os.fspath(place / "shared")})
            workspace.pipelines.register_datastore(store)
            if before is None:
                del os.environ["SKYLOOM_FILE_ROOTS"]
            else:
                os.environ["SKYLOOM_FILE_ROOTS"] = before
            body = {**usual, "provider": "ray", "address": address, "exchange": "shared"}
    name = kind.replace(" ", "-")
    known = workspace.pipelines.facts().get("computes")
    targets = known if isinstance(known, dict) else {}
    workspace.pipelines.change_facts({"computes": {**targets, name: body}})
    return ComputeRoom(workspace, name)
