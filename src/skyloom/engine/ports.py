"""What the engine needs from the world: Protocols of a handful of methods each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from skyloom.core.artifact import Artifact, Role
from skyloom.core.data_reference import DEFAULT_DATASTORES, DataReference, DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.experiment import Experiment, ExperimentId
from skyloom.core.folder import Folder
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, NodeId, RunId
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.registry import Entry
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.run_notes import RunNotes
from skyloom.core.service import (
    CallLimits,
    Reply,
    ReplyForm,
    Service,
    ServiceCall,
    ServiceResult,
    ServiceSchema,
)
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


@dataclass(frozen=True)
class Claimant:
    """Who claims runs, and for how long it holds one without renewing."""

    agent: str
    lease_s: float


class RunRecords(Protocol):
    """Runs, their events, graphs. Every method that writes is one durable transaction."""

    def create(self, run: Run, graph: Graph, idempotency_key: str | None = None) -> RunId:
        """Accept a run with all its nodes in state created; the event 'submitted' is its first.

        A key that was used before gives the run made then and writes nothing.
        """

    def create_and_claim(
        self, run: Run, graph: Graph, idempotency_key: str | None, claimant: Claimant
    ) -> tuple[RunId, Claim | None]:
        """``create``, then ``claim``, in one transaction: where an older run is free, that is claimed.

        Nothing is claimed where nothing was written.
        """

    def load(self, run: RunId) -> Run | None: ...

    def graph(self, digest: Digest) -> Graph | None: ...

    def run_of_step(self, step: str) -> RunId | None:
        """The run that has a node with this ``step_run_id``; the same time however many runs there are."""

    def newest(
        self,
        limit: int,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        properties: Mapping[str, str | None] | None = None,
    ) -> list[RunSummary]:
        """Newest first; ``before`` is the last id of the page above.

        A run has all of ``tags`` and ``properties``; None stands for any value of that name.
        """

    def notes(self, run: RunId) -> RunNotes | None:
        """What was written on a run; None when there is no such run."""

    def annotate(self, run: RunId, notes: RunNotes) -> bool:
        """Replace what was written on a run; whether there is such a run."""

    def events(self, run: RunId, after: int = 0, limit: int = 1000) -> list[RunEvent]: ...

    def change(
        self,
        claim: Claim,
        changes: Sequence[NodeChange],
        run: RunChange | None = None,
        may_be_lost: bool = False,
    ) -> int:
        """All of it or nothing; the number of the last event, 0 where none is due.

        What ``may_be_lost`` with the machine's power outlives the agent all the same.

        Raises
        ------
        StaleError
            The fence was outrun, or a state was not the expected one.
        """

    def request_cancel(self, run: RunId) -> bool:
        """Whether the run exists and had not ended; writes the event 'cancel' once."""

    def delete(self, run: RunId) -> bool:
        """Forget a run with its nodes, events and keys; False when there is none, or it has not ended."""

    def reusable(self, fingerprint: Digest) -> NodeRun | None:
        """The newest completed node run with this fingerprint that was really executed."""

    def earlier(self, experiment: str, node: NodeId, before: RunId) -> NodeRun | None:
        """The newest completed node run of the same node in an earlier run of the experiment."""

    def claim(self, claimant: Claimant) -> Claim | None:
        """The oldest run that has not ended and that nobody holds a valid lease on, now ours."""

    def renew(self, claimant: Claimant, runs: Collection[RunId]) -> None:
        """Hold those of the runs that are held for as long again; the others become free in their time."""

    def to_cancel(self, agent: str) -> list[RunId]:
        """Runs that the agent holds and that somebody wants ended."""

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


class ExperimentRecords(Protocol):
    """Experiments: versions that share a history. Every method that writes is one durable transaction."""

    def add(self, experiment: Experiment) -> None:
        """Keep a version with a new id; it is the newest of its history."""

    def change(self, experiment: Experiment, etag: str) -> None:
        """Keep the version in place of the one of the same id.

        Raises
        ------
        StaleError
            The kept version is gone or does not carry ``etag`` any more.
        """

    def find(self, experiment: ExperimentId) -> Experiment | None: ...

    def newest(self, limit: int = 100) -> list[Experiment]:
        """The newest version of each history, without its file; the one changed last first."""

    def named(self, name: str) -> list[Experiment]:
        """The newest version of each history whose newest version has that name, oldest history first."""

    def history(self, history: ExperimentId, limit: int = 1000) -> list[Experiment]:
        """Its versions without their files, newest first."""

    def twins(self, history: ExperimentId) -> list[Experiment]:
        """The newest version of each history that was made of this one."""

    def delete(self, history: ExperimentId) -> int:
        """How many versions were removed."""


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

    def add_folder(self, folder: Folder, name: str) -> Artifact:
        """Keep the list of a folder whose files are stored already; the artifact's type is Folder.

        Raises
        ------
        ProblemError
            R306: a file of it is not stored.
        """

    def stage(self, artifact: Artifact) -> Staged:
        """Paths of the content and of every file it refers to.

        Raises
        ------
        ProblemError
            A file is gone or damaged (R011).
        """

    def exists(self, artifact: Artifact) -> bool: ...


class Datastores(Protocol):
    """Places by name that people and steps put files into; what lies there may change at any time."""

    def has(self, name: str) -> bool:
        """Whether there is a datastore of that name."""

    def stage(self, place: DataReference) -> Staged:
        """What lies at the place, on this machine; nothing there is no fault.

        Raises
        ------
        ProblemError
            R310 there is no such datastore, R311 the path leaves it, P233 it does not answer.
        """

    def content(self, place: DataReference) -> Digest:
        """Of the paths and contents of all files that are at a place now.

        Raises
        ------
        ProblemError
            R310, R311, P233.
        """

    def place(self, place: DataReference, path: str) -> None:
        """Move a file or folder of ours to its place; what was there is replaced.

        Raises
        ------
        ProblemError
            R310, R311.
        """

    def register_output(self, wish: Mapping[str, Json], place: DataReference) -> None:
        """Register what lies at a place as a dataset: ``name``, ``description``, ``tags``, ``definition``.

        Raises
        ------
        ProblemError
            P241, P242.
        """


class NoDatastores:
    """A world without any."""

    def has(self, name: str) -> bool:
        return False

    def stage(self, place: DataReference) -> Staged:
        raise ProblemError(no_datastore(place.datastore))

    def content(self, place: DataReference) -> Digest:
        raise ProblemError(no_datastore(place.datastore))

    def place(self, place: DataReference, path: str) -> None:
        raise ProblemError(no_datastore(place.datastore))

    def register_output(self, wish: Mapping[str, Json], place: DataReference) -> None:
        raise ProblemError(no_datastore(place.datastore))


def no_datastore(name: str) -> Problem:
    """The problem of a name that leads to no datastore."""
    return Problem(
        "R310",
        f"There is no datastore '{name}' in this workspace.",
        name,
        f"Register it, or use one that every workspace has: {', '.join(DEFAULT_DATASTORES)}.",
    )


class Compute(Protocol):
    """Carries out one task, whatever machine it is on."""

    def execute(
        self, task: Task, *, canceled: threading.Event, on_console: Callable[[str, bytes], None] | None = None
    ) -> Outcome:
        """Blocking; returns within 2 s after ``canceled`` is set, with everything of the task gone."""


class RunFolders(Protocol):
    """Tells others of a node's kept folder (logs and images) while it is written, and when it is whole."""

    def opened(self, folder: str) -> None:
        """A node begins to write there."""

    def closed(self, folder: str) -> None:
        """Nothing is written there any more; returns when others can read all of it."""


