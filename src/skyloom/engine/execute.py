"""Execute: one node from its inputs to its record, on a thread of the pool."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from skyloom.core.fingerprint import Parts, fingerprint
from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import CommandEntry, ModuleSpec, TransferEntry
from skyloom.core.plan import Plan
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State
from skyloom.core.task import Outcome, Reason, Task
from skyloom.engine.collect import Collected, collect, publish_outputs
from skyloom.engine.command import step_command, step_limits, step_retries
from skyloom.engine.deliver import deliver
from skyloom.engine.labels import keep_labels
from skyloom.engine.lower import lower, node_folder
from skyloom.engine.ports import Lease, ResolvedEnvironment, StaleError, World
from skyloom.engine.record import Ledger
from skyloom.engine.register import register_models
from skyloom.engine.reuse import input_digests, parts_of
from skyloom.engine.stage import Content, input_artifacts, stage_inputs, table_files
from skyloom.engine.submit import resolve_environment
from skyloom.engine.transfer import transfer

NO_RECORDS = ("R015", "R019")  # the database is locked, or does not answer
NO_RETRY = (Reason.CANCELED, Reason.REJECTED, Reason.ISOLATION_FAILED, Reason.INTERRUPTED)
MOST_RETRIES = 3  # of a node whose box was ended from outside

_log = logging.getLogger("skyloom.engine")


@dataclass(frozen=True)
class Wanted:
    """What a node is to be carried out with: its inputs, and what its fingerprint is made of."""

    inputs: Mapping[str, Content | None]
    parts: Parts
    why_anew: str = ""  # why no earlier result was taken over


class NodeWork:
    """Carries out the nodes of one run; which of them and when is the driver's part (schedule.py).

    ``canceled`` is set here too where a step asked for its run to be canceled.
    """

    def __init__(
        self, world: World, run: Run, graph: Graph, plan: Plan, ledger: Ledger, canceled: threading.Event
    ) -> None:
        self._world = world
        self._run = run
        self._graph = graph
        self._plan = plan
        self._ledger = ledger
        self._canceled = canceled
        self._failed: dict[NodeId, list[str]] = {}  # attempts of steps that asked to be tried again

    def wanted(self, node: NodeId, done: Mapping[NodeId, NodeRun]) -> Wanted:
        """What the node would be carried out with now.

        Raises
        ------
        ProblemError
            Its inputs or its environment cannot be had.
        """
        module, spec = self.module(node)
        values = self._plan.values[node]
        inputs = input_artifacts(self._world, self._plan, module, done)
        by_content = self._run.options.reuse == "content"
        digests = input_digests(self._world, self._plan, module, inputs, done, by_content)
        environment = self._environment(module, values)
        parts = parts_of(spec, module, values, digests, environment, self._run.options.compatibility)
        return Wanted(inputs, parts)

    def carry_out(self, node: NodeId, ready: float, wanted: Wanted | None, lease: Lease | None) -> None:
        """Carry the node out and record its end, whatever that is.

        Parameters
        ----------
        ready
            When it could have begun, by ``time.perf_counter``.
        wanted
            None: it could not be had. What still keeps it from that is told by the node's record.
        lease
            A place on a compute target, if it has one; released here.

        Raises
        ------
        StaleError
            Another agent drives the run now.
        """
        folder = node_folder(self._world.runs_folder, self._run.id, node)
        try:
            if lease is not None:
                lease.begin()
            self._carry_out(node, folder, _Clock(ready), wanted or self._wanted_now(node))
        except StaleError:
            raise
        except ProblemError as error:
            self._end_badly(node, error.problem)
        except Exception:
            _log.exception("node %s of run %s", node, self._run.id)
            self.fail(node, Reason.INTERRUPTED, _internal(node))
        finally:
            if lease is not None:
                lease.release()
            self._close_folder(folder)

    def fail(self, node: NodeId, reason: str, problem: Problem) -> None:
        """Record a failure; what the node said is there for others before they see it."""
        self._close_folder(node_folder(self._world.runs_folder, self._run.id, node))
        self._ledger.move(node, State.FAILED, reason=reason, problem=problem, ended_at=self._world.now())

    def module(self, node: NodeId) -> tuple[ModuleNode, ModuleSpec]:
        module = self._graph.node(node)
        assert isinstance(module, ModuleNode)
        return module, self._graph.spec(module)

    def is_repeatable(self, node: NodeId) -> bool:
        """User code runs again only where its node says that it may (reliability.md 3.1).

        What is written to a place outside is never written twice by itself.
        """
        module, spec = self.module(node)
        return module.allow_reuse and spec.deterministic and not spec.delivers

    # --- from ready to running ------------------------------------------------------------------------

    def _carry_out(self, node: NodeId, folder: str, clock: _Clock, wanted: Wanted) -> None:
        clock.lap("queue")
        module, spec = self.module(node)
        values = self._plan.values[node]
        environment = self._environment(module, values)
        beginning = _beginning(wanted, self._ledger.nodes[node].started_at or self._world.now())
        self._world.run_folders.opened(folder)
        self._prepare(node, environment, folder, beginning)
        staged = stage_inputs(self._world, wanted.inputs)
        if spec.fetches:
            staged["fetched"] = self._world.sources.fetch(spec, values, folder)
        if isinstance(spec.entry, TransferEntry):
            clock.lap("stage")
            self._begin(node, beginning)
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
            self._ledger.nodes[node],
            self._world.runs_folder,
            linked,
            command,
            self._world.keeps_locals,
        )
        clock.lap("stage")
        self._begin(node, beginning)
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

    def _wanted_now(self, node: NodeId) -> Wanted:
        found = self.wanted(node, self._ledger.nodes)
        return replace(
            found, why_anew="its inputs or environment could not be had when results were looked for"
        )

    def _prepare(
        self, node: NodeId, environment: ResolvedEnvironment, folder: str, beginning: Mapping[str, Any]
    ) -> None:
        """Build the environment when it is not there yet, with the state saying so meanwhile."""
        if not self._world.environments.is_ready(environment):
            self._ledger.move(node, State.QUEUED, State.PREPARING, **beginning)
            self._world.environments.prepare(environment, _BuildLog(folder))

    def _begin(self, node: NodeId, beginning: Mapping[str, Any]) -> None:
        """Running; after a power cut that has to be known only of what may not begin again."""
        way = _way_to_running(self._ledger.nodes[node].state)
        self._ledger.move(node, *way, may_be_lost=self.is_repeatable(node), **beginning)

    def _execute(self, task: Task) -> Outcome:
        if self._canceled.is_set():
            return Outcome(Reason.CANCELED)
        return self._world.compute.execute(task, canceled=self._canceled)

    # --- to its end -------------------------------------------------------------------------------------

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
            self._ledger.begin_attempt(node)
            return
        if self._is_tried_again(node, collected):
            self._ledger.begin_attempt(node)
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

    def _end_badly(self, node: NodeId, problem: Problem) -> None:
        """A fault outside the box; records that do not answer are no fault of the node's."""
        reason = _reason_of(problem)
        if reason == Reason.INTERRUPTED and self._may_retry(node):
            self._ledger.begin_attempt(node)
        else:
            self.fail(node, reason, problem)

    def _close_folder(self, folder: str) -> None:
        """Others can read it; a fault of that is no fault of the node's."""
        try:
            self._world.run_folders.closed(folder)
        except ProblemError as error:
            _log.warning("logs of %s are on this machine only: %s", folder, error)

    # --- small questions --------------------------------------------------------------------------------

    def _environment(self, module: ModuleNode, values: Mapping[str, Json]) -> ResolvedEnvironment:
        return resolve_environment(
            self._world.environments, self._graph, module, self._run.options.environment, values
        )

    def _may_retry(self, node: NodeId) -> bool:
        attempts = self._ledger.nodes[node].attempt
        return attempts < MOST_RETRIES and self.is_repeatable(node) and not self._canceled.is_set()

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
            collect = inside.get("collect", 0.0)
            handed = max(laps.get("script", 0.0) - script - collect, 0.0)
            laps["script"] = round(script, 3)
            laps["collect"] = round(laps.get("collect", 0.0) + collect, 3)
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


def _beginning(wanted: Wanted, started_at: str) -> dict[str, Any]:
    """Facts that are recorded with the first state behind created."""
    return {
        "started_at": started_at,
        "fingerprint": fingerprint(wanted.parts),
        "parts": wanted.parts.as_json(),
        "reuse": wanted.why_anew,
    }


def _reason_of(problem: Problem) -> str:
    if problem.code in NO_RECORDS:
        return Reason.INTERRUPTED
    return Reason.ISOLATION_FAILED if problem.code == "C001" else Reason.REJECTED


def _internal(node: NodeId) -> Problem:
    return Problem(
        "X001",
        "Skyloom itself failed while it carried out this node.",
        f"nodes.{node}",
        "The agent's log has the details; please report them. 'skyloom runs resume' tries again.",
    )
