"""Task and Outcome: the one message to a compute and the one back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from skyloom.core.identity import Digest, Json, NodeId, RunId
from skyloom.core.module import Entry, PathOf
from skyloom.core.problem import Problem
from skyloom.core.run_notes import Label

LISTING = "Listing"  # type of a Staged that is many files: ``files`` leads from path to path on this machine
DEFINITION = "Definition"  # of a Staged that is a dataset: ``path`` its definition, ``files`` as of a Listing


class Reason(StrEnum):
    """Machine-readable reason why a node did not complete; ``signal:NAME`` is the one open word."""

    SCRIPT_ERROR = "script_error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    DISK = "disk"
    LOG = "log"
    NO_RESULT = "no_result"
    ISOLATION_FAILED = "isolation_failed"
    INTERRUPTED = "interrupted"
    REJECTED = "rejected"
    CANCELED = "canceled"


@dataclass(frozen=True)
class Limits:
    """What one node run may use. ``None`` means no limit of ours."""

    timeout_s: float | None = None
    memory_bytes: int | None = None
    processes: int = 256
    disk_bytes: int = 2 * 1024**3
    log_bytes: int = 10_000_000  # a stream


@dataclass(frozen=True)
class Staged:
    """One input, ready on this machine.

    ``path`` is the artifact's file; for a Dataset ``files`` maps the digest of every further table file
    that its footer refers to, to a path. For a Listing they lead from the place of each file below the
    input's own to where it lies now, and ``path`` is empty.
    """

    type: str
    path: str
    digest: Digest
    name: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """What a CommandEntry's task needs beside the usual. Places are relative to the box's work folder.

    ``inputs`` and ``outputs`` lead from a port to the place where its content lies or is to be written; what
    lies at an input's place is the port's ``Staged``.
    """

    snapshot: Staged
    argv: tuple[str | PathOf, ...]  # parameters are filled in
    variables: Mapping[str, str]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    datasets: Mapping[str, str] = field(default_factory=dict)  # input port -> direct, mount or download
    readings: Mapping[str, str] = field(default_factory=dict)  # input port -> InputPort.reading
    prepared: frozenset[str] = frozenset()  # output ports that are known as datasets
    links: Mapping[str, str] = field(default_factory=dict)  # input port -> the path by which it is to be had
    of_run: Mapping[str, Json] = field(default_factory=dict)  # what the step may ask of its run
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # by name; written down nowhere


@dataclass(frozen=True)
class Task:
    """Everything needed to carry out one node, with paths in place of references."""

    run: RunId
    node: NodeId
    attempt: int
    entry: Entry
    values: Mapping[str, Json]
    inputs: Mapping[str, Staged | None]  # in port order; None: not connected
    outputs: Mapping[str, str]  # port -> data type name, in port order
    environment: str  # name or digest that the compute resolves
    optional: frozenset[str]  # outputs that may stay unfilled
    folder: str  # kept folder of this node run: logs/, images/, files/ are written here by the compute
    limits: Limits = Limits()
    isolation: str | None = None  # a level by name, or None: the best one proven
    compatibility: bool | None = None  # None: the environment's own default
    command: Command | None = None  # for a CommandEntry, and only there
    keeps_locals: bool = (
        False  # values of variables where a script fails; never for what answers web services
    )


@dataclass(frozen=True)
class Produced:
    """Content of one output port, complete and no longer writable by anyone.

    ``path`` may be ``/proc/self/fd/N`` of a nameless file that is linked into the store. ``footer`` is the
    table's footer as the box gave it (hostile until checked); None for plain files and objects.
    """

    type: str
    path: str
    footer: Mapping[str, Json] | None = None
    name: str = ""  # of the artifact; empty: the port's


@dataclass(frozen=True)
class Outcome:
    """What came back. ``reason`` is None exactly when the node did its work."""

    reason: str | None = None
    problem: Problem | None = None
    outputs: Mapping[str, Produced] = field(default_factory=dict)
    images: tuple[str, ...] = ()  # paths below Task.folder/images, in order
    files: tuple[str, ...] = ()  # paths below Task.folder/files that the script uploaded
    locals: str = ""  # path below Task.folder: what variables held where the script failed
    metrics: tuple[tuple[str, Json], ...] = ()  # in the order they were logged
    isolation: str = "none"
    timings_ms: Mapping[str, float] = field(default_factory=dict)  # stage, script, collect
    notices: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()  # what a step wrote on itself and on its run
    descriptors: tuple[int, ...] = ()  # to be closed by whoever stores the outputs