class OwnRunFolders:
    """A world of one agent: there is nobody to be told."""

    def opened(self, folder: str) -> None: ...

    def closed(self, folder: str) -> None: ...


class Lease(Protocol):
    """A node of a pool, held by one step."""

    is_elsewhere: bool  # on a machine of its own: this one's places for steps do not count

    def begin(self) -> None:
        """The step begins to be carried out."""

    def release(self) -> None:
        """It is over, however it ended."""


class Pools(Protocol):
    """Compute targets that let a number of steps run at a time, over all runs."""

    def take(self, name: str | None, run: RunId, node: NodeId, wake: Callable[[], None]) -> Lease | None:
        """A node; None when none is free: ``wake`` is called, from any thread, when that may have changed.

        Raises
        ------
        LookupError
            The name is no pool: nothing limits the step.
        """


class NoPools:
    """A world whose steps run wherever there is room."""

    def take(self, name: str | None, run: RunId, node: NodeId, wake: Callable[[], None]) -> Lease | None:
        raise LookupError(name)


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

    def with_r(self) -> ResolvedEnvironment:
        """The agent's own environment and the R of this machine.

        Raises
        ------
        ProblemError
            S200 there is no R.
        """

    def is_ready(self, environment: ResolvedEnvironment) -> bool:
        """Whether ``prepare`` has nothing to build."""

    def prepare(self, environment: ResolvedEnvironment, on_line: Callable[[str], None]) -> None:
        """Build it when it is not there yet (network for this only)."""

    def gave_way(self, environment: ResolvedEnvironment) -> tuple[str, ...]:
        """What of the wish was not had as it was asked for, once it is ready."""


