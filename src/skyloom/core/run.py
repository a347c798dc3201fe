"""Run and NodeRun: one execution of a frozen graph, and of one node in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyloom.core.artifact import Artifact
from skyloom.core.event import RunEvent
from skyloom.core.identity import Digest, Json, NodeId, RunId, step_run_id
from skyloom.core.problem import Problem
from skyloom.core.state import State, may_follow
from skyloom.core.task import Limits

Origin = Literal["studio", "sdk", "cli", "endpoint"]


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; none of it changes what a run means, but compatibility does."""

    selection: tuple[NodeId, ...] = ()  # run selected: these and what they need
    regenerate: bool = False  # do not reuse results of the selection (of all, without one)
    limits: Limits = Limits()
    isolation: str | None = None
    environment: str | None = None  # for script nodes that name none
    compatibility: bool | None = None
    resumes: RunId | None = None
    reuse: Literal["place", "content"] = "place"  # what of an input's place counts (sdk.md 13, Reuse)
    stop_on_failure: bool = False  # nothing more is started once a node has failed (sdk.md 13)


@dataclass(frozen=True)
class NodeRun:
    """What became of one node. ``outputs`` are by port; ``others`` are images and uploaded files."""

    run: RunId
    node: NodeId
    attempt: int = 1
    state: State = State.CREATED
    fingerprint: Digest | None = None
    parts: Mapping[str, Json] = field(default_factory=dict)  # what the fingerprint was made of
    reused_from: RunId | None = None
    reuse: str = ""  # why results were taken over, or why not
    outputs: Mapping[str, Artifact] = field(default_factory=dict)
    others: tuple[Artifact, ...] = ()
    problem: Problem | None = None
    reason: str | None = None
    isolation: str | None = None
    metrics: tuple[tuple[str, Json], ...] = ()
    notices: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    started_at: str | None = None
    ended_at: str | None = None


@dataclass(frozen=True)
class Run:
    """One execution of a frozen graph with given values."""

    id: RunId
    experiment: str
    graph: Digest
    values: Mapping[str, Json]
    origin: Origin
    options: RunOptions = RunOptions()
    state: State = State.CREATED
    cancel_requested: bool = False
    created_at: str = ""
    ended_at: str | None = None
    nodes: tuple[NodeRun, ...] = ()  # in the order of the plan

    def node(self, node: NodeId | str) -> NodeRun | None:
        return next((n for n in self.nodes if n.node == node), None)

    def step(self, id: str) -> NodeRun | None:
        """The node that goes by this ``step_run_id``; None too for the run's own id."""
        return next(
            (n for n in self.nodes if id not in (self.id, "") and step_run_id(self.id, n.node) == id), None
        )


@dataclass(frozen=True)
class RunSummary:
    """A row of a list of runs."""

    id: RunId
    experiment: str
    state: State
    origin: str
    created_at: str
    ended_at: str | None
    nodes: int
    cancel_requested: bool = False
    metrics: Mapping[str, Json] = field(default_factory=dict)  # newest value of each
    tags: Mapping[str, str] = field(default_factory=dict)
    display_name: str = ""


def fold_states(events: Iterable[RunEvent]) -> dict[NodeId | None, State]:
    """States of the run (under None) and of each node, told from the events alone.

    Raises
    ------
    ValueError
        The events have a gap, or a change that NEXT does not allow.
    """
    states: dict[NodeId | None, State] = {}
    attempts: dict[NodeId | None, int] = {}
    for expected, event in enumerate(events, start=1):
        if event.sequence != expected:
            raise ValueError(f"event {event.sequence} stands where {expected} belongs")
        if event.kind == "attempt":  # a new attempt begins its own walk along NEXT
            attempts[event.node] = attempts.get(event.node, 0) + 1
            states[event.node] = State.CREATED
        elif event.kind == "state":
            after = State(str(event.body["state"]))
            before = states.get(event.node)
            if before is not None and not may_follow(before, after):
                raise ValueError(f"{event.node}: {before} may not become {after}")
            states[event.node] = after
    return states
