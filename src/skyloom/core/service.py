"""Values of web services: what is opened, what goes in and what comes out of a call.

Source: studio.md 4.4 (ports and parameters), services.md 1.1 (tables on the wire).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from skyloom.core.artifact import Artifact
from skyloom.core.graph import Graph, PortRef
from skyloom.core.identity import Json
from skyloom.core.parameter import Parameter


@dataclass(frozen=True)
class ServiceColumn:
    """A column that a service takes or gives.

    ``type`` is a word of docs/translation-rules.md (Integer, Double, Boolean, String, DateTime, TimeSpan,
    Categorical, Object); ``values`` are the categories of a Categorical, as text.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceSchema:
    """What a service takes and gives, for its documents; ports in the order of the graph.

    An input whose port has no design-time source, or an output that could not be tried, has no columns here
    (None): what comes is then taken, and given, as it is.
    """

    inputs: Mapping[str, tuple[ServiceColumn, ...] | None]
    outputs: Mapping[str, tuple[ServiceColumn, ...] | None]
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class CallLimits:
    """What one call may take; a worker that goes beyond is ended, the call gets its error."""

    timeout_s: float = 60.0
    memory_bytes: int | None = None  # of a worker
    body_bytes: int = 10 * 1024**2


@dataclass(frozen=True)
class Service:
    """All that a service is made of; nothing of it changes while it is open.

    Parameters
    ----------
    graph
        Frozen: datasets at fixed versions. Its GraphInputs and GraphOutputs are the service's ports.
    bound
        Content of output ports that is known already, from the run that the service was published from.
        What is not here and does not depend on a call is carried out once when the service is opened.
    schemas
        Columns of inputs, where they are not those of the design-time source.
    environment
        Environment of scripts that name none; None is the workspace's usual one.
    workers
        Warm workers; None: as many as calls are allowed side by side, at most one a core.
    """

    graph: Graph
    bound: Mapping[PortRef, Artifact] = field(default_factory=dict)
    schemas: Mapping[str, tuple[ServiceColumn, ...]] = field(default_factory=dict)
    environment: str | None = None
    isolation: str | None = None
    max_concurrent_calls: int = 20
    limits: CallLimits = CallLimits()
    workers: int | None = None


@dataclass(frozen=True)
class RequestTable:
    """Rows of a call: cells are JSON scalars, text or not; columns are matched by name."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[Json]]


@dataclass(frozen=True)
class ResponseTable:
    """Rows that a call gave: every cell is text or None (missing); numbers in repr form.

    ``types`` are the wire's words: String, Double, Int64, Boolean, DateTime (services.md 1.1).
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class ServiceCall:
    """One call: a table for every input, and values of global parameters."""

    inputs: Mapping[str, RequestTable]
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceResult:
    """What a call gave: a table for every output."""

    outputs: Mapping[str, ResponseTable]


@dataclass(frozen=True)
class ReplyForm:
    """How the answer to a classic request is to be written (services.md 1.1)."""

    is_swagger: bool = False  # rows are objects
    has_details: bool = False  # ColumnTypes stand beside ColumnNames


@dataclass(frozen=True)
class Reply:
    """HTTP status and JSON body of an answer."""

    status: int
    body: bytes
