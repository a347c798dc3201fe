"""Record: node and run states move here, along NEXT and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from skyloom.core.identity import NodeId
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State, is_terminal, may_follow, run_state
from skyloom.engine.ports import Claim, NodeChange, RunChange, World


class Ledger:
    """What one driver knows of its run.

    Every method writes in one transaction and only then moves the picture in memory.
    """

    def __init__(self, world: World, claim: Claim, run: Run, is_canceled: Callable[[], bool]) -> None:
        self._world = world
        self._is_canceled = is_canceled
        self._claim = claim
        self._run_state = run.state
        self._starting = threading.Lock()
        self.nodes: dict[NodeId, NodeRun] = {node.node: node for node in run.nodes}

    def move(self, node: NodeId, *path: State, may_be_lost: bool = False, **facts: Any) -> NodeRun:
        """One node along ``path``; ``facts`` are further fields of its NodeRun.

        What ``may_be_lost`` with the machine's power is what may just as well be done again.
        """
        now = self._moved(node, path, facts)
        self._write([NodeChange(now, self.nodes[node].state, path)], may_be_lost)
        return now

    def move_all(self, moves: Mapping[NodeId, tuple[State, Mapping[str, Any]]]) -> None:
        """Many nodes by one step each, in one transaction."""
        if moves:
            self._write(
                [
                    NodeChange(self._moved(node, (state,), facts), self.nodes[node].state, (state,))
                    for node, (state, facts) in moves.items()
                ]
            )

    def begin_attempt(self, node: NodeId) -> None:
        """The node starts again from created, under the next attempt number."""
        before = self.nodes[node]
        now = NodeRun(before.run, node, before.attempt + 1)
        self._write([NodeChange(now, before.state, (), new_attempt=True)])

    def finish(self) -> State:
        """The run's own last state, told from its nodes; usually recorded with the last of them already."""
        last = self._run_state_with([])
        path = tuple(_run_path(self._run_state, last))
        if path:
            last_event = self._world.records.change(self._claim, [], RunChange(self._run_state, path))
            self._run_state = last
            self._world.announce(self._claim.run, last_event)
        return last

    def _moved(self, node: NodeId, path: Sequence[State], facts: Mapping[str, Any]) -> NodeRun:
        before = self.nodes[node]
        state = before.state
        for after in path:
            if not may_follow(state, after):
                raise AssertionError(f"{node}: {state} may not become {after}")
            state = after
        return replace(before, state=state, **facts)

    def _write(self, changes: list[NodeChange], may_be_lost: bool = False) -> None:
        if self._run_state is State.CREATED:
            with self._starting:  # nodes start side by side, the run starts once
                last_event = self._write_with_run(changes, may_be_lost)
        else:
            last_event = self._write_with_run(changes, may_be_lost)
        self._world.announce(self._claim.run, last_event)

    def _write_with_run(self, changes: list[NodeChange], may_be_lost: bool) -> int:
        """The nodes, and in the same transaction the run's own step that follows from them, if one does."""
        after = self._run_state_with(changes)
        path = list(_STARTING) if self._run_state is State.CREATED else []
        if is_terminal(after):
            path += _run_path(State.RUNNING, after)
        step = RunChange(self._run_state, tuple(path)) if path else None
        last_event = self._world.records.change(self._claim, changes, step, may_be_lost)
        if is_terminal(after):
            self._run_state = after
        elif self._run_state is State.CREATED:
            self._run_state = State.RUNNING
        for change in changes:
            self.nodes[change.now.node] = change.now
        return last_event

    def _run_state_with(self, changes: Sequence[NodeChange]) -> State:
        changed = {change.now.node: change.now.state for change in changes}
        states = (changed.get(node, now.state) for node, now in list(self.nodes.items()))
        return run_state(states, self._is_canceled())


_STARTING = (State.QUEUED, State.PREPARING, State.RUNNING)


def _run_path(before: State, last: State) -> list[State]:
    """The steps of a run from where it stands to its end."""
    if before is last:
        return []
    if last is State.COMPLETED:
        return [State.COMPLETED] if before is State.CREATED else [State.FINALIZING, State.COMPLETED]
    return [last]
