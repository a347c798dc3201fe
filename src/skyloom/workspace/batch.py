"""Batch: jobs of web services over whole files, carried out as runs (services.md 1.3).

A job's inputs become datasets, the endpoint's graph runs with them in place of its design-time sources, and
what its outputs give is written under the names that the job asked for.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO, Protocol

from skyloom.core.artifact import Artifact
from skyloom.core.blob import (
    DEFAULT_CONTAINER,
    MODEL_ENDINGS,
    TABLE_ENDINGS,
    BatchJob,
    BlobRef,
)
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.endpoint import Endpoint
from skyloom.core.event import RunEvent
from skyloom.core.graph import DataNode, Edge, Graph, PortRef
from skyloom.core.graph_document import document_of
from skyloom.core.graph_file import Catalogue
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json, NodeId, RunId
from skyloom.core.parameter import parse_text
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.service import ServiceColumn
from skyloom.core.state import State, is_terminal
from skyloom.core.workspace_api import Submission
from skyloom.engine.ports import utc_now
from skyloom.engine.web_ports import BatchJobs
from skyloom.workspace.blob_store import BlobStore
from skyloom.workspace.diagnostics import Diagnostics
from skyloom.workspace.web_services import WebServices

SLICE_S = 5.0


class Runs(Protocol):
    """What a batch needs of a workspace."""

    def submit(self, submission: Submission) -> RunId: ...

    def run(self, run: RunId) -> Run: ...

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]: ...

    def cancel(self, run: RunId) -> bool: ...

    def upload_typed(self, content: BinaryIO, name: str, columns: Sequence[ServiceColumn]) -> Artifact: ...

    def download(self, artifact: Artifact, format: str) -> str: ...


class Batch:
    """Batch jobs of all endpoints."""

    def __init__(
        self,
        kept: BatchJobs,
        blobs: BlobStore,
        services: WebServices,
        workspace: Runs,
        catalogue: Callable[[], Catalogue],
        diagnostics: Diagnostics | None = None,
    ) -> None:
        self._kept = kept
        self._blobs = blobs
        self._services = services
        self._workspace = workspace
        self._catalogue = catalogue
        self._diagnostics = diagnostics
        self._settling = threading.Lock()
        self._live: set[str] = set()  # jobs that a thread of this process carries out

    def create(
        self,
        endpoint: Endpoint,
        inputs: Mapping[str, BlobRef],
        outputs: Mapping[str, BlobRef],
        parameters: Mapping[str, Json],
    ) -> BatchJob:
        """A job that is not started.

        Raises
        ------
        ProblemError
            W142, W143, W146, W147, W223, W227, W228: what the request names does not fit the endpoint.
        """
        graph = endpoint.graph
        faults = [
            *_input_faults(graph, inputs),
            *_output_faults(graph, outputs),
            *_parameter_faults(graph, parameters),
        ]
        if faults:
            raise ProblemError(faults)
        job = BatchJob(secrets.token_hex(16), endpoint.id, utc_now(), inputs, outputs, parameters)
        self._kept.add(job)
        return job

    def find(self, endpoint: str, job: str) -> BatchJob:
        """The job as it stands now; one whose run has ended is settled first. W140 where there is none."""
        found = self._kept.find(job)
        if found is None or found.endpoint != endpoint:
            raise ProblemError(Problem("W140", f"There is no job '{job}'.", job, "Submit one first."))
        if found.status == "Running" and found.run is None and found.id not in self._live:
            self._begin(found)  # the agent that began it died before it had submitted the run
        return self._settled(found) if found.status == "Running" else found

    def all(self, endpoint: str, most: int = 50) -> list[BatchJob]:
        """The newest jobs of an endpoint as they stand now, the newest first."""
        jobs = self._kept.of_endpoint(endpoint)[:most]
        return [self.find(endpoint, job.id) if job.status == "Running" else job for job in jobs]

    def start(self, endpoint: str, job: str) -> BatchJob:
        """Begin; W141 when it was begun before."""
        found = self.find(endpoint, job)
        running = replace(found, status="Running")
        if found.status != "NotStarted" or not self._kept.change(running, "NotStarted"):
            raise ProblemError(
                Problem("W141", f"The job '{job}' was started already ({found.status}).", job, "")
            )
        self._begin(running)
        return running

    def cancel(self, endpoint: str, job: str) -> BatchJob:
        """End it if it goes on; harmless afterwards."""
        found = self.find(endpoint, job)
        if found.is_over:
            return found
        canceled = replace(found, status="Cancelled")
        if self._kept.change(canceled, found.status):
            if found.run:
                self._workspace.cancel(RunId(found.run))
            return canceled
        return self.find(endpoint, job)

    # --- one job ----------------------------------------------------------------------------------------

    def _begin(self, job: BatchJob) -> None:
        self._live.add(job.id)
        name = f"batch-{job.id[:8]}"
        threading.Thread(target=self._carry_out, args=(job,), name=name, daemon=True).start()

    def _carry_out(self, job: BatchJob) -> None:
        try:
            run = self._submit(self._services.endpoint_by_id(job.endpoint), job)
            job = replace(job, run=run)
            if not self._kept.change(job, "Running"):
                self._workspace.cancel(run)  # canceled before its run began
                return
            after = 0
            while not is_terminal(self._workspace.run(run).state):
                for event in self._workspace.events(run, after, SLICE_S):
                    after = event.sequence
            self._settled(job)
        except ProblemError as error:
            self._fail(job, error.problem)
        except Exception as error:  # nobody waits for this thread: the job has to say it
            self._fail(job, Problem("X001", f"The job met a fault of Skyloom's own: {error!r:.300}", "", ""))
        finally:
            self._live.discard(job.id)

    def _submit(self, endpoint: Endpoint, job: BatchJob) -> RunId:
        graph = endpoint.graph
        data = {name: self._dataset(ref, endpoint.inputs.get(name)) for name, ref in job.inputs.items()}
        graph = _with_inputs(graph, data)
        known = {parameter.name: parameter for parameter in graph.parameters}
        values: dict[str, Json] = {
            name: parse_text(known[name], value) if isinstance(value, str) else value
            for name, value in job.parameters.items()
        }
        name = self._services.service(endpoint.service).name
        view = GraphView(f"{name} (batch)")
        document: Json = document_of(graph, view, self._catalogue())
        return self._workspace.submit(Submission(document, values=values, idempotency_key=f"batch-{job.id}"))

    def _dataset(self, ref: BlobRef, columns: Sequence[ServiceColumn] | None) -> Artifact:
        """The blob as a table, of the types that the endpoint's input has where it knows its columns."""
        blob = self._blobs.find(ref)
        path = self._workspace.download(blob.artifact, "raw")
        with open(path, "rb") as content:
            return self._workspace.upload_typed(content, ref.name.rpartition("/")[2], columns or ())

    def _settled(self, job: BatchJob) -> BatchJob:
        """The job with what its run has become, its outputs written; as it is while the run goes on."""
        with self._settling:
            now = self._kept.find(job.id) or job
            if now.status != "Running" or now.run is None:
                return now
            run = self._workspace.run(RunId(now.run))
            if not is_terminal(run.state):
                return now
            if run.state is State.COMPLETED:
                try:
                    ended = replace(now, status="Finished", outputs=self._written(now, run))
                except ProblemError as error:
                    ended = replace(now, status="Failed", details=_details(now, error.problem))
            elif run.state is State.CANCELED:
                ended = replace(now, status="Cancelled")
            else:
                ended = replace(now, status="Failed", details=_details(now, _fault_of(run)))
            if self._kept.change(ended, "Running"):
                self._trace(ended)
                return ended
            return self._kept.find(job.id) or ended

    def _written(self, job: BatchJob, run: Run) -> dict[str, BlobRef]:
        graph = self._services.endpoint_by_id(job.endpoint).graph
        written: dict[str, BlobRef] = {}
        for output in graph.outputs:
            node = run.node(output.source.node)
            artifact = node.outputs.get(output.source.port) if node else None
            if artifact is None:
                raise ProblemError(Problem("W147", f"The run gave nothing for '{output.name}'.", output.name))
            ref = job.outputs.get(output.name) or _own_name(job, output.name, artifact)
            if artifact.type == "Dataset":
                with open(self._workspace.download(artifact, ref.ending), "rb") as content:
                    self._blobs.put(ref, content, "text/plain")
            else:
                self._blobs.put_artifact(ref, artifact)
            written[output.name] = ref
        return written

    def _trace(self, job: BatchJob) -> None:
        if self._diagnostics is not None:
            with suppress(ProblemError):  # its endpoint may be gone by now
                endpoint = self._services.endpoint_by_id(job.endpoint)
                told: dict[str, Json] = {"status": job.status, "run": job.run}
                self._diagnostics.note(endpoint, "batch", job.status != "Finished", told, job.id)

    def _fail(self, job: BatchJob, problem: Problem) -> None:
        now = self._kept.find(job.id)
        if now is not None and now.status == "Running":
            failed = replace(now, status="Failed", details=_details(now, problem))
            if self._kept.change(failed, "Running"):
                self._trace(failed)


