"""LocalWorkspace: WorkspaceApi on this machine. The one file that names concrete stores and computes."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from skyloom.compute.containers.engine import Engines
from skyloom.compute.containers.images import Images
from skyloom.compute.containers.steps import ContainerSteps
from skyloom.compute.environments import Environments
from skyloom.compute.local import LocalCompute
from skyloom.compute.node_pools import NodePools
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.fingerprint import differences
from skyloom.core.graph import Graph
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import Json, RunId, new_run_id
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.repair import Repair
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.serialize import graph_digest
from skyloom.core.service import ServiceColumn
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Limits
from skyloom.core.workspace_api import AS_IT_WAS, ReuseNote, Submission
from skyloom.data.column_type import ColumnAttributes
from skyloom.engine.lower import node_folder
from skyloom.engine.ports import ExperimentRecords, OwnRunFolders, ServiceRunner, World, utc_now
from skyloom.engine.submit import accept, check
from skyloom.modules.catalogue import ModuleCatalogue, load_catalogue
from skyloom.stores.access_sql import SqlFacts, SqlSessions, SqlTokens
from skyloom.stores.audit_sql import SqlAudit
from skyloom.stores.blobs_sql import SqlBatchJobs, SqlBlobs
from skyloom.stores.datastores import Datastores
from skyloom.stores.documents_sql import SqlDocuments
from skyloom.stores.endpoints_sql import SqlEndpoints
from skyloom.stores.record_references import RecordReferences
from skyloom.stores.records_sql import open_records
from skyloom.stores.sources import OutsideSources
from skyloom.stores.targets import OutsideTargets
from skyloom.workspace.access import Access
from skyloom.workspace.audit_trail import AuditTrail
from skyloom.workspace.batch import Batch
from skyloom.workspace.blob_store import BlobStore
from skyloom.workspace.box_jobs import BoxJobs
from skyloom.workspace.classic_datasets import ClassicDatasets
from skyloom.workspace.compute_desk import ComputeDesk
from skyloom.workspace.compute_pools import ComputePools, RaySide
from skyloom.workspace.diagnostics import Diagnostics
from skyloom.workspace.doctor import doctor_report
from skyloom.workspace.driver import Driver
from skyloom.workspace.environment_desk import EnvironmentDesk
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.files import Files
from skyloom.workspace.languages import Languages, starter
from skyloom.workspace.machine import Machine
from skyloom.workspace.news import News
from skyloom.workspace.pipelines import Pipelines
from skyloom.workspace.repairs import notes_of_resumed
from skyloom.workspace.report import run_report
from skyloom.workspace.run_service import AnyPythonRunner
from skyloom.workspace.schedule_clock import ScheduleClock
from skyloom.workspace.schedules import Schedules
from skyloom.workspace.services import WorkspaceServices
from skyloom.workspace.settings import Settings, machine_memory_bytes, read_settings
from skyloom.workspace.shared_parts import open_parts
from skyloom.workspace.spark_side import SparkSide
from skyloom.workspace.step_folder import lay_out_step
from skyloom.workspace.storage import Storage
from skyloom.workspace.store_desk import StoreDesk
from skyloom.workspace.table_views import WorkspaceTableViews
from skyloom.workspace.usage_book import UsageBook
from skyloom.workspace.web_services import FOLLOW_S, WebServices

_log = logging.getLogger("skyloom.workspace")
OTHERS_S = 0.5  # how often the events of a run that another agent drives are looked for


class LocalWorkspace:
    """Implements WorkspaceApi. One process owns it (workspace/lock.py); ``open_workspace`` makes it."""

    def __init__(self, settings: Settings) -> None:
        home = settings.home
        for folder in ("runs", "artifacts", "work", "exports", "jobs"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        _remove_leftovers(home)
        self.settings = settings
        self._is_closed = False
        self._records, self._datasets, self._experiments = open_records(settings.records_url)
        database = self._records.database
        self.access = Access(SqlTokens(database), SqlSessions(database), home / "agent" / "token")
        documents = SqlDocuments(database)
        self.facts = SqlFacts(database)
        self._parts = parts = open_parts(settings, documents, self.facts)
        self._artifacts = parts.artifacts
        wishes = parts.files if parts.is_shared else None
        self._engines = Engines()
        images = Images(self._engines)
        environments = Environments(home, shared=wishes, engines=self._engines, folder=settings.environments)
        self._environments = WorkspaceEnvironments(environments, images)
        self._compute = LocalCompute(
            str(home / "work"),
            str(self._artifacts.tmp_folder),
            weakest=settings.least_isolation,
            spares=settings.spares,
        )
        containers = ContainerSteps(self._engines, images, self._compute.instance, home)
        self._datastores = datastores = Datastores(
            home, files=parts.files, sealed=parts.sealed, default_store=parts.default_store
        )
        datastores.words.watch_logs()
        self.pipelines = Pipelines(
            home,
            self._records,
            self._artifacts,
            datastores,
            parts.files,
            parts.sealed,
            settings.aml_compute,
        )
        slots = NodePools(self.pipelines.pool_settings)
        clusters = RaySide(settings, self.pipelines, self._artifacts, self._environments, datastores)
        self._pools = self.pipelines.pools = ComputePools(slots, clusters.pools)
        self.stores = StoreDesk(datastores, self.pipelines.facts, self.pipelines.change_facts)
        self.computes = ComputeDesk(
            self.pipelines.facts, self.pipelines.change_facts, self.pipelines.pools.status
        )
        self.environments = EnvironmentDesk(environments, self._environments, self.pipelines.facts)
        self.usage = UsageBook(documents)
        self._spark = SparkSide(self._compute, home, self.pipelines)
        self.publishing = Schedules(
            documents,
            self._records,
            self._frozen,
            self.submit,
            self.pipelines.annotate,
            listing=self.pipelines.marks,
        )
        self._clock = ScheduleClock(self.publishing)
        self._news = News()
        self._world = World(
            self._records,
            self._datasets,
            self._artifacts,
            Machine(self._compute, self._environments, self._spark, clusters, containers),
            self._environments,
            OutsideSources(stage=datastores.stage),
            str(home / "runs"),
            announce=self._news.tell,
            targets=OutsideTargets(),
            datastores=datastores,
            identity=self.pipelines.identity,
            secret=self.pipelines.secret,
            registry=self.pipelines,
            pools=self._pools,
            run_folders=parts.run_folders or OwnRunFolders(),
            keeps_locals=settings.keeps_locals,
        )
        self._services = WorkspaceServices(self._world, self._compute, self._environments)
        self._catalogue: ModuleCatalogue = load_catalogue()
        runner = AnyPythonRunner(self._services, self._world, self.upload, self.download)
        self.blobs = BlobStore(SqlBlobs(database), self.facts, self.upload, home / "blocks")
        self.diagnostics = Diagnostics(
            self.blobs, lambda: self.facts.keep("workspace id", secrets.token_hex(16))
        )
        self.web_services = WebServices(
            SqlEndpoints(database),
            runner,
            self._records,
            self._datasets,
            self._frozen,
            follow_s=FOLLOW_S if parts.is_shared else 0.0,
            on_open=self.diagnostics.note_opening,
        )
        uploads = home / "uploads"
        uploads.mkdir(exist_ok=True)
        self.classic_datasets = ClassicDatasets(
            self._datasets, self.blobs, self.upload, lambda artifact: self._files.facts(artifact), uploads
        )
        self.batch = Batch(
            SqlBatchJobs(database),
            self.blobs,
            self.web_services,
            self,
            lambda: self._catalogue,
            self.diagnostics,
        )
        self.audit = AuditTrail(SqlAudit(database), home)
        self._driver = Driver(self._world, settings.slots, parts.is_shared)
        memory = settings.import_memory_bytes or machine_memory_bytes() // 2
        jobs = BoxJobs(self._world, self._environments.current(), home / "jobs", Limits(memory_bytes=memory))
        self._files = Files(self._artifacts, self._catalogue, jobs, home / "exports")
        self.tables = WorkspaceTableViews(self._files)
        self.storage = Storage(
            home, self._artifacts, RecordReferences(database, home), self._environments.size_on_disk
        )
        start = starter(self._compute, self._environments, self._files.stored)
        self.languages = Languages(start, is_on=settings.has_language_server)

    # --- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to drive runs; what an earlier agent left is taken up first."""
        self._driver.start()
        self._driver.wake()
        self._clock.start()
        threading.Thread(target=self._warm_up, name="warm", daemon=True).start()

    def close(self, grace_s: float = 0.0) -> None:
        self._is_closed = True
        self._clock.stop()
        self.languages.close_all()
        self.web_services.close()
        self._services.close()
        self._driver.stop(grace_s)
        self._spark.close()
        self._pools.close()
        self._compute.close()
        self.usage.close()
        self.audit.close()
        self.diagnostics.close()
        self._parts.close()
        self._records.close()

    def is_idle(self) -> bool:
        is_quiet = self._driver.live_runs() == 0 and not self._files.is_busy()
        return is_quiet and not self.publishing.has_active_schedules()

    def _warm_up(self) -> None:
        try:
            self._warm()
        except Exception:
            if not self._is_closed:  # or its stores went away under it
                _log.exception("warming up failed")

    def _warm(self) -> None:
        """Zygotes of what is built already, and leftovers of agents that died."""
        self.pipelines.take_over_notes()
        if self._parts.run_folders is not None:
            self._artifacts.share_all()
        self._artifacts.sweep(self._records.artifacts_in_use() | self.pipelines.content_in_use())
        self._datastores.cache.sweep()
        self._pools.clusters.look()
        for wish in self._environments.built():
            self._compute.warm(self._environments.interpreter(wish.digest))

    # --- runs ---------------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> RunId:
        with self._driver.place() as claimant:
            accepted = accept(self._world, self._catalogue, submission, claimant)
            self._news.tell(accepted.run.id)
            self._driver.drive(accepted)
        return accepted.run.id

    def validate(self, document: Json) -> Sequence[Problem]:
        try:
            self._frozen(Submission(document))
        except ProblemError as error:
            return error.problems
        return ()

    def run(self, run: RunId) -> Run:
        found = self._records.load(run)
        if found is None:
            whole = self._records.run_of_step(run)
            found = self._records.load(whole) if whole else None
        if found is None:
            raise ProblemError(
                Problem(
                    "R001", f"There is no run '{run}'.", run, "'skyloom runs list' shows the newest runs."
                )
            )
        return found

    def runs(
        self,
        limit: int = 50,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        properties: Mapping[str, str | None] | None = None,
    ) -> list[RunSummary]:
        return self._records.newest(limit, before, experiment, tags, properties)

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]:
        until = time.monotonic() + wait_s
        with self._news.following(run, after) as woken:
            while True:
                woken.clear()
                events = self._records.events(run, after)
                left = until - time.monotonic()
                if events or left <= 0:
                    return events
                woken.wait(min(left, OTHERS_S) if self._parts.is_shared else left)

    def report(self, run: RunId, export: bool = False) -> dict[str, Json]:
        found = self.run(run)
        for node in found.nodes:
            self._node_folder(found, node)
        return run_report(
            found,
            self._world.runs_folder,
            self._files.readable if export else self._files.stored,
        )

    def cancel(self, run: RunId) -> bool:
        self.run(run)
        live = self._records.request_cancel(run)
        if live:
            self._driver.cancel(run)
            self._news.tell(run)
        return live

    def resume(self, run: RunId, repair: Repair = AS_IT_WAS) -> RunId:
        earlier = self.run(run)
        if not is_terminal(earlier.state):
            raise ProblemError(
                Problem(
                    "R002", f"The run '{run}' has not ended yet.", run, "Wait for it, or cancel it first."
                )
            )
        graph = self._records.graph(earlier.graph)
        assert graph is not None
        graph, values = self.pipelines.repairs.repaired(graph, earlier.values, repair)
        again = new_run_id()
        fresh = Run(
            again,
            earlier.experiment,
            graph_digest(graph),
            values,
            earlier.origin,
            replace(earlier.options, regenerate=False, resumes=run),
            created_at=utc_now(),
            nodes=tuple(NodeRun(again, node.node) for node in earlier.nodes),
        )
        self._records.create(fresh, graph)
        self.pipelines.annotate(again, notes_of_resumed(self.pipelines.notes(run), repair))
        self._driver.wake()
        return again

    def delete_run(self, run: RunId) -> None:
        """Forget a run and its logs for good; what other runs took over from it stays stored.

        Raises
        ------
        ProblemError
            R001 no such run; R002 it has not ended yet.
        """
        self.run(run)
        if not self._records.delete(run):
            raise ProblemError(
                Problem(
                    "R002", f"The run '{run}' has not ended yet.", run, "Wait for it, or cancel it first."
                )
            )
        shutil.rmtree(os.path.join(self._world.runs_folder, run), ignore_errors=True)
        if self._parts.run_folders is not None:
            self._parts.run_folders.forget(run)

    def lay_out_step(self, run: RunId, step: str, folder: str) -> dict[str, Json]:
        """A step of a run in a folder of this machine, ready to be started by hand (step_folder.py)."""
        return lay_out_step(self._world, self._environments, self.run(run), step, folder)

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
        whole = self.run(run)
        found = whole.node(node)
        if found is None or stream not in ("stdout", "stderr", "environment", "order"):
            names = ", ".join(known.node for known in whole.nodes)
            raise ProblemError(
                Problem(
                    "R003", f"The run has no log '{stream}' of a node '{node}'.", run, f"Its nodes: {names}."
                )
            )
        folder = self._node_folder(whole, found)
        try:
            with open(os.path.join(folder, "logs", f"{stream}.txt"), "rb") as log:
                log.seek(offset)
                return log.read(16 * 1024 * 1024)
        except FileNotFoundError:
            return b""

    def _node_folder(self, run: Run, node: NodeRun) -> str:
        """Where the logs and images of a node are; those of another machine's are fetched first."""
        folder = node_folder(self._world.runs_folder, node.reused_from or run.id, node.node)
        if self._parts.run_folders is not None:
            self._parts.run_folders.fetch(folder, is_terminal(node.state))
        return folder

    # --- datasets and files -----------------------------------------------------------------------------

    def upload(
        self, content: BinaryIO, name: str, type: str | None = None, limits: Limits | None = None
    ) -> Artifact:
        return self._files.upload(content, name, type, limits)

    def upload_typed(self, content: BinaryIO, name: str, columns: Sequence[ServiceColumn]) -> Artifact:
        """The table of a file, the types of these columns known beforehand."""
        return self._files.upload(content, name, None, None, columns)

    def register_dataset(self, name: str, artifact: Artifact, description: str = "") -> Dataset:
        if not name.strip():
            raise ProblemError(Problem("W261", "A dataset needs a name.", "name", "Give it one."))
        if not self._artifacts.exists(artifact):
            what = f"No content of the digest '{artifact.digest:.80}' is stored."
            raise ProblemError(Problem("W260", what, "artifact.digest", "Upload it first."))
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

    def columns(self, artifact: Artifact) -> tuple[ColumnAttributes, ...]:
        """The columns of a stored table, told without looking at its cells."""
        return self._files.columns(artifact)

    def download(self, artifact: Artifact, format: str) -> str:
        return self._files.download(artifact, format)

    # --- web services -------------------------------------------------------------------------------------

    @property
    def services(self) -> ServiceRunner:
        """Opens graphs as web services."""
        return self._services

    def _frozen(self, submission: Submission) -> Graph:
        has_store = self._world.datastores.has
        return check(self._datasets, self._environments, self._catalogue, submission, has_store)[0]

    # --- the workspace itself ---------------------------------------------------------------------------

    def modules(self) -> list[ModuleSpec]:
        return self._catalogue.all()

    @property
    def catalogue(self) -> ModuleCatalogue:
        return self._catalogue

    @property
    def experiment_records(self) -> ExperimentRecords:
        return self._experiments

    def doctor(self) -> dict[str, Json]:
        return doctor_report(self.settings, self._compute, self._environments, self._engines)


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
