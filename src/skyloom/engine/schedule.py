"""Schedule: the life of one run; what is ready starts, what failed skips all that is behind it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from skyloom.core.fingerprint import Parts, fingerprint
from skyloom.core.identity import NodeId
from skyloom.core.plan import Plan, plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Reason
from skyloom.engine.execute import NodeWork, Wanted
from skyloom.engine.ports import Claim, Lease, StaleError, World
from skyloom.engine.record import Ledger
from skyloom.engine.reuse import find_reusable, may_reuse, missing_results
from skyloom.engine.submit import Accepted

MOST_ATTEMPTS = 20  # a node that was interrupted this often is not tried again

_log = logging.getLogger("skyloom.engine")


class RunDriver:
    """Drives one claimed run to its end; ``drive`` blocks, ``cancel`` may come from any thread.

    Nodes are carried out on ``pool``, which all runs of an agent share; those whose place is another machine
    are only waited for, on ``elsewhere``.

    Parameters
    ----------
    accepted
        The run, where it was accepted a moment ago; else it is read from the records.
    """

    def __init__(
        self,
        world: World,
        pool: Executor,
        claim: Claim,
        elsewhere: Executor | None = None,
        accepted: Accepted | None = None,
    ) -> None:
        if accepted is None or accepted.run.id != claim.run:
            accepted = _recorded(world, claim)
        run, graph = accepted.run, accepted.graph
        self._world = world
        self._pool = pool
        self._elsewhere = elsewhere or pool
        self._claim = claim
        self._is_taken = False
        self._has_begun = False
        self._canceled = threading.Event()
        self._run: Run = run
        self._resumed = world.records.load(run.options.resumes) if run.options.resumes else None
        self._plan: Plan = accepted.plan
        self._ledger = Ledger(world, claim, run, self._canceled.is_set)
        self._work = NodeWork(world, run, graph, self._plan, self._ledger, self._canceled)
        self._ended: SimpleQueue[NodeId | None] = SimpleQueue()
        self._running: set[NodeId] = set()
        self._leases: dict[NodeId, Lease] = {}
        self._is_held_back = False  # a node is ready and its compute target has no room
        self._looked_at: set[NodeId] = set()  # whether results of theirs can be taken over
        self._wanted: dict[NodeId, Wanted] = {}  # of those that are to be carried out
        self._ready_since: dict[NodeId, float] = {}
        if run.cancel_requested:
            self._canceled.set()

    def cancel(self) -> None:
        """Every running node is ended within 2 s and none is started any more."""
        self._canceled.set()
        self._wake_up()

    @property
    def is_over(self) -> bool:
        """Whether every node has ended, or the run is somebody else's now."""
        return self._is_taken or all(is_terminal(node.state) for node in self._ledger.nodes.values())

    def release(self) -> None:
        """Give the claim up, so that the run is claimed and recovered again."""
        self._world.records.release(self._claim)

    def begin(self) -> None:
        """The first step of ``drive``, which may be taken on another thread, before."""
        self._recover()
        self._step()
        self._has_begun = True

    def drive(self) -> State | None:
        """The run's last state; None when another agent took the run over."""
        try:
            if not self._has_begun:
                self.begin()
            while self._running or self._is_held_back:
                self._wait()
                self._step()
            return self._ledger.finish()
        except StaleError:
            _log.warning("run %s is driven by another agent now", self._run.id)
            self._canceled.set()
            self._is_taken = True
            return None

    # --- the loop's steps ---------------------------------------------------------------------------

    def _step(self) -> None:
        """Whatever can be done now."""
        self._is_held_back = False
        if self._canceled.is_set():
            self._cancel_waiting()
        else:
            self._advance()

    def _recover(self) -> None:
        """What an agent that died left half done: try again where that is safe, else say interrupted."""
        for node in list(self._ledger.nodes.values()):
            if node.state is State.CREATED or is_terminal(node.state):
                continue
            started = node.state in (State.RUNNING, State.FINALIZING)
            if node.attempt < MOST_ATTEMPTS and (not started or self._work.is_repeatable(node.node)):
                self._ledger.begin_attempt(node.node)
            else:
                self._work.fail(node.node, Reason.INTERRUPTED, _interrupted(node.node, node.attempt))

    def _advance(self) -> None:
        """Skip what cannot run, take over what can be reused, start what is ready."""
        self._skip_behind_failures()
        self._take_over_results()
        for node in self._ready():
            self._ready_since.setdefault(node, time.perf_counter())
            if not self._has_room(node):
                self._is_held_back = True
                continue
            self._running.add(node)
            lease = self._leases.get(node)
            places = self._elsewhere if lease is not None and lease.is_elsewhere else self._pool
            places.submit(self._carry_out, node)

    def _has_room(self, node: NodeId) -> bool:
        """Take a node of the compute target's pool, if it is one; else we are woken when one is free."""
        try:
            lease = self._world.pools.take(
                self._work.module(node)[0].compute, self._run.id, node, self._wake_up
            )
        except LookupError:
            return True
        if lease is not None:
            self._leases[node] = lease
        return lease is not None

    def _wake_up(self) -> None:
        self._ended.put(None)

    def _wait(self) -> None:
        """Until one more node ended, or a cancel woke us."""
        ended = self._ended.get()
        while ended is not None:
            self._running.discard(ended)
            if self._ended.empty():
                return
            ended = self._ended.get()

    def _skip_behind_failures(self) -> None:
        states = {node: self._ledger.nodes[node].state for node in self._plan.order}
        moves: dict[NodeId, tuple[State, Mapping[str, Any]]] = {}
        has_failed = self._run.options.stop_on_failure and State.FAILED in states.values()
        for node in self._plan.order:
            lost = {before for before in self._plan.before[node] if _is_lost(states[before])}
            is_off = node in self._plan.disabled
            if states[node] is State.CREATED and (is_off or lost or has_failed) and node not in self._running:
                states[node] = State.SKIPPED
                moves[node] = (State.SKIPPED, {"ended_at": self._world.now()})
        self._ledger.move_all(moves)

    def _cancel_waiting(self) -> None:
        end = {"ended_at": self._world.now(), "reason": Reason.CANCELED}
        self._ledger.move_all(
            {
                node: (State.CANCELED, end)
                for node, now in self._ledger.nodes.items()
                if now.state is State.CREATED and node not in self._running
            }
        )

    def _take_over_results(self) -> None:
        """All that can be reused, in one transaction: a fully reused run costs one commit."""
        done = {node: now for node, now in self._ledger.nodes.items() if now.state is State.COMPLETED}
        moves: dict[NodeId, tuple[State, Mapping[str, Any]]] = {}
        for node in self._plan.order:
            waiting = self._ledger.nodes[node].state is State.CREATED and node not in self._running
            if not waiting or node in self._looked_at or not self._plan.before[node] <= done.keys():
                continue
            facts = self._reused_facts(node, done)
            if facts is not None:
                moves[node] = (State.COMPLETED, facts)
                done[node] = replace(self._ledger.nodes[node], state=State.COMPLETED, **facts)
        self._ledger.move_all(moves)

    def _ready(self) -> list[NodeId]:
        completed = {node for node, now in self._ledger.nodes.items() if now.state is State.COMPLETED}
        return [
            node
            for node in self._plan.order
            if self._ledger.nodes[node].state is State.CREATED
            and node not in self._running
            and self._plan.before[node] <= completed
        ]

    # --- reuse --------------------------------------------------------------------------------------

    def _reused_facts(self, node: NodeId, done: Mapping[NodeId, NodeRun]) -> dict[str, Any] | None:
        """Fields of a node run that takes over earlier results, or None: then it is to be carried out."""
        self._looked_at.add(node)
        module, spec = self._work.module(node)
        try:
            wanted = self._work.wanted(node, done)
        except ProblemError:
            return None  # told again, and recorded, when the node is carried out
        refused = may_reuse(spec, module, self._plan.values[node], self._regenerates(node))
        earlier, why = self._earlier(node, wanted.parts, refused)
        if earlier is None:
            self._wanted[node] = replace(wanted, why_anew=why)
            return None
        now = self._world.now()
        return {
            "fingerprint": fingerprint(wanted.parts),
            "parts": wanted.parts.as_json(),
            "reused_from": earlier.reused_from or earlier.run,
            "reuse": why,
            "outputs": earlier.outputs,
            "others": earlier.others,
            "metrics": earlier.metrics,
            "isolation": earlier.isolation,
            "notices": earlier.notices,
            "started_at": now,
            "ended_at": now,
        }

    def _earlier(self, node: NodeId, parts: Parts, refused: str) -> tuple[NodeRun | None, str]:
        """The node run to take over, if any; a resumed run keeps all that it had completed."""
        before = self._resumed.node(node) if self._resumed else None
        same = before is not None and before.fingerprint == fingerprint(parts)
        if before and same and before.state is State.COMPLETED and not missing_results(self._world, before):
            return before, f"completed in run {before.run}, which this one resumes"
        return (None, refused) if refused else find_reusable(self._world, parts)

    def _regenerates(self, node: NodeId) -> bool:
        options = self._run.options
        return options.regenerate and (not options.selection or node in options.selection)

    # --- on a thread of the pool ------------------------------------------------------------------------

    def _carry_out(self, node: NodeId) -> None:
        ready, wanted = self._ready_since.pop(node), self._wanted.pop(node, None)
        try:
            self._work.carry_out(node, ready, wanted, self._leases.pop(node, None))
        except StaleError:
            self._canceled.set()
        finally:
            if self._ledger.nodes[node].state is State.CREATED:  # to be tried again
                self._looked_at.discard(node)
            self._ended.put(node)


def _recorded(world: World, claim: Claim) -> Accepted:
    """A run as the records have it."""
    run = world.records.load(claim.run)
    graph = world.records.graph(run.graph) if run else None
    if run is None or graph is None:
        raise AssertionError(f"run {claim.run} was claimed but is not recorded")
    return Accepted(run, graph, plan_run(graph, run.values, run.options.selection), claim)


def _is_lost(state: State) -> bool:
    return state in (State.FAILED, State.CANCELED, State.SKIPPED)


def _interrupted(node: NodeId, attempts: int) -> Problem:
    why = "the node may not be repeated by itself"
    if attempts >= MOST_ATTEMPTS:
        why = f"that was the end of its attempt {attempts}"
    return Problem(
        "R013",
        f"The agent ended while this node was running, and {why}.",
        f"nodes.{node}",
        "Run it again with 'skyloom runs resume'; what completed is reused.",
    )
