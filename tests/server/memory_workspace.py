"""A workspace in memory that keeps the promises of WorkspaceApi, for tests of what stands before it.

Graphs are really read and checked; script nodes run as plain child processes: the text of the parameter
'Python Script' is executed with the files of its inputs as arguments, in the node's folder. The content of
``result.csv`` that it leaves there is its ``Result Dataset``, images are its ``*.png``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference, DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.event import EventKind, RunEvent
from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems, value_problems
from skyloom.core.identity import Digest, Json, NodeId, RunId, new_run_id
from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter, ParameterRef, parse_text
from skyloom.core.plan import plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.repair import Repair
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.serialize import graph_digest
from skyloom.core.service import ServiceColumn
from skyloom.core.state import State, is_terminal, run_state
from skyloom.core.task import Limits
from skyloom.core.workspace_api import AS_IT_WAS, ReuseNote, Submission
from skyloom.data.column_type import ColumnAttributes
from skyloom.modules.catalogue import ModuleCatalogue
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.datastores import Datastores
from skyloom.stores.memory import MemoryDatasets, MemoryExperiments, MemoryRunRecords
from skyloom.stores.memory_access import MemoryFacts, MemorySessions, MemoryTokens
from skyloom.stores.memory_audit import MemoryAudit
from skyloom.stores.memory_blobs import MemoryBatchJobs, MemoryBlobs
from skyloom.stores.memory_documents import MemoryDocuments
from skyloom.stores.memory_endpoints import MemoryEndpoints
from skyloom.workspace.access import Access
from skyloom.workspace.audit_trail import AuditTrail
from skyloom.workspace.batch import Batch
from skyloom.workspace.blob_store import BlobStore
from skyloom.workspace.classic_datasets import ClassicDatasets
from skyloom.workspace.compute_desk import ComputeDesk
from skyloom.workspace.diagnostics import Diagnostics
from skyloom.workspace.languages import Languages
from skyloom.workspace.pipelines import Pipelines
from skyloom.workspace.schedules import Schedules
from skyloom.workspace.store_desk import StoreDesk
from skyloom.workspace.usage_book import UsageBook
from skyloom.workspace.web_services import WebServices
from tests.server.memory_keeping import MemoryEnvironments, MemoryStorage
from tests.server.memory_language import EchoServer
from tests.server.memory_runner import MemoryRunner
from tests.server.memory_tables import MemoryTables

SCRIPT = ModuleSpec(
    "Execute Python Script",
    "1",
    "Python Language Modules",
    ScriptEntry("python"),
    (
        InputPort("Dataset1", required=False),
        InputPort("Dataset2", required=False),
        InputPort("Script Bundle", ("Zip",), required=False),
    ),
    (OutputPort("Result Dataset"), OutputPort("Result Dataset2")),
    (Parameter("Python Script", "script", ""), Parameter("Seconds", "int", 0)),
    family="cdb56f957f4c404dbde75bb972e6f232",
    doc="Runs a script.",
)
WALK = (State.QUEUED, State.PREPARING, State.RUNNING)


@dataclass
class _Live:
    """A run and what it needs while it goes on."""

    run: Run
    graph: Graph
    submission: Submission
    events: list[RunEvent] = field(default_factory=list)
    canceled: threading.Event = field(default_factory=threading.Event)


class MemoryWorkspace:
    """Implements WorkspaceApi, and what an agent needs beside it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.catalogue = ModuleCatalogue((SCRIPT,))
        sessions = MemorySessions()
        self.facts = MemoryFacts()
        stores = Datastores(home)
        self.pipelines = Pipelines(
            home, MemoryRunRecords(MemoryDatasets()), ArtifactsFolder(home / "folders"), stores
        )
        self.publishing = Schedules(
            MemoryDocuments(),
            MemoryRunRecords(MemoryDatasets()),
            lambda submission: self._checked(submission)[0],
            self.submit,
            lambda run, notes: notes,
            listing=self.pipelines.marks,
        )
        self.services = MemoryRunner()
        self.kept_datasets = MemoryDatasets()
        self.web_services = WebServices(
            MemoryEndpoints(),
            self.services,
            MemoryRunRecords(self.kept_datasets),
            self.kept_datasets,
            lambda submission: self._checked(submission)[0],
        )
        self.blobs = BlobStore(MemoryBlobs(), self.facts, self.upload, home / "blocks")
        (home / "uploads").mkdir(parents=True, exist_ok=True)
        self.classic_datasets = ClassicDatasets(
            self.kept_datasets, self.blobs, self.upload, lambda artifact: {}, home / "uploads"
        )
        self.batch = Batch(MemoryBatchJobs(), self.blobs, self.web_services, self, lambda: self.catalogue)
        self.usage = UsageBook(MemoryDocuments())
        self.storage = MemoryStorage()
        self.environments = MemoryEnvironments()
        facts, change_facts = self.pipelines.facts, self.pipelines.change_facts
        self.stores = StoreDesk(stores, facts, change_facts)
        self.computes = ComputeDesk(facts, change_facts, self.pipelines.pools.status)
        self.access = Access(MemoryTokens(sessions), sessions, home / "agent" / "token")
        self.closed_with: float | None = None
        self.diagnostics = Diagnostics(
            self.blobs, lambda: self.facts.keep("workspace id", secrets.token_hex(16))
        )
        self.audit = AuditTrail(MemoryAudit(), home)
        self.languages = Languages(EchoServer)
        self.typed: dict[str, tuple[ServiceColumn, ...]] = {}  # columns that an upload came with
        self._changed = threading.Condition()
        self._runs: dict[RunId, _Live] = {}
        self._keys: dict[str, RunId] = {}
        self._datasets: dict[str, list[Dataset]] = {}
        self._results: dict[str, NodeRun] = {}
        self._experiments = MemoryExperiments()
        (home / "artifacts").mkdir(parents=True, exist_ok=True)

    # --- life ---------------------------------------------------------------------------------------

    def delete_run(self, run: RunId) -> None:
        if not is_terminal(self.run(run).state):
            raise ProblemError(Problem("R002", "The run has not ended yet.", run, ""))
        del self._runs[run]

    def lay_out_step(self, run: RunId, step: str, folder: str) -> dict[str, Json]:
        raise ProblemError(Problem("P220", "A workspace in memory has no steps.", step, ""))

    def is_idle(self) -> bool:
        return all(is_terminal(live.run.state) for live in self._runs.values())

    def close(self, grace_s: float = 0.0) -> None:
        self.closed_with = grace_s
        until = time.monotonic() + grace_s
        while not self.is_idle() and time.monotonic() < until:
            time.sleep(0.01)

    # --- runs ---------------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> RunId:
        with self._changed:
            if submission.idempotency_key in self._keys:
                run = self._keys[submission.idempotency_key]
                if self._runs[run].submission != submission:
                    raise ProblemError(Problem("R018", "The key was used for another submission.", "", ""))
                return run
            graph, name = self._checked(submission)
            return self._accept(submission, graph, submission.experiment or name or "Untitled")

    def _accept(self, submission: Submission, graph: Graph, experiment: str) -> RunId:
        run = new_run_id()
        plan = plan_run(graph, submission.values, submission.options.selection)
        nodes = tuple(NodeRun(run, node) for node in plan.order)
        live = _Live(
            Run(
                run,
                experiment,
                graph_digest(graph),
                dict(submission.values),
                submission.origin,
                submission.options,
                created_at=_now(),
                nodes=nodes,
            ),
            graph,
            submission,
        )
        self._runs[run] = live
        if submission.idempotency_key:
            self._keys[submission.idempotency_key] = run
        self._tell(live, "submitted", None, {})
        threading.Thread(target=self._drive, args=(live,), daemon=True).start()
        return run

    def _checked(self, submission: Submission) -> tuple[Graph, str]:
        graph, view = graph_from_document(submission.document, self.catalogue)
        nodes = {node.id: node for node in graph.nodes}
        for place, value in submission.settings.items():
            name, _, key = place.partition(".")
            node = nodes.get(NodeId(name))
            assert isinstance(node, ModuleNode), place
            parameter = graph.spec(node).parameter(key)
            assert parameter is not None and isinstance(value, str)
            typed = parse_text(parameter, value)
            nodes[node.id] = replace(node, values={**node.values, key: typed})
        graph = replace(graph, nodes=tuple(nodes.values()))
        faults = [*graph_problems(graph), *value_problems(graph, submission.values)]
        for data in graph.nodes:
            if isinstance(data, DataNode) and isinstance(data.data, DataReference):
                assert data.data.datastore == ARTIFACT_STORE
                assert os.path.exists(self._path(Digest(data.data.path)))
        if faults:
            raise ProblemError(faults)
        return graph, view.name

    def validate(self, document: Json) -> Sequence[Problem]:
        try:
            self._checked(Submission(document))
        except ProblemError as error:
            return error.problems
        return ()

    def run(self, run: RunId) -> Run:
        return self._found(run).run

    def runs(
        self,
        limit: int = 50,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        properties: Mapping[str, str | None] | None = None,
    ) -> list[RunSummary]:
        """Nothing is written on these runs, so none has a tag."""
        if tags or properties:
            return []
        newest = sorted((live.run for live in self._runs.values()), key=lambda run: run.id, reverse=True)
        chosen = [
            run
            for run in newest
            if (before is None or run.id < before) and experiment in (None, run.experiment)
        ]
        return [
            RunSummary(
                run.id,
                run.experiment,
                run.state,
                run.origin,
                run.created_at,
                run.ended_at,
                len(run.nodes),
                run.cancel_requested,
                {"accuracy": float("nan")},
            )
            for run in chosen[:limit]
        ]

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]:
        live = self._found(run)
        with self._changed:
            self._changed.wait_for(lambda: len(live.events) > after, wait_s)
            return live.events[after:]

    def report(self, run: RunId, export: bool = False) -> dict[str, Json]:
        found = self.run(run)
        return {
            "run": found.id,
            "experiment": found.experiment,
            "state": found.state.value,
            "nodes": {node.node: self._node_report(node) for node in found.nodes},
        }

    def _node_report(self, node: NodeRun) -> dict[str, Json]:
        folder = self._folder(node.reused_from or node.run, node.node)
        images: list[Json] = [str(path) for path in sorted(folder.glob("*.png"))]
        return {
            "run": node.run,
            "state": node.state.value,
            "reason": node.reason,
            "isolation": node.isolation,
            "problem": {**node.problem.as_json()} if node.problem else None,
            "outputs": {port: str(self._path(kept.digest)) for port, kept in node.outputs.items()},
            "images": images,
            "stdout": str(folder / "stdout.txt"),
            "stderr": str(folder / "stderr.txt"),
            "metrics": {name: value for name, value in node.metrics},
            "timings_ms": dict(node.timings_ms),
        }

    def cancel(self, run: RunId) -> bool:
        live = self._found(run)
        with self._changed:
            if is_terminal(live.run.state):
                return False
            live.run = replace(live.run, cancel_requested=True)
            self._tell(live, "cancel", None, {})
            live.canceled.set()
            return True

    def resume(self, run: RunId, repair: Repair = AS_IT_WAS) -> RunId:
        live = self._found(run)
        graph, values = self.pipelines.repairs.repaired(live.graph, live.run.values, repair)
        options = replace(live.run.options, resumes=run, regenerate=False)
        with self._changed:
            submission = replace(live.submission, options=options, values=values, idempotency_key=None)
            return self._accept(submission, graph, live.run.experiment)

    def why(self, run: RunId) -> list[ReuseNote]:
        return [
            ReuseNote(node.node, node.reused_from is not None, node.reused_from, (node.reuse or "it is new",))
            for node in self.run(run).nodes
        ]

    def log(self, run: RunId, node: str, stream: str = "stdout", offset: int = 0) -> bytes:
        found = self.run(run).node(node)
        if found is None:
            raise ProblemError(Problem("R003", f"The run has no node '{node}'.", run, ""))
        path = self._folder(found.reused_from or run, node) / f"{stream}.txt"
        return path.read_bytes()[offset:] if path.exists() else b""

    # --- datasets and files -------------------------------------------------------------------------

    def upload(
        self, content: BinaryIO, name: str, type: str | None = None, limits: Limits | None = None
    ) -> Artifact:
        data = content.read()
        if name.endswith(".zip") and not data.startswith(b"PK"):
            raise ProblemError(Problem("D100", f"'{name}' is not a zip file.", name, "Zip it again."))
        kind = type or ("Dataset" if name.endswith(".csv") else "Zip" if name.endswith(".zip") else "File")
        return self._keep(data, name, kind)

    def upload_typed(self, content: BinaryIO, name: str, columns: Sequence[ServiceColumn]) -> Artifact:
        self.typed[name] = tuple(columns)
        return self.upload(content, name)

    def register_dataset(self, name: str, artifact: Artifact, description: str = "") -> Dataset:
        if not self._path(artifact.digest).is_file():
            raise ProblemError(Problem("W260", "No such content is stored.", "artifact.digest", ""))
        versions = self._datasets.setdefault(name, [])
        if versions and (versions[-1].artifact.digest, versions[-1].description) == (
            artifact.digest,
            description,
        ):
            return versions[-1]
        dataset = Dataset(name, len(versions) + 1, artifact, _now(), description, {"rows": 1, "columns": 1})
        versions.append(dataset)
        return dataset

    def datasets(self) -> list[Dataset]:
        return [versions[-1] for versions in self._datasets.values() if versions]

    def dataset(self, name: str, version: int = 0) -> Dataset:
        versions = self._datasets.get(name) or []
        if not versions or version > len(versions):
            raise ProblemError(Problem("D060", f"There is no dataset '{name}'.", name, "See the list."))
        return versions[version - 1]

    def delete_dataset(self, name: str, version: int = 0) -> int:
        self.dataset(name, version)
        return len(self._datasets.pop(name))

    def profile(self, artifact: Artifact) -> dict[str, Json]:
        return {
            "data": {"features": [{"name": "a", "elementType": "Double"}]},
            "statistics": {"features": [{"name": "Mean", "index": 0}], "records": [[float("nan")]]},
        }

    def download(self, artifact: Artifact, format: str) -> str:
        if format not in ("csv", "raw", "parquet", "tsv", "arff"):
            raise ProblemError(Problem("D062", f"There is no format '{format}'.", "format", ""))
        if not self._path(artifact.digest).exists():
            raise ProblemError(Problem("R011", "The content is gone.", artifact.digest, ""))
        return str(self._path(artifact.digest))

    @property
    def tables(self) -> MemoryTables:
        return MemoryTables(self._path)

    @property
    def experiment_records(self) -> MemoryExperiments:
        return self._experiments

    def columns(self, artifact: Artifact) -> tuple[ColumnAttributes, ...]:
        head = self._path(artifact.digest).read_text().partition("\n")[0]
        return tuple(ColumnAttributes(name, "Integer") for name in head.split(","))

    def modules(self) -> list[ModuleSpec]:
        return list(self.catalogue.specs)

    def doctor(self) -> dict[str, Json]:
        if (self.home / "broken").exists():
            raise ZeroDivisionError("a fault with a secret: tiger")
        return {
            "isolation": "none",
            "levels": [{"name": "none", "proven": True}],
            "warnings": ["It is a test."],
        }

    # --- carrying out -------------------------------------------------------------------------------

    def _drive(self, live: _Live) -> None:
        self._move_run(live, *WALK)
        outputs: dict[NodeId, Mapping[str, Artifact]] = {}
        for node in live.run.nodes:
            if live.canceled.is_set():
                self._move(live, node.node, State.CANCELED)
            elif any(
                before is not None and before.state is not State.COMPLETED
                for before in (live.run.node(name) for name in live.graph.predecessors()[node.node])
            ):
                self._move(live, node.node, State.SKIPPED)
            else:
                outputs[node.node] = self._carry_out(live, node.node, outputs)
        last = run_state((node.state for node in live.run.nodes), live.canceled.is_set())
        self._move_run(live, *((State.FINALIZING, last) if last is State.COMPLETED else (last,)))

    def _carry_out(
        self, live: _Live, name: NodeId, outputs: Mapping[NodeId, Mapping[str, Artifact]]
    ) -> Mapping[str, Artifact]:
        node = live.graph.node(name)
        assert isinstance(node, ModuleNode)
        script = node.values.get("Python Script", "")
        if isinstance(script, ParameterRef):
            script = live.run.values[script.name]
        files = [
            str(self._source(live.graph, outputs, edge.source.node, edge.source.port))
            for edge in live.graph.edges
            if edge.target.node == name
        ]
        key = repr((script, files, node.module, node.values))
        earlier = self._results.get(key)
        if earlier is not None and not live.run.options.regenerate:
            self._move(
                live,
                name,
                State.COMPLETED,
                reused_from=earlier.run,
                outputs=earlier.outputs,
                reuse="everything is as it was",
            )
            return earlier.outputs
        self._move(live, name, *WALK, isolation="none")
        began = time.monotonic()
        reason, made = self._execute(live, name, str(script), files)
        timings = {"total": (time.monotonic() - began) * 1000, "script": 1.0}
        if reason == "canceled":
            self._move(live, name, State.CANCELED, reason=reason, timings_ms=timings)
        elif reason:
            problem = Problem(
                "S001", "ValueError: no", f"{name}", "", 'File "script.py", line 1\nValueError: no'
            )
            self._move(live, name, State.FAILED, reason=reason, problem=problem, timings_ms=timings)
        else:
            metrics = (("accuracy", 0.5), ("loss", float("nan")))
            self._move(
                live,
                name,
                State.FINALIZING,
                State.COMPLETED,
                outputs=made,
                timings_ms=timings,
                metrics=metrics,
            )
            found = live.run.node(name)
            assert found is not None
            self._results[key] = found
        return made

    def _execute(
        self, live: _Live, name: NodeId, script: str, files: list[str]
    ) -> tuple[str | None, dict[str, Artifact]]:
        folder = self._folder(live.run.id, name)
        folder.mkdir(parents=True)
        limit = live.run.options.limits.timeout_s
        until = time.monotonic() + limit if limit else None
        with open(folder / "stdout.txt", "wb") as out, open(folder / "stderr.txt", "wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-u", "-c", script, *files], cwd=folder, stdout=out, stderr=err
            )
            while process.poll() is None:
                late = until is not None and time.monotonic() > until
                if late or live.canceled.is_set():
                    process.kill()
                    process.wait()
                    return ("timeout" if late else "canceled"), {}
                time.sleep(0.01)
        if process.returncode:
            return "script_error", {}
        result = folder / "result.csv"
        node = live.graph.node(name)
        assert isinstance(node, ModuleNode)
        port = live.graph.spec(node).outputs[0]
        return None, (
            {port.name: self._keep(result.read_bytes(), port.name, port.type)} if result.exists() else {}
        )

    def _source(
        self, graph: Graph, outputs: Mapping[NodeId, Mapping[str, Artifact]], node: NodeId, port: str
    ) -> Path:
        found = graph.node(node)
        if isinstance(found, DataNode):
            match found.data:
                case DataReference(_, path):
                    return self._path(Digest(path))
                case DatasetVersion(name, version):
                    return self._path(self.dataset(name, version).artifact.digest)
        return self._path(outputs[node][port].digest)

    def _move(self, live: _Live, name: NodeId, *path: State, **facts: object) -> None:
        with self._changed:
            nodes = tuple(
                replace(node, state=path[-1], **facts) if node.node == name else node  # type: ignore[arg-type]
                for node in live.run.nodes
            )
            live.run = replace(live.run, nodes=nodes)
            for state in path:
                self._tell(live, "state", name, {"state": state.value})

    def _move_run(self, live: _Live, *path: State) -> None:
        with self._changed:
            live.run = replace(live.run, state=path[-1], ended_at=_now() if is_terminal(path[-1]) else None)
            for state in path:
                self._tell(live, "state", None, {"state": state.value})

    def _tell(self, live: _Live, kind: EventKind, node: NodeId | None, body: Mapping[str, Json]) -> None:
        live.events.append(RunEvent(live.run.id, len(live.events) + 1, _now(), kind, node, body))
        self._changed.notify_all()

    def _found(self, run: RunId) -> _Live:
        if run not in self._runs:
            raise ProblemError(Problem("R001", f"There is no run '{run}'.", run, "See 'skyloom runs list'."))
        return self._runs[run]

    def _keep(self, data: bytes, name: str, kind: str) -> Artifact:
        digest = Digest("sha256:" + hashlib.sha256(data).hexdigest())
        self._path(digest).write_bytes(data)
        return Artifact(digest, name, kind, "file", "application/octet-stream", len(data))

    def _path(self, digest: Digest) -> Path:
        return self.home / "artifacts" / digest.replace(":", "-")

    def _folder(self, run: RunId, node: str) -> Path:
        return self.home / "runs" / run / hashlib.sha256(node.encode()).hexdigest()[:8]


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
