"""LocalWorkspace: WorkspaceApi on this machine. The one file that names concrete stores and computes."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from skyloom.compute.environments import Environments
from skyloom.compute.local import LocalCompute
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.fingerprint import differences
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import Json, RunId, new_run_id
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Limits
from skyloom.core.workspace_api import ReuseNote, Submission
from skyloom.engine.lower import node_folder
from skyloom.engine.ports import World, utc_now
from skyloom.engine.submit import check, submit
from skyloom.modules.catalogue import ModuleCatalogue, load_catalogue
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.records_sql import open_records
from skyloom.stores.sources import OutsideSources
from skyloom.workspace.box_jobs import BoxJobs
from skyloom.workspace.doctor import doctor_report
from skyloom.workspace.driver import Driver
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.files import Files
from skyloom.workspace.machine import Machine
from skyloom.workspace.report import run_report
from skyloom.workspace.settings import Settings, machine_memory_bytes, read_settings


class LocalWorkspace:
    """Implements WorkspaceApi. One process owns it (workspace/lock.py); ``open_workspace`` makes it."""

    def __init__(self, settings: Settings) -> None:
        home = settings.home
        for folder in ("runs", "artifacts", "work", "exports", "jobs"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        _remove_leftovers(home)
        self.settings = settings
        self._records, self._datasets = open_records(settings.records_url)
        self._artifacts = ArtifactsFolder(home / "artifacts")
        self._environments = WorkspaceEnvironments(Environments(home))
        self._compute = LocalCompute(
            str(home / "work"), str(self._artifacts.tmp_folder), weakest=settings.least_isolation
        )
        self._changed = threading.Condition()
        self._changes = 0
        self._world = World(
            self._records,
            self._datasets,
            self._artifacts,
            Machine(self._compute, self._environments),
            self._environments,
            OutsideSources(),
            str(home / "runs"),
            announce=self._announce,
        )
        self._catalogue: ModuleCatalogue = load_catalogue()
        self._driver = Driver(self._world, settings.slots)
        memory = settings.import_memory_bytes or machine_memory_bytes() // 2
        jobs = BoxJobs(self._world, self._environments.current(), home / "jobs", Limits(memory_bytes=memory))
        self._files = Files(self._artifacts, self._catalogue, jobs, home / "exports")

    # --- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to drive runs; what an earlier agent left is taken up first."""
        self._driver.start()
        self._driver.wake()
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def close(self, grace_s: float = 0.0) -> None:
        self._driver.stop(grace_s)
        self._compute.close()
        self._records.close()

    def is_idle(self) -> bool:
        return self._driver.live_runs() == 0 and not self._files.is_busy()

    def _warm(self) -> None:
        """Zygotes of what is built already, and leftovers of agents that died."""
        self._artifacts.sweep(self._records.artifacts_in_use())
        for wish in self._environments.built():
            self._compute.warm(self._environments.interpreter(wish.digest))

    # --- runs ---------------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> RunId:
        run = submit(self._world, self._catalogue, submission)
        self._announce(run.id)
        self._driver.wake()
        return run.id

    def validate(self, document: Json) -> Sequence[Problem]:
        try:
            check(self._datasets, self._environments, self._catalogue, Submission(document))
        except ProblemError as error:
            return error.problems
        return ()

    def run(self, run: RunId) -> Run:
        found = self._records.load(run)
        if found is None:
            raise ProblemError(
                Problem(
                    "R001", f"There is no run '{run}'.", run, "'skyloom runs list' shows the newest runs."
                )
            )
        return found

    def runs(
        self, limit: int = 50, before: RunId | None = None, experiment: str | None = None
    ) -> list[RunSummary]:
        return self._records.newest(limit, before, experiment)

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]:
        until = time.monotonic() + wait_s
        while True:
            seen = self._changes
            events = self._records.events(run, after)
            if events:
                return events
            with self._changed:
                left = until - time.monotonic()
                if left <= 0:
                    return []
                self._changed.wait_for(lambda: self._changes != seen, timeout=left)  # noqa: B023

    def report(self, run: RunId, export: bool = False) -> dict[str, Json]:
        return run_report(
            self.run(run),
            self._world.runs_folder,
            self._files.readable if export else self._files.stored,
        )

    def cancel(self, run: RunId) -> bool:
        self.run(run)
        live = self._records.request_cancel(run)
        if live:
            self._driver.cancel(run)
            self._announce(run)
        return live

    def resume(self, run: RunId) -> RunId:
        earlier = self.run(run)
        if not is_terminal(earlier.state):
            raise ProblemError(
                Problem(
                    "R002", f"The run '{run}' has not ended yet.", run, "Wait for it, or cancel it first."
                )
            )
        graph = self._records.graph(earlier.graph)
        assert graph is not None
        again = new_run_id()
        fresh = Run(
            again,
            earlier.experiment,
            earlier.graph,
            earlier.values,
            earlier.origin,
            replace(earlier.options, regenerate=False, resumes=run),
            created_at=utc_now(),
            nodes=tuple(NodeRun(again, node.node) for node in earlier.nodes),
        )
        self._records.create(fresh, graph)
        self._driver.wake()
        return again

    def why(self, run: RunId) -> list[ReuseNote]:
        found = self.run(run)
        return [self._why(found, node) for node in found.nodes]

    def _why(self, run: Run, node: NodeRun) -> ReuseNote:
        if node.reused_from is not None:
            return ReuseNote(node.node, True, node.reused_from, (node.reuse,))
        if node.state in (State.CREATED, State.SKIPPED):
            return ReuseNote(node.node, False, None, ("the node was not run",))
        reasons = [node.reuse]
        earlier = self._records.earlier(run.experiment, node.node, run.id)
        if earlier is not None and node.reuse.startswith("no earlier run"):
            changed = list(differences(node.parts, earlier.parts))
            reasons = [f"compared with run {earlier.run}: {part}" for part in changed] or reasons
        return ReuseNote(node.node, False, earlier.run if earlier else None, tuple(reasons))

    def log(self, run: RunId, node: str, stream: str = "stdout", offset: int = 0) -> bytes:
        found = self.run(run).node(node)
        if found is None or stream not in ("stdout", "stderr", "environment"):
            names = ", ".join(known.node for known in self.run(run).nodes)
            raise ProblemError(
                Problem(
                    "R003", f"The run has no log '{stream}' of a node '{node}'.", run, f"Its nodes: {names}."
                )
            )
        folder = node_folder(self._world.runs_folder, found.reused_from or run, node)
        try:
            with open(os.path.join(folder, "logs", f"{stream}.txt"), "rb") as log:
                log.seek(offset)
                return log.read(16 * 1024 * 1024)
        except FileNotFoundError:
            return b""

    # --- datasets and files -----------------------------------------------------------------------------

    def upload(
        self, content: BinaryIO, name: str, type: str | None = None, limits: Limits | None = None
    ) -> Artifact:
        return self._files.upload(content, name, type, limits)

    def register_dataset(self, name: str, artifact: Artifact, description: str = "") -> Dataset:
        facts = self._files.facts(artifact)
        return self._datasets.save(Dataset(name, 0, artifact, utc_now(), description, facts))

    def datasets(self) -> list[Dataset]:
        return self._datasets.all()

    def dataset(self, name: str, version: int = 0) -> Dataset:
        found = self._datasets.find(DatasetVersion(name, version))
        if found is None:
            hint = close_name(name, [known.name for known in self.datasets()])
            raise ProblemError(
                Problem("D060", f"There is no dataset '{name}'.", name, hint or "See 'skyloom dataset list'.")
            )
        return found

    def delete_dataset(self, name: str, version: int = 0) -> int:
        self.dataset(name, version)
        return self._datasets.delete(name, version)

    def profile(self, artifact: Artifact) -> dict[str, Json]:
        return self._files.profile(artifact)

    def download(self, artifact: Artifact, format: str) -> str:
        return self._files.download(artifact, format)

    # --- the workspace itself ---------------------------------------------------------------------------

    def modules(self) -> list[ModuleSpec]:
        return self._catalogue.all()

    def doctor(self) -> dict[str, Json]:
        return doctor_report(self.settings, self._compute, self._environments)

    def _announce(self, run: RunId) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()


def _remove_leftovers(home: Path) -> None:
    """What an agent that died left half done: folders of jobs, parts of exports. The lock is ours."""
    for folder in (home / "jobs").iterdir():
        shutil.rmtree(folder, ignore_errors=True)
    for part in (home / "exports").glob("*.*.*"):
        part.unlink(missing_ok=True)


@contextmanager
def open_workspace(home: Path) -> Iterator[LocalWorkspace]:
    """The workspace in ``home``, driving its runs until the block ends. Its lock is the caller's part."""
    workspace = LocalWorkspace(read_settings(home))
    workspace.start()
    try:
        yield workspace
    finally:
        workspace.close()
