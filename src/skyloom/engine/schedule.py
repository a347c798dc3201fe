"""Schedule: the life of one run; what is ready starts, what failed skips all that is behind it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from skyloom.core.fingerprint import Parts, fingerprint
from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import CommandEntry, ModuleSpec, TransferEntry
from skyloom.core.plan import Plan, plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Outcome, Reason, Task
from skyloom.engine.collect import Collected, collect, publish_outputs
from skyloom.engine.command import step_command, step_limits, step_retries
from skyloom.engine.deliver import deliver
from skyloom.engine.labels import keep_labels
from skyloom.engine.lower import lower, node_folder
from skyloom.engine.ports import Claim, Lease, ResolvedEnvironment, StaleError, World
from skyloom.engine.record import Ledger
from skyloom.engine.register import register_models
from skyloom.engine.reuse import find_reusable, input_digests, may_reuse, missing_results, parts_of
from skyloom.engine.stage import Content, input_artifacts, stage_inputs, table_files
from skyloom.engine.submit import resolve_environment
from skyloom.engine.transfer import transfer

NO_RECORDS = ("R015", "R019")  # the database is locked, or does not answer
NO_RETRY = (Reason.CANCELED, Reason.REJECTED, Reason.ISOLATION_FAILED, Reason.INTERRUPTED)
MOST_RETRIES = 3  # of a node whose box was ended from outside
MOST_ATTEMPTS = 20  # a node that was interrupted this often is not tried again

_log = logging.getLogger("skyloom.engine")


class RunDriver:
    """Drives one claimed run to its end; ``drive`` blocks, ``cancel`` may come from any thread.

    Nodes are carried out on ``pool``, which all runs of an agent share; those whose place is another machine
    are only waited for, on ``elsewhere``.
    """

    def __init__(self, world: World, pool: Executor, claim: Claim, elsewhere: Executor | None = None) -> None:
        run = world.records.load(claim.run)
        graph = world.records.graph(run.graph) if run else None
        if run is None or graph is None:
            raise AssertionError(f"run {claim.run} was claimed but is not recorded")
        self._world = world
        self._pool = pool
        self._elsewhere = elsewhere or pool
        self._claim = claim
        self._is_taken = False
        self._canceled = threading.Event()
        self._run: Run = run
        self._resumed = world.records.load(run.options.resumes) if run.options.resumes else None
        self._graph: Graph = graph
        self._plan: Plan = plan_run(graph, run.values, run.options.selection)
        self._ledger = Ledger(world, claim, run, self._canceled.is_set)
        self._ended: SimpleQueue[NodeId | None] = SimpleQueue()
        self._running: set[NodeId] = set()
        self._leases: dict[NodeId, Lease] = {}
        self._is_held_back = False  # a node is ready and its compute target has no room
        self._reuse_notes: dict[NodeId, str] = {}
        self._parts: dict[NodeId, Parts] = {}
        self._inputs: dict[NodeId, dict[str, Content | None]] = {}  # as its fingerprint has them
        self._failed: dict[NodeId, list[str]] = {}  # attempts of steps that asked to be tried again
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

    def drive(self) -> State | None:
        """The run's last state; None when another agent took the run over."""
        try:
            self._recover()
            while True:
                self._is_held_back = False
                if self._canceled.is_set():
                    self._cancel_waiting()
                else:
                    self._advance()
                if not self._running and not self._is_held_back:
                    return self._ledger.finish()
                self._wait()
        except StaleError:
            _log.warning("run %s is driven by another agent now", self._run.id)
            self._canceled.set()
            self._is_taken = True
            return None

    # --- the loop's steps ---------------------------------------------------------------------------

    def _recover(self) -> None:
        """What an agent that died left half done: try again where that is safe, else say interrupted."""
        for node in list(self._ledger.nodes.values()):
            if node.state is State.CREATED or is_terminal(node.state):
                continue
            started = node.state in (State.RUNNING, State.FINALIZING)
            if node.attempt < MOST_ATTEMPTS and (not started or self._is_repeatable(node.node)):
                self._ledger.begin_attempt(node.node)
            else:
                self._fail(node.node, Reason.INTERRUPTED, _interrupted(node.node, node.attempt))

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
            places.submit(self._carry_out_safely, node)

    def _has_room(self, node: NodeId) -> bool:
        """Take a node of the compute target's pool, if it is one; else we are woken when one is free."""
        try:
            lease = self._world.pools.take(self._module(node)[0].compute, self._run.id, node, self._wake_up)
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
            if not waiting or node in self._reuse_notes or not self._plan.before[node] <= done.keys():
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
        """Fields of a node run that takes over earlier results, or None; the finding is noted either way."""
        module, spec = self._module(node)
        values = self._plan.values[node]
        try:
            inputs = self._inputs[node] = input_artifacts(self._world, self._plan, module, done)
            parts = self._parts[node] = parts_of(
                spec,
                module,
                values,
                input_digests(
                    self._world, self._plan, module, inputs, done, self._run.options.reuse == "content"
                ),
                self._environment(module, values),
                self._run.options.compatibility,
            )
        except ProblemError:
            self._reuse_notes[node] = "its inputs or environment cannot be had"
            return None  # told again, and recorded, when the node is carried out
        earlier, self._reuse_notes[node] = self._earlier(
            node, parts, may_reuse(spec, module, values, self._regenerates(node))
        )
        if earlier is None:
            return None
        now = self._world.now()
        return {
            "fingerprint": fingerprint(parts),
            "parts": parts.as_json(),
            "reused_from": earlier.reused_from or earlier.run,
            "reuse": self._reuse_notes[node],
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

    # --- carrying out one node, on a thread of the pool -----------------------------------------------

    def _carry_out_safely(self, node: NodeId) -> None:
        lease = self._leases.pop(node, None)
        folder = node_folder(self._world.runs_folder, self._run.id, node)
        try:
            if lease is not None:
                lease.begin()
            self._carry_out(node)
        except StaleError:
            self._canceled.set()
        except ProblemError as error:
            self._end_badly(node, error.problem)
        except Exception:
            _log.exception("node %s of run %s", node, self._run.id)
            self._fail(node, Reason.INTERRUPTED, _internal(node))
        finally:
            if lease is not None:
                lease.release()
            self._close_folder(folder)
            self._ended.put(node)

    def _close_folder(self, folder: str) -> None:
        """Others can read it; a fault of that is no fault of the node's."""
        try:
            self._world.run_folders.closed(folder)
        except ProblemError as error:
            _log.warning("logs of %s are on this machine only: %s", folder, error)

    def _end_badly(self, node: NodeId, problem: Problem) -> None:
        """A fault outside the box; records that do not answer are no fault of the node's."""
        reason = _reason_of(problem)
        if reason == Reason.INTERRUPTED and self._may_retry(node):
            self._try_again(node)
        else:
            self._fail(node, reason, problem)

    def _try_again(self, node: NodeId) -> None:
        self._ledger.begin_attempt(node)
        self._reuse_notes.pop(node, None)

    def _carry_out(self, node: NodeId) -> None:
        clock = _Clock(self._ready_since.pop(node))
        clock.lap("queue")
        module, spec = self._module(node)
        values = self._plan.values[node]
        environment = self._environment(module, values)
        artifacts = self._inputs.pop(node, None)
        if artifacts is None:
            artifacts = input_artifacts(self._world, self._plan, module, self._ledger.nodes)
        folder = node_folder(self._world.runs_folder, self._run.id, node)
        self._world.run_folders.opened(folder)
        self._prepare(node, environment, folder)
        staged = stage_inputs(self._world, artifacts)
        if spec.fetches:
            staged["fetched"] = self._world.sources.fetch(spec, values, folder)
        if isinstance(spec.entry, TransferEntry):
            clock.lap("stage")
            self._ledger.move(
                node,
                *_way_to_running(self._ledger.nodes[node].state),
                **self._beginning(node, self._ledger.nodes[node]),
            )
            collected = transfer(self._world, self._run, module, spec, staged, folder)
            clock.lap("collect")
            self._record(node, Outcome(), collected, environment, clock)
            return
        command = (
            step_command(
                self._world, self._run, self._plan, module, values, list(self._ledger.nodes.values())
            )
            if isinstance(spec.entry, CommandEntry)
            else None
        )
        current = self._ledger.nodes[node]
        linked = {source.port for source in self._plan.sources.values() if source.node == node}
        options = self._run.options
        if command is not None:
            options = replace(options, limits=step_limits(options.limits, values))
        task = lower(
            module,
            spec,
            values,
            staged,
            environment,
            options,
            current,
            self._world.runs_folder,
            linked,
            command,
            self._world.keeps_locals,
        )
        clock.lap("stage")
        self._ledger.move(node, *_way_to_running(current.state), **self._beginning(node, current))
        clock.lap("record")
        outcome = self._execute(task)
        clock.lap("script")
        collected = collect(self._world, outcome, folder, table_files(staged))
        if spec.delivers and collected.reason is None:
            collected = deliver(self._world, spec, values, staged, collected, self._canceled)
        if command is not None:
            publish_outputs(self._world, spec, outcome, collected)
            register_models(self._world, self._run, node, collected)
            if keep_labels(self._world, self._run, node, outcome.labels):
                self._world.records.request_cancel(self._run.id)
                self._canceled.set()
        clock.lap("collect")
        self._record(node, outcome, collected, environment, clock)

    def _prepare(self, node: NodeId, environment: ResolvedEnvironment, folder: str) -> None:
        """Build the environment when it is not there yet, with the state saying so meanwhile."""
        if not self._world.environments.is_ready(environment):
            beginning = self._beginning(node, self._ledger.nodes[node])
            self._ledger.move(node, State.QUEUED, State.PREPARING, **beginning)
            self._world.environments.prepare(environment, _BuildLog(folder))

    def _beginning(self, node: NodeId, now: NodeRun) -> dict[str, Any]:
        """Facts that are recorded with the first state behind created."""
        parts = self._parts[node]
        return {
            "started_at": now.started_at or self._world.now(),
            "fingerprint": fingerprint(parts),
            "parts": parts.as_json(),
            "reuse": self._reuse_notes[node],
        }

    def _execute(self, task: Task) -> Outcome:
        if self._canceled.is_set():
            return Outcome(Reason.CANCELED)
        return self._world.compute.execute(task, canceled=self._canceled)

    def _record(
        self,
        node: NodeId,
        outcome: Outcome,
        collected: Collected,
        environment: ResolvedEnvironment,
        clock: _Clock,
    ) -> None:
        self._close_folder(node_folder(self._world.runs_folder, self._run.id, node))
        if collected.reason == Reason.INTERRUPTED and self._may_retry(node):
            self._try_again(node)
            return
        if self._is_tried_again(node, collected):
            self._try_again(node)
            return
        facts: dict[str, Any] = {
            "ended_at": self._world.now(),
            "others": collected.others,
            "isolation": outcome.isolation,
            "metrics": outcome.metrics,
            "notices": (
                *environment.notices,
                *self._world.environments.gave_way(environment),
                *self._failed.get(node, ()),
                *outcome.notices,
            ),
            "timings_ms": clock.timings(outcome.timings_ms),
        }
        if collected.reason is None:
            self._ledger.move(node, State.FINALIZING, State.COMPLETED, outputs=collected.outputs, **facts)
        elif collected.reason == Reason.CANCELED:
            self._ledger.move(node, State.CANCELED, reason=Reason.CANCELED, **facts)
        else:
            self._ledger.move(node, State.FAILED, reason=collected.reason, problem=collected.problem, **facts)

    # --- small questions --------------------------------------------------------------------------------

    def _module(self, node: NodeId) -> tuple[ModuleNode, ModuleSpec]:
        module = self._graph.node(node)
        assert isinstance(module, ModuleNode)
        return module, self._graph.spec(module)

    def _environment(self, module: ModuleNode, values: Mapping[str, Json]) -> ResolvedEnvironment:
        return resolve_environment(
            self._world.environments, self._graph, module, self._run.options.environment, values
        )

    def _is_repeatable(self, node: NodeId) -> bool:
        """User code runs again only where its node says that it may (reliability.md 3.1).

        What is written to a place outside is never written twice by itself.
        """
        module, spec = self._module(node)
        return module.allow_reuse and spec.deterministic and not spec.delivers

    def _may_retry(self, node: NodeId) -> bool:
        attempts = self._ledger.nodes[node].attempt
        return attempts < MOST_RETRIES and self._is_repeatable(node) and not self._canceled.is_set()

    def _is_tried_again(self, node: NodeId, collected: Collected) -> bool:
        """Whether a step that failed has attempts left; what went wrong is told with the last of them."""
        if collected.reason is None or collected.reason in NO_RETRY or self._canceled.is_set():
            return False
        earlier = self._failed.setdefault(node, [])
        if len(earlier) >= step_retries(self._plan.values[node]):
            return False
        why = collected.problem.message if collected.problem else collected.reason
        earlier.append(f"attempt {len(earlier) + 1} failed: {why}")
        return True

    def _fail(self, node: NodeId, reason: str, problem: Problem) -> None:
        self._ledger.move(node, State.FAILED, reason=reason, problem=problem, ended_at=self._world.now())


class _Clock:
    """Laps of one node run, in milliseconds; total runs from the moment the node was ready."""

    def __init__(self, ready: float) -> None:
        self._ready = self._last = ready
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 3)
        self._last = now

    def timings(self, inside: Mapping[str, float]) -> dict[str, float]:
        """Laps of the engine; what the box measured itself is moved from 'script' to where it belongs."""
        laps = dict(self._laps)
        script = inside.get("script")
        if script is not None:
            handed = max(laps.get("script", 0.0) - script, 0.0)
            laps["script"] = round(script, 3)
            laps["stage"] = round(laps.get("stage", 0.0) + handed, 3)
        laps["total"] = round((time.perf_counter() - self._ready) * 1000, 3)
        return laps


class _BuildLog:
    """Lines of an environment's build, kept in the node's own log."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __call__(self, line: str) -> None:
        os.makedirs(os.path.join(self._folder, "logs"), exist_ok=True)
        with open(os.path.join(self._folder, "logs", "environment.txt"), "a", encoding="utf-8") as log:
            log.write(line.rstrip("\n") + "\n")


def _way_to_running(state: State) -> tuple[State, ...]:
    """One commit where nothing had to be built before."""
    return (State.QUEUED, State.PREPARING, State.RUNNING) if state is State.CREATED else (State.RUNNING,)


def _is_lost(state: State) -> bool:
    return state in (State.FAILED, State.CANCELED, State.SKIPPED)


def _reason_of(problem: Problem) -> str:
    if problem.code in NO_RECORDS:
        return Reason.INTERRUPTED
    return Reason.ISOLATION_FAILED if problem.code == "C001" else Reason.REJECTED


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


def _internal(node: NodeId) -> Problem:
    return Problem(
        "X001",
        "Skyloom itself failed while it carried out this node.",
        f"nodes.{node}",
        "The agent's log has the details; please report them. 'skyloom runs resume' tries again.",
    )
