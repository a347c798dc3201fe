"""What the engine needs from the world: Protocols of a handful of methods each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from skyloom.core.artifact import Artifact, Role
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, NodeId, RunId
from skyloom.core.module import ModuleSpec
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.state import State
from skyloom.core.task import Outcome, Produced, Staged, Task


class StaleError(Exception):
    """A change came from somebody who no longer owns the run, or from a state that has moved on."""


@dataclass(frozen=True)
class NodeChange:
    """A node's way from ``expects`` through every state of ``path``; ``now`` is the node run afterwards.

    An empty path with ``new_attempt`` begins a new attempt in state created.
    """

    now: NodeRun
    expects: State
    path: tuple[State, ...]
    new_attempt: bool = False


@dataclass(frozen=True)
class RunChange:
    """The run's own way from ``expects`` through every state of ``path``."""

    expects: State
    path: tuple[State, ...]


@dataclass(frozen=True)
class Claim:
    """The right to drive a run, until the lease runs out or a higher fence is given away."""

    run: RunId
    fence: int


class RunRecords(Protocol):
    """Runs, their events, graphs. Every method that writes is one durable transaction."""

    def create(self, run: Run, graph: Graph, idempotency_key: str | None = None) -> RunId:
        """Accept a run with all its nodes in state created; the event 'submitted' is its first.

        A key that was used before gives the run made then and writes nothing.
        """

    def load(self, run: RunId) -> Run | None: ...

    def graph(self, digest: Digest) -> Graph | None: ...

    def newest(
        self, limit: int, before: RunId | None = None, experiment: str | None = None
    ) -> list[RunSummary]:
        """Newest first; ``before`` is the last id of the page above."""

    def events(self, run: RunId, after: int = 0, limit: int = 1000) -> list[RunEvent]: ...

    def change(self, claim: Claim, changes: Sequence[NodeChange], run: RunChange | None = None) -> None:
        """All of it or nothing.

        Raises
        ------
        StaleError
            The fence was outrun, or a state was not the expected one.
        """

    def request_cancel(self, run: RunId) -> bool:
        """Whether the run exists and had not ended; writes the event 'cancel' once."""

    def reusable(self, fingerprint: Digest) -> NodeRun | None:
        """The newest completed node run with this fingerprint that was really executed."""

    def earlier(self, experiment: str, node: NodeId, before: RunId) -> NodeRun | None:
        """The newest completed node run of the same node in an earlier run of the experiment."""

    def claim(self, agent: str, lease_s: float) -> Claim | None:
        """The oldest run that has not ended and that nobody holds a valid lease on, now ours."""

    def renew(self, agent: str, lease_s: float) -> None: ...

    def release(self, claim: Claim) -> None: ...

    def artifacts_in_use(self) -> set[Digest]:
        """Digest of every artifact that a node run or a dataset names."""


class Datasets(Protocol):
    """Saved datasets: a name and a version for fixed content."""

    def save(self, dataset: Dataset) -> Dataset:
        """Keep the next version of that name; equal content of the newest version gives that version."""

    def find(self, wanted: DatasetVersion) -> Dataset | None: ...

    def all(self) -> list[Dataset]:
        """Newest version of each name, by name."""

    def versions(self, name: str) -> list[Dataset]: ...

    def delete(self, name: str, version: int = 0) -> int:
        """How many versions were removed (0 for version: all)."""


class Artifacts(Protocol):
    """Content-addressed, durable when a method returns (reliability.md 3.4)."""

    def adopt(self, produced: Produced, name: str, inputs: Mapping[Digest, str]) -> Artifact:
        """Check, hash, link and sync what a box produced.

        ``inputs`` are the table files (digest to path) that a table's footer may refer to.

        Raises
        ------
        ProblemError
            What the box wrote is not what it says.
        """

    def add_bytes(self, content: bytes, name: str, type: str, role: Role, media_type: str) -> Artifact: ...

    def add_file(self, path: str, name: str, type: str, role: Role, media_type: str) -> Artifact: ...

    def stage(self, artifact: Artifact) -> Staged:
        """Paths of the content and of every file it refers to.

        Raises
        ------
        ProblemError
            A file is gone or damaged (R011).
        """

    def exists(self, artifact: Artifact) -> bool: ...


class Compute(Protocol):
    """Carries out one task, whatever machine it is on."""

    def execute(
        self, task: Task, *, canceled: threading.Event, on_console: Callable[[str, bytes], None] | None = None
    ) -> Outcome:
        """Blocking; returns within 2 s after ``canceled`` is set, with everything of the task gone."""


@dataclass(frozen=True)
class ResolvedEnvironment:
    """An environment by content: what counts in a fingerprint, known before anything is built."""

    name: str
    digest: Digest
    compatibility: bool
    notices: tuple[str, ...] = ()


class Environments(Protocol):
    """Names and requirements of a node -> one environment."""

    def resolve(self, name: str | None, script: str | None, requirements: str | None) -> ResolvedEnvironment:
        """No network, no building.

        Raises
        ------
        ProblemError
            The environment cannot be had on this machine.
        """

    def is_ready(self, environment: ResolvedEnvironment) -> bool:
        """Whether ``prepare`` has nothing to build."""

    def prepare(self, environment: ResolvedEnvironment, on_line: Callable[[str], None]) -> None:
        """Build it when it is not there yet (network for this only)."""


class Sources(Protocol):
    """Data from outside, fetched before the box starts; a box has no network."""

    def fetch(self, spec: ModuleSpec, values: Mapping[str, Json], folder: str) -> Staged:
        """The content as a file in ``folder``, with its digest.

        Raises
        ------
        ProblemError
            The address is refused or does not answer.
        """


def utc_now() -> str:
    """UTC in ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class World:
    """Everything a run touches."""

    records: RunRecords
    datasets: Datasets
    artifacts: Artifacts
    compute: Compute
    environments: Environments
    sources: Sources
    runs_folder: str  # kept folder of each run: logs and images
    now: Callable[[], str] = utc_now
    announce: Callable[[RunId], None] = field(default=lambda run: None)  # the run has new events
