"""Progress: what becomes of the nodes of a run, a line each, and a summary."""

from __future__ import annotations

import sys

from skyloom.cli import exit_codes
from skyloom.cli.escaping import visible_line
from skyloom.cli.follow import End, Watcher, follow, seconds_of
from skyloom.cli.terminal import Terminal, state_paint
from skyloom.client.http import HttpWorkspace
from skyloom.core.event import RunEvent
from skyloom.core.identity import Json, RunId
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State, is_terminal


def watch_run(api: HttpWorkspace, terminal: Terminal, run: RunId, interrupted: bool = False) -> int:
    """Watch a run to its end, tell it, and give the exit code of the command."""
    watcher = Watcher() if terminal.as_json or terminal.quiet else _Progress(api, terminal, run)
    end = follow(api, run, watcher, lambda: terminal.say("Canceling; Ctrl-C again to leave at once."))
    end = End(end.state, end.interrupted or interrupted)
    report = api.report(run, export=terminal.as_json)
    if terminal.as_json:
        terminal.answer(report)
    else:
        _say_summary(terminal, api.run(run))
    return exit_codes.of_report(end.state, failure_reasons(report), end.interrupted)


def failure_reasons(report: dict[str, Json]) -> list[Json]:
    """Why the failed nodes of a report failed."""
    nodes = report.get("nodes")
    bodies = nodes.values() if isinstance(nodes, dict) else ()
    return [body.get("reason") for body in bodies if isinstance(body, dict) and body.get("state") == "failed"]


class _Progress(Watcher):
    """A line for each node that ended; on a terminal also one that says what runs now."""

    def __init__(self, api: HttpWorkspace, terminal: Terminal, run: RunId) -> None:
        self._api = api
        self._terminal = terminal
        self._run = run
        self._live: dict[str, State] = {}
        self._ended: list[str] = []
        self._status = _StatusLine()

    def on_event(self, event: RunEvent) -> None:
        if event.kind != "state" or event.node is None:
            return
        state = State(str(event.body["state"]))
        if is_terminal(state):
            self._live.pop(event.node, None)
            self._ended.append(event.node)
        else:
            self._live[event.node] = state

    def on_look(self) -> None:
        self._status.clear()
        if self._ended:
            run = self._api.run(self._run)
            for name in self._ended:
                node = run.node(name)
                if node is not None:
                    say_node(self._terminal, node)
            self._ended.clear()
        self._status.show([f"{name} {state.value}" for name, state in self._live.items()])


class _StatusLine:
    """One line at the bottom of the terminal that comes and goes; nothing elsewhere."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._shown = False

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            self._shown = False

    def show(self, parts: list[str]) -> None:
        if self._wanted and parts:
            sys.stderr.write(visible_line(", ".join(parts))[:78])
            sys.stderr.flush()
            self._shown = True


def say_node(terminal: Terminal, node: NodeRun) -> None:
    """One line about a node that ended, and its problem if it has one."""
    took = seconds_of(node)
    facts = [
        f"{took:.2f} s" if took is not None else "",
        f"reused from {node.reused_from}" if node.reused_from else "",
        node.reason or "",
    ]
    told = ", ".join(fact for fact in facts if fact)
    terminal.say(
        state_paint(node.state.value, 9), f"  {visible_line(node.node)}" + (f"  {told}" if told else "")
    )
    if node.problem is not None:
        terminal.problems([node.problem])


def _say_summary(terminal: Terminal, run: Run) -> None:
    reused = sum(node.reused_from is not None for node in run.nodes)
    done = sum(node.state is State.COMPLETED for node in run.nodes)
    terminal.say(
        state_paint(run.state.value),
        f": {done} of {len(run.nodes)} nodes completed, {reused} of them reused; run {run.id}",
    )
