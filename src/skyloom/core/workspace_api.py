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
from skyloom.core.run import Origin, Run, RunOptions, RunSummary
from skyloom.core.task import Limits


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

    def run(self, run: RunId) -> Run: ...

    def runs(
        self, limit: int = 50, before: RunId | None = None, experiment: str | None = None
    ) -> list[RunSummary]: ...

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]:
        """Events behind ``after``; waits up to ``wait_s`` for the first of them."""

    def report(self, run: RunId, export: bool = False) -> dict[str, Json]:
        """What became of every node, with paths on this machine; ``export`` makes Parquet of each table."""

    def cancel(self, run: RunId) -> bool:
        """Whether the run had not ended."""

    def resume(self, run: RunId) -> RunId:
        """A new run of the same graph and values that reuses all that completed."""

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
