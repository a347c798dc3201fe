"""WorkspaceApi: everything a face can ask of a workspace, near or far.

``workspace/local.py`` carries it out; ``client/http.py`` asks an agent to. Graphs come as documents
(graph_file.py), so that a client needs no catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from skyloom.core.artifact import Artifact
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.identity import Json, RunId
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem
from skyloom.core.repair import Repair
from skyloom.core.run import Origin, Run, RunOptions, RunSummary
from skyloom.core.run_notes import RunNotes
from skyloom.core.task import Limits

AS_IT_WAS = Repair()


@dataclass(frozen=True)
class Submission:
    """A graph document and how to run it."""

    document: Json
    experiment: str = ""  # default: the document's name
    values: Mapping[str, Json] = field(default_factory=dict)  # graph parameters
    settings: Mapping[str, Json] = field(default_factory=dict)  # "NODE.PARAM" -> value, as typed or as JSON
    options: RunOptions = RunOptions()
    origin: Origin = "cli"
    idempotency_key: str | None = None
    notes: RunNotes = RunNotes()  # written on the run before it starts
    run: RunId | None = None  # an id that was given out before (new_run_id); default: a new one


@dataclass(frozen=True)
class ReuseNote:
    """Why a node's earlier result was or was not taken over."""

    node: str
    reused: bool
    from_run: str | None
    reasons: tuple[str, ...]


class WorkspaceApi(Protocol):
    """The use cases. Every method may raise ProblemError; ids that lead nowhere give R001 or D060."""

    def submit(self, submission: Submission) -> RunId:
        """Accept a run; it is durable when this returns."""

    def validate(self, document: Json) -> Sequence[Problem]: ...

    def run(self, run: RunId) -> Run:
        """By its own id, or by that of one of its steps (step_run_id)."""

    def runs(
        self,
        limit: int = 50,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        properties: Mapping[str, str | None] | None = None,
    ) -> list[RunSummary]:
        """Newest first; with all of these tags and properties (None: whatever the value)."""

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]:
        """Events behind ``after``; waits up to ``wait_s`` for the first of them."""

    def report(self, run: RunId, export: bool = False) -> dict[str, Json]:
        """What became of every node, with paths on this machine; ``export`` makes Parquet of each table."""

    def cancel(self, run: RunId) -> bool:
        """Whether the run had not ended."""

    def delete_run(self, run: RunId) -> None:
        """Forget a run that has ended, with its logs (R002)."""

    def resume(self, run: RunId, repair: Repair = AS_IT_WAS) -> RunId:
        """A new run of the same graph and values, with what ``repair`` changes; it reuses what completed.

        W360, W361, P203 and codes G tell of changes that cannot be taken over.
        """

    def why(self, run: RunId) -> list[ReuseNote]: ...

    def log(self, run: RunId, node: str, stream: str = "stdout", offset: int = 0) -> bytes:
        """Bytes of the stream behind ``offset``, also while the node runs."""

    def upload(
        self, content: BinaryIO, name: str, type: str | None = None, limits: Limits | None = None
    ) -> Artifact:
        """Keep a file. A table format becomes a Dataset, read in the sandbox, unless ``type`` says else."""

    def register_dataset(self, name: str, artifact: Artifact, description: str = "") -> Dataset: ...

    def datasets(self) -> list[Dataset]: ...

    def dataset(self, name: str, version: int = 0) -> Dataset: ...

    def delete_dataset(self, name: str, version: int = 0) -> int: ...

    def profile(self, artifact: Artifact) -> dict[str, Json]:
        """Sample, statistics and histograms of a table (studio.md 3.2)."""

    def download(self, artifact: Artifact, format: str) -> str:
        """Path of a file with the content in csv, tsv, arff, svmlight, parquet, or as it is (raw)."""

    def modules(self) -> list[ModuleSpec]: ...

    def doctor(self) -> dict[str, Json]:
        """What this machine can do: isolation proven, versions, environments, warnings."""