def _with_inputs(graph: Graph, data: Mapping[str, Artifact]) -> Graph:
    """The graph with the inputs' content in place of what its ports were linked to."""
    nodes, edges = list(graph.nodes), list(graph.edges)
    for port in graph.inputs:
        artifact = data[port.name]
        name = NodeId(f"input-{port.name}")
        while any(node.id == name for node in nodes):
            name = NodeId(f"{name}-")
        nodes.append(DataNode(name, DataReference(ARTIFACT_STORE, artifact.digest), artifact.type, port.name))
        edges = [edge for edge in edges if edge.target not in port.targets]
        edges += [Edge(PortRef(name, "data"), target) for target in port.targets]
    return replace(graph, nodes=tuple(nodes), edges=tuple(edges), inputs=())


def _input_faults(graph: Graph, inputs: Mapping[str, BlobRef]) -> list[Problem]:
    names = [port.name for port in graph.inputs]
    faults = [
        Problem("W146", f"The input '{name}' is missing.", name, "Name a blob for it.")
        for name in names
        if name not in inputs
    ]
    for name, ref in inputs.items():
        if name not in names:
            faults.append(
                Problem("W223", f"There is no input '{name}'.", name, f"There are: {', '.join(names)}.")
            )
        elif ref.ending not in TABLE_ENDINGS:
            faults.append(
                Problem(
                    "W143", f"'{ref.path}' does not end in .csv, .tsv or .arff.", name, "Rename the blob."
                )
            )
    return faults


