"""States of a run and of its nodes, and the only changes allowed between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Old names (NotStarted, CancelRequested, Finished) belong to the faces, not here."""

    CREATED = "created"
    QUEUED = "queued"
    PREPARING = "preparing"  # environment, snapshot and inputs
    RUNNING = "running"
    FINALIZING = "finalizing"  # outputs and logs
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"  # something upstream did not complete


_END: frozenset[State] = frozenset()

NEXT: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        # created -> completed is reuse: an earlier node run's artifacts are taken over
        State.CREATED: frozenset(
            {State.QUEUED, State.COMPLETED, State.FAILED, State.CANCELED, State.SKIPPED}
        ),
        State.QUEUED: frozenset({State.PREPARING, State.FAILED, State.CANCELED}),
        State.PREPARING: frozenset({State.RUNNING, State.FAILED, State.CANCELED}),
        State.RUNNING: frozenset({State.FINALIZING, State.FAILED, State.CANCELED}),
        State.FINALIZING: frozenset({State.COMPLETED, State.FAILED}),
        State.COMPLETED: _END,
        State.FAILED: _END,
        State.CANCELED: _END,
        State.SKIPPED: _END,
    }
)


def is_terminal(state: State) -> bool:
    return not NEXT[state]


def may_follow(before: State, after: State) -> bool:
    """Whether one change leads from ``before`` to ``after``."""
    return after in NEXT[before]


def run_state(nodes: Iterable[State], canceled: bool = False) -> State:
    """The state of a whole run, told from its nodes.

    A run ends when every node has: failed beats canceled beats completed.
    """
    states = set(nodes)
    if not all(is_terminal(state) for state in states):
        return State.CREATED if states == {State.CREATED} and not canceled else State.RUNNING
    if State.FAILED in states:
        return State.FAILED
    if State.CANCELED in states or (canceled and State.SKIPPED in states):
        return State.CANCELED
    return State.COMPLETED
