"""The rules of a change, the same for every store: what is allowed, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skyloom.core.event import EventKind
from skyloom.core.identity import Digest, Json, NodeId
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State, is_terminal, may_follow
from skyloom.engine.ports import Claim, NodeChange, RunChange

SUMMARY_TEXT_LENGTH = 200


@dataclass(frozen=True)
class Line:
    """An event that has no number and time yet."""

    kind: EventKind
    node: NodeId | None
    body: Mapping[str, Json]


def submission_line(run: Run) -> Line:
    """The first event of every run."""
    return Line("submitted", None, {"experiment": run.experiment, "origin": run.origin, "graph": run.graph})


def story(claim: Claim, changes: Sequence[NodeChange], run: RunChange | None) -> list[Line]:
    """The events of a change, in order.

    Raises
    ------
    ValueError
        A path leaves NEXT, or ``now`` does not stand at its end.
    """
    lines: list[Line] = []
    for change in changes:
        if change.now.run != claim.run:
            raise ValueError(f"{change.now.node} belongs to run {change.now.run}, not {claim.run}")
        lines += _node_lines(change)
    if run is None:
        return lines
    own = [Line("state", None, {"state": state}) for state in _walked(run.expects, run.path, "the run")]
    return lines + own if is_terminal(run.path[-1]) else own + lines


def attempt_before(change: NodeChange) -> int:
    """The attempt that the stored node run must be at: a word about a dead attempt changes no newer one."""
    return change.now.attempt - 1 if change.new_attempt else change.now.attempt


def is_executed(node: NodeRun) -> bool:
    """Whether others may take its results over: done by itself, not taken over in its turn."""
    return node.state is State.COMPLETED and node.reused_from is None


def summary_metrics(changes: Sequence[NodeChange]) -> dict[str, Json]:
    """Newest single value of each metric, for lists of runs; lists and tables stay in the node run."""
    return {
        name: value
        for change in changes
        for name, value in change.now.metrics
        if not isinstance(value, (list, dict))
        and not (isinstance(value, str) and len(value) > SUMMARY_TEXT_LENGTH)
    }


def digests_of(changes: Sequence[NodeChange]) -> list[Digest]:
    """Every artifact that the changed node runs name, once, sorted so that no two writers wait crosswise."""
    return sorted(
        {
            artifact.digest
            for change in changes
            for artifact in (*change.now.outputs.values(), *change.now.others)
        }
    )


def _node_lines(change: NodeChange) -> Iterator[Line]:
    now = change.now
    if change.new_attempt:
        if change.path or is_terminal(change.expects) or now.state is not State.CREATED:
            raise ValueError(f"{now.node}: a new attempt begins at created, and not after the end")
        yield Line("attempt", now.node, {"attempt": now.attempt})
        return
    for state in _walked(change.expects, change.path, now.node):
        is_last = state is change.path[-1]
        yield Line("state", now.node, {"state": state, **(_details(now) if is_last else {})})
    if now.state is not change.path[-1]:
        raise ValueError(f"{now.node} is said to be {now.state} after becoming {change.path[-1]}")


def _walked(before: State, path: Sequence[State], who: str) -> Iterator[State]:
    if not path:
        raise ValueError(f"{who}: a change without a step")
    for after in path:
        if not may_follow(before, after):
            raise ValueError(f"{who}: {before} may not become {after}")
        yield after
        before = after


def _details(now: NodeRun) -> dict[str, Json]:
    """What a follower of events wants to know without asking again."""
    details: dict[str, Json] = {"attempt": now.attempt}
    if now.reason is not None:
        details["reason"] = now.reason
    if now.reused_from is not None:
        details["reused_from"] = now.reused_from
    if now.problem is not None:
        details["problem"] = {"code": now.problem.code, "message": now.problem.message}
    return details