def _output_faults(graph: Graph, outputs: Mapping[str, BlobRef]) -> list[Problem]:
    faults: list[Problem] = []
    known = {port.name: port for port in graph.outputs}
    for name, ref in outputs.items():
        if name not in known:
            names = ", ".join(known)
            faults.append(Problem("W147", f"There is no output '{name}'.", name, f"There are: {names}."))
            continue
        kind = _type_of(graph, known[name].source)
        wanted = [ending for ending, of in MODEL_ENDINGS.items() if of == kind] or list(TABLE_ENDINGS)
        if ref.ending not in wanted:
            faults.append(
                Problem("W143", f"'{ref.path}' must end in .{' or .'.join(wanted)}.", name, "Rename it.")
            )
    return faults


def _parameter_faults(graph: Graph, parameters: Mapping[str, Json]) -> list[Problem]:
    known = {parameter.name: parameter for parameter in graph.parameters}
    faults = [
        Problem("W228", f"There is no global parameter '{name}'.", name, f"There are: {', '.join(known)}.")
        for name in parameters
        if name not in known
    ]
    faults += [
        Problem("W227", f"The global parameter '{name}' is missing.", name, "Give it a value.")
        for name, parameter in known.items()
        if parameter.default is None and name not in parameters
    ]
    return faults


def _type_of(graph: Graph, source: PortRef) -> str:
    node = graph.node(source.node)
    if node is None or isinstance(node, DataNode):
        return node.type if node else "Dataset"
    port = graph.spec(node).output(source.port)
    return port.type if port else "Dataset"


def _own_name(job: BatchJob, output: str, artifact: Artifact) -> BlobRef:
    endings = {kind: ending for ending, kind in MODEL_ENDINGS.items()}
    ending = "csv" if artifact.type == "Dataset" else endings.get(artifact.type, "bin")
    return BlobRef(DEFAULT_CONTAINER, f"{job.id}/{output}.{ending}")


def _fault_of(run: Run) -> Problem:
    for node in run.nodes:
        if node.state is State.FAILED and node.problem is not None:
            return replace(node.problem, where=node.problem.where or str(node.node))
    return Problem("R013", "The run did not complete.", run.id, "")


def _details(job: BatchJob, problem: Problem) -> str:
    said = f"{problem}\n{problem.traceback}" if problem.traceback else str(problem)
    return f"requestId = {job.id} errorComponent=Module. taskStatusCode=400. {said}"
