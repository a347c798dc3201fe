"""Runs under anything that can happen to them, in any order; SKYLOOM_HYPOTHESIS=full tries 500 histories."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from skyloom.core.identity import Digest, NodeId, RunId, digest_of
from skyloom.core.run import NodeRun, Run, fold_states
from skyloom.core.state import NEXT, State, is_terminal
from skyloom.engine.ports import Claim, Claimant, NodeChange, RunChange, StaleError
from tests.contracts.rooms import Room, again, artifact, chain, memory_room, new_run, sqlite_room

IS_FULL = os.environ.get("SKYLOOM_HYPOTHESIS") == "full"
SETTINGS = settings(
    max_examples=250 if IS_FULL else 25,
    stateful_step_count=50 if IS_FULL else 30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
AGENTS = st.sampled_from(["a", "b"])
KEYS = st.sampled_from(["k1", "k2", None, None])
PICK = st.integers(0, 10**6)
MOST_RUNS = 5
T = TypeVar("T")


class RunMachine(RuleBasedStateMachine):
    """A store beside the plainest picture of what it should hold."""

    make_room: Callable[[], Room]

    @initialize()
    def open(self) -> None:
        self.room = self.make_room()
        self.runs: dict[RunId, Run] = {}
        self.keys: dict[str, RunId] = {}
        self.newest_claim: dict[RunId, Claim] = {}
        self.old_claims: list[Claim] = []
        self.leased_until: dict[RunId, tuple[str, float]] = {}

    def teardown(self) -> None:
        if hasattr(self, "room"):
            self.room.close()

    # --- what can happen ----------------------------------------------------------------------------------

    @precondition(lambda self: len(self.runs) < MOST_RUNS)
    @rule(length=st.integers(1, 3), key=KEYS, agent=st.none() | AGENTS)
    def submit(self, length: int, key: str | None, agent: str | None) -> None:
        """With an agent, what is free is claimed as the run is accepted."""
        graph = chain(length, script=f"key {key}")
        run = new_run(graph if key is None else (graph := chain(2, script=key)))
        if agent is None:
            kept = self.room.records.create(run, graph, key)
        else:
            kept, claim = self.room.records.create_and_claim(
                run, graph, key, Claimant(agent, self.room.lease_s)
            )
        if key is not None and key in self.keys:
            assert kept == self.keys[key]
            assert agent is None or claim is None
            return
        assert kept == run.id
        self.runs[run.id] = run
        if key is not None:
            self.keys[key] = run.id
        if agent is not None:
            self._note_claim(agent, claim)

    @rule(agent=AGENTS)
    def claim(self, agent: str) -> None:
        self._note_claim(agent, self.room.records.claim(Claimant(agent, self.room.lease_s)))

    def _note_claim(self, agent: str, claim: Claim | None) -> None:
        now = self.room.clock.seconds
        free = [
            run.id
            for run in self.runs.values()
            if not is_terminal(run.state) and self.leased_until.get(run.id, ("", 0.0))[1] <= now
        ]
        assert (None if claim is None else claim.run) == (free[0] if free else None)
        if claim is not None:
            self._outrun(claim.run)
            assert all(claim.fence > old.fence for old in self.old_claims if old.run == claim.run)
            self.newest_claim[claim.run] = claim
            self.leased_until[claim.run] = (agent, now + self.room.lease_s)

    @rule(agent=AGENTS)
    def renew(self, agent: str) -> None:
        """A lease that ran out while nobody else took the run lives again."""
        self.room.records.renew(Claimant(agent, self.room.lease_s), list(self.runs))
        until = self.room.clock.seconds + self.room.lease_s
        for run, (holder, _) in self.leased_until.items():
            if holder == agent:
                self.leased_until[run] = (agent, until)

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        claim = _one(list(self.newest_claim.values()), pick)
        self.room.records.release(claim)
        if not is_terminal(self.runs[claim.run].state):
            self._outrun(claim.run)
            self.leased_until.pop(claim.run, None)

    @rule(seconds=st.sampled_from([1.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.room.pass_time(seconds)

    @rule()
    def host_restarts(self) -> None:
        """Another boot: every lease of the last one is void."""
        self.room.clock.epoch += "'"
        self.room.reopen()
        self.leased_until = {run: (holder, 0.0) for run, (holder, _) in self.leased_until.items()}

    @rule()
    def agent_restarts(self) -> None:
        self.room.reopen()

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK, steps=st.integers(1, 5), reused=st.booleans())
    def node_moves(self, pick: int, steps: int, reused: bool) -> None:
        claim = _one(list(self.newest_claim.values()), pick)
        node = _one(self.runs[claim.run].nodes, pick)
        path = _walk(node.state, steps, pick)
        if not path:
            return
        change = NodeChange(_moved(node, path, reused), node.state, path)
        self._change(claim, [change])

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK)
    def all_nodes_move_at_once(self, pick: int) -> None:
        claim = _one(list(self.newest_claim.values()), pick)
        moves = [(node, _walk(node.state, 1, pick)) for node in self.runs[claim.run].nodes]
        changes = [NodeChange(_moved(node, path, False), node.state, path) for node, path in moves if path]
        if changes:
            self._change(claim, changes)

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK)
    def node_is_tried_again(self, pick: int) -> None:
        claim = _one(list(self.newest_claim.values()), pick)
        node = _one(self.runs[claim.run].nodes, pick)
        if not is_terminal(node.state):
            self._change(claim, [again(node)])

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK, steps=st.integers(1, 3))
    def run_moves(self, pick: int, steps: int) -> None:
        claim = _one(list(self.newest_claim.values()), pick)
        state = self.runs[claim.run].state
        path = _walk(state, steps, pick)
        if path:
            self._change(claim, [], RunChange(state, path))

    @precondition(lambda self: self.old_claims)
    @rule(pick=PICK)
    def late_worker_speaks(self, pick: int) -> None:
        claim = _one(self.old_claims, pick)
        node = _one(self.runs[claim.run].nodes, pick)
        path = _walk(node.state, 1, pick) or (State.QUEUED,)
        expects = State.CREATED if is_terminal(node.state) else node.state
        with pytest.raises(StaleError):
            self.room.records.change(claim, [NodeChange(_moved(node, path, False), expects, path)])

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK)
    def worker_of_a_dead_attempt_speaks(self, pick: int) -> None:
        claim = _one(list(self.newest_claim.values()), pick)
        node = _one(self.runs[claim.run].nodes, pick)
        path = _walk(node.state, 1, pick)
        if path:
            dead = replace(_moved(node, path, False), attempt=node.attempt + 1)
            with pytest.raises(StaleError):
                self.room.records.change(claim, [NodeChange(dead, node.state, path)])

    @precondition(lambda self: self.newest_claim)
    @rule(pick=PICK)
    def half_of_a_change_is_stale(self, pick: int) -> None:
        """The good half must leave nothing behind."""
        claim = _one(list(self.newest_claim.values()), pick)
        run = self.runs[claim.run]
        good = [node for node in run.nodes if not is_terminal(node.state)]
        if not good:
            return
        path = _walk(good[0].state, 1, pick)
        ghost = NodeRun(run.id, NodeId("ghost"), state=State.QUEUED)
        changes = [
            NodeChange(_moved(good[0], path, False), good[0].state, path),
            NodeChange(ghost, State.CREATED, (State.QUEUED,)),
        ]
        with pytest.raises(StaleError):
            self.room.records.change(claim, changes)

    @precondition(lambda self: self.runs)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        run = _one(list(self.runs.values()), pick)
        is_live = not is_terminal(run.state)
        assert self.room.records.request_cancel(run.id) is is_live
        if is_live:
            self.runs[run.id] = replace(run, cancel_requested=True)

    # --- what must hold whatever happened -----------------------------------------------------------------

    @invariant()
    def every_accepted_run_is_as_it_was_left(self) -> None:
        assert [one.id for one in self.room.records.newest(100)] == list(self.runs)[::-1]
        for run in self.runs.values():
            found = self.room.records.load(run.id)
            assert found is not None
            assert replace(found, ended_at=None) == run
            assert (found.ended_at is not None) == is_terminal(run.state)

    @invariant()
    def events_tell_the_same_as_the_states(self) -> None:
        for run in self.runs.values():
            events = self.room.records.events(run.id)
            told = fold_states(events)  # raises at a gap or a forbidden step
            assert told.get(None, State.CREATED) is run.state
            for node in run.nodes:
                assert told.get(node.node, State.CREATED) is node.state
                ends = [
                    one for one in events if one.node == node.node and one.body.get("state") == "completed"
                ]
                assert len(ends) == int(node.state is State.COMPLETED)
            assert [one.kind for one in events].count("cancel") == int(run.cancel_requested)

    @invariant()
    def only_executed_results_are_reusable(self) -> None:
        for run, node in self._nodes():
            found = self.room.records.reusable(_fingerprint(node))
            executed = [
                other
                for _, other in self._nodes()
                if _fingerprint(other) == _fingerprint(node)
                and other.state is State.COMPLETED
                and other.reused_from is None
            ]
            assert (found in executed) if executed else found is None, run

    @invariant()
    def what_completed_nodes_made_is_in_use(self) -> None:
        made = {one.digest for _, node in self._nodes() for one in node.outputs.values()}
        assert made <= self.room.records.artifacts_in_use()

    # --- the picture --------------------------------------------------------------------------------------

    def _change(self, claim: Claim, changes: list[NodeChange], run: RunChange | None = None) -> None:
        now = self.runs[claim.run]
        if is_terminal(now.state):
            with pytest.raises(StaleError):
                self.room.records.change(claim, changes, run)
            return
        self.room.records.change(claim, changes, run)
        moved = {change.now.node: change.now for change in changes}
        nodes = tuple(moved.get(node.node, node) for node in now.nodes)
        self.runs[now.id] = replace(now, nodes=nodes, state=run.path[-1] if run else now.state)

    def _outrun(self, run: RunId) -> None:
        earlier = self.newest_claim.pop(run, None)
        if earlier is not None:
            self.old_claims.append(earlier)

    def _nodes(self) -> list[tuple[RunId, NodeRun]]:
        return [(run.id, node) for run in self.runs.values() for node in run.nodes]


def _one(choices: Sequence[T], pick: int) -> T:
    return choices[pick % len(choices)]


def _walk(state: State, steps: int, pick: int) -> tuple[State, ...]:
    """Up to so many steps along NEXT."""
    path: list[State] = []
    for _ in itertools.repeat(None, steps):
        if following := sorted(NEXT[state]):
            state = _one(following, pick)
            path.append(state)
            pick //= 3
    return tuple(path)


def _moved(node: NodeRun, path: tuple[State, ...], reused: bool) -> NodeRun:
    after = replace(node, state=path[-1], fingerprint=_fingerprint(node))
    if path[-1] is not State.COMPLETED:
        return after
    made = {"Result dataset": artifact(f"{node.run} {node.node} {node.attempt}")}
    return replace(after, outputs=made, reused_from=RunId("earlier") if reused else None)


def _fingerprint(node: NodeRun) -> Digest:
    return digest_of(["fingerprint", node.node])


def test_runs_in_memory_hold_their_promises() -> None:
    class InMemory(RunMachine):
        make_room = staticmethod(memory_room)

    run_state_machine_as_test(InMemory, settings=SETTINGS)


def test_runs_in_sqlite_hold_their_promises(tmp_path: Path) -> None:
    def new_room() -> Room:
        return sqlite_room(Path(tempfile.mkdtemp(dir=tmp_path)))

    class InSqlite(RunMachine):
        make_room = staticmethod(new_room)

    run_state_machine_as_test(InSqlite, settings=SETTINGS)