class Sources(Protocol):
    """Data from outside, fetched before the box starts; a box has no network."""

    def fetch(self, spec: ModuleSpec, values: Mapping[str, Json], folder: str) -> Staged:
        """The content as a file in ``folder``, with its digest.

        Raises
        ------
        ProblemError
            The address is refused or does not answer.
        """


class Targets(Protocol):
    """Places outside that results are brought to, after the box has ended; a box has no network."""

    def deliver(
        self,
        spec: ModuleSpec,
        values: Mapping[str, Json],
        inputs: Mapping[str, Staged | None],
        outputs: Mapping[str, Staged],
    ) -> None:
        """Write what the module made, or the table it was given, where ``values`` say; all of it or nothing.

        Raises
        ------
        ProblemError
            The place is not allowed, or writing failed.
        """


class NoTargets:
    """A world that nothing is brought out of."""

    def deliver(
        self,
        spec: ModuleSpec,
        values: Mapping[str, Json],
        inputs: Mapping[str, Staged | None],
        outputs: Mapping[str, Staged],
    ) -> None:
        raise ProblemError(
            Problem("D302", f"{spec.name} has nowhere to write to here.", fix="Run it in a workspace.")
        )


class OpenService(Protocol):
    """A service with its workers warm. A call touches neither disk nor database.

    ``answer`` and ``call`` belong to one event loop, that of ``ServiceRunner.attach``; they may be awaited by
    any number of tasks at once. A fault of a call ends that call, perhaps its worker, and never the service.
    """

    @property
    def schema(self) -> ServiceSchema: ...

    @property
    def limits(self) -> CallLimits: ...

    @property
    def calls_under_way(self) -> int:
        """Calls that were admitted and have no answer yet."""

    async def answer(self, body: bytes, form: ReplyForm) -> Reply:
        """A classic request's body (services.md 1.1) to its answer; faults are answers too (1.2)."""

    async def call(self, call: ServiceCall) -> ServiceResult:
        """The same over values.

        Raises
        ------
        ProblemError
            W2.. or what the user's code or a module found wrong; ``core/service_error.py`` says what a
            client is told of it.
        """

    def call_from_thread(self, call: ServiceCall) -> ServiceResult:
        """``call`` for threads other than the loop's; blocking."""

    def close(self) -> None:
        """End the workers; calls under way are answered with W210. From any thread; safe to repeat."""


class ServiceRunner(Protocol):
    """Opens web services."""

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop that calls are made in; without it the runner makes one in a thread of its own."""

    def open(self, service: Service) -> OpenService:
        """Compile the graph, bind what is fixed, start the workers; blocking, not in the event loop.

        Raises
        ------
        ProblemError
            W201 to W209: the graph cannot be a service; C...: no worker can be made.
        """

    def close(self) -> None:
        """Close every service that is open."""


class NoRegistry:
    """A world in which nothing can be registered."""

    def add_entry(
        self, kind: str, name: str, body: Mapping[str, Json], content: Sequence[Digest] = ()
    ) -> Entry:
        what = f"'{name}' cannot be registered: this workspace keeps no {kind}."
        raise ProblemError(Problem("P281", what, kind, "Run it in a workspace of an agent."))


class Registers(Protocol):
    """Takes new versions of named things; the part of core.registry that a run needs."""

    def add_entry(
        self, kind: str, name: str, body: Mapping[str, Json], content: Sequence[Digest] = ()
    ) -> Entry: ...


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
    # a run has new events, up to that number; None: up to one that the teller does not know
    announce: Callable[[RunId, int | None], None] = field(default=lambda *_: None)
    targets: Targets = field(default_factory=NoTargets)
    datastores: Datastores = field(default_factory=NoDatastores)
    registry: Registers = field(default_factory=NoRegistry)
    identity: Callable[[], Mapping[str, str]] = field(default=dict)  # what steps are told of the workspace
    pools: Pools = field(default_factory=NoPools)
    secret: Callable[[str], str] = field(default=lambda name: "")  # of the key vault
    run_folders: RunFolders = field(default_factory=OwnRunFolders)
    keeps_locals: bool = False  # what variables held where a script of a run failed
