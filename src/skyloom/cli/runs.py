"""``skyloom runs``: what was run, what came of it, and why something was or was not reused."""

from __future__ import annotations

import codecs
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.assignments import assignments
from skyloom.cli.follow import ConsoleWatcher, follow, seconds_of, write_console
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.progress import watch_run
from skyloom.cli.runs_list import show_runs
from skyloom.cli.runs_locals import show_locals
from skyloom.cli.terminal import Paint, Terminal, state_paint
from skyloom.client.http import HttpWorkspace, open_client
from skyloom.client.strict_json import strict_json
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.repair import Repair
from skyloom.core.run import Run
from skyloom.core.state import State, is_terminal

LATEST = "latest"
RunWord = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or 'latest'.")]

app = typer.Typer(help="Runs: list, look into, cancel, resume.", no_args_is_help=True)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="How many.")] = 20,
    before: Annotated[str | None, typer.Option(metavar="RUN", help="Older than this one.")] = None,
    experiment: Annotated[str | None, typer.Option(metavar="NAME", help="Of this experiment only.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """List runs, the newest first."""
    return show_runs(limit, before, experiment, as_json, quiet)


@app.command()
def show(
    run: RunWord,
    locals_: Annotated[
        bool, typer.Option("--locals", help="Also what the variables of scripts held where they failed.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Show what became of every node of a run."""
    terminal, api = Terminal(as_json, quiet), open_client()
    run_id = known_run(api, run)
    if as_json:
        terminal.answer(api.report(run_id))
        return exit_codes.OK
    found = api.run(run_id)
    _show(terminal, found)
    if locals_:
        for node in found.nodes:
            show_locals(terminal, api, node)
    return exit_codes.OK


@app.command()
def log(
    run: RunWord,
    node: Annotated[
        str | None, typer.Argument(help="Default: the only node, or the one that failed.")
    ] = None,
    stream: Annotated[str, typer.Option(help="stdout, stderr or environment.")] = "stdout",
    follow_: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run ends.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Show the console output of a node."""
    terminal, api = Terminal(as_json, quiet), open_client()
    found = api.run(known_run(api, run))
    name = node or _telling_node(found)
    if follow_ and not as_json and not is_terminal(found.state):
        watcher = ConsoleWatcher(api, found.id, name)
        return exit_codes.INTERRUPTED if follow(api, found.id, watcher, lambda: None).interrupted else 0
    content = _whole_log(api, found.id, name, stream)
    if as_json:
        text = content.decode("utf-8", "backslashreplace")
        terminal.answer({"run": found.id, "node": name, "stream": stream, "text": text})
    else:
        write_console(sys.stdout, content, codecs.getincrementaldecoder("utf-8")("backslashreplace"))
    return exit_codes.OK


@app.command()
def cancel(run: RunWord, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Cancel a run; one that has ended stays as it is."""
    terminal, api = Terminal(as_json, quiet), open_client()
    run_id = known_run(api, run)
    canceled = api.cancel(run_id)
    if as_json:
        terminal.answer({"run": run_id, "canceled": canceled})
    else:
        terminal.say(f"Run {run_id} {'is being canceled' if canceled else 'had already ended'}.")
    return exit_codes.OK


@app.command()
def resume(
    run: RunWord,
    param: Annotated[
        list[str], typer.Option(metavar="NAME=VALUE", help="Another value of a graph parameter; repeatable.")
    ] = [],  # noqa: B006 typer takes a copy
    set_: Annotated[
        list[str],
        typer.Option("--set", metavar="NODE.PARAM=VALUE", help="Another value of a node's; repeatable."),
    ] = [],  # noqa: B006
    file: Annotated[
        list[str],
        typer.Option(metavar="STEP:PATH=FILE", help="Another text of a file of a step's source; repeatable."),
    ] = [],  # noqa: B006
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Run the same graph again, with what is changed, and take over all that completed."""
    terminal, api = Terminal(as_json, quiet), open_client()
    repair = Repair(_texts(file), assignments(set_), assignments(param))
    again = api.resume(known_run(api, run), repair)
    if not detach:
        return watch_run(api, terminal, again)
    if as_json:
        terminal.answer({"run": again, "state": "created", "nodes": {}})
    else:
        terminal.line(again)
    return exit_codes.OK


def _texts(words: list[str]) -> dict[str, dict[str, str]]:
    """``STEP:PATH=FILE`` words as the texts of those files, by step and path."""
    found: dict[str, dict[str, str]] = {}
    for place, name in assignments(words).items():
        step, colon, path = place.partition(":")
        if not colon or not path:
            raise typer.BadParameter(f"'{place}' is no STEP:PATH")
        try:
            found.setdefault(step, {})[path] = Path(name).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise typer.BadParameter(f"'{name}' cannot be read as text: {error}") from error
    return found


@app.command()
def delete(run: RunWord, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Forget a run that has ended, with its logs; what others took over from it stays."""
    terminal, api = Terminal(as_json, quiet), open_client()
    run_id = known_run(api, run)
    api.delete_run(run_id)
    if as_json:
        terminal.answer({"run": run_id, "deleted": True})
    else:
        terminal.say(f"Run {run_id} is deleted.")
    return exit_codes.OK


@app.command()
def why(run: RunWord, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Say of every node why an earlier result was or was not reused."""
    terminal, api = Terminal(as_json, quiet), open_client()
    run_id = known_run(api, run)
    notes = api.why(run_id)
    if as_json:
        terminal.answer(
            {
                "run": run_id,
                "nodes": [
                    {
                        "node": note.node,
                        "reused": note.reused,
                        "from_run": note.from_run,
                        "reasons": list(note.reasons),
                    }
                    for note in notes
                ],
            }
        )
        return exit_codes.OK
    for note in notes:
        taken = Paint("reused", "green") if note.reused else Paint("run", "yellow")
        terminal.line(f"{note.node}: ", taken, f" (run {note.from_run})" if note.from_run else "")
        for reason in note.reasons:
            terminal.line(f"  {reason}")
    return exit_codes.OK


def known_run(api: HttpWorkspace, word: str) -> RunId:
    """A run's id from what was typed.

    Raises
    ------
    ProblemError
        R001.
    """
    if word == LATEST:
        newest = api.runs(limit=1)
        if newest:
            return newest[0].id
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", word) or word == LATEST:
        raise ProblemError(
            Problem("R001", f"There is no run '{word}'.", word, "'skyloom runs list' shows the newest runs.")
        )
    return RunId(word)


def _show(terminal: Terminal, run: Run) -> None:
    terminal.line(state_paint(run.state.value), f"  {run.experiment}  run {run.id}")
    terminal.facts(
        {
            "created": run.created_at,
            "ended": run.ended_at,
            "origin": run.origin,
            "resumes": run.options.resumes,
            "values": strict_json(run.values) if run.values else None,
        }
    )
    terminal.table(
        ("node", "state", "seconds", "reason", "isolation", "reused from", "metrics"),
        [
            (
                node.node,
                node.state.value,
                None if (took := seconds_of(node)) is None else f"{took:.2f}",
                node.reason,
                node.isolation,
                node.reused_from,
                ", ".join(f"{name}={_short(value)}" for name, value in dict(node.metrics).items()),
            )
            for node in run.nodes
        ],
    )
    terminal.problems(node.problem for node in run.nodes if node.problem is not None)


def _short(value: Json) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else strict_json(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _telling_node(run: Run) -> str:
    """The node whose log is meant when none is named."""
    failed = [node.node for node in run.nodes if node.state is State.FAILED]
    if failed or len(run.nodes) == 1:
        return failed[0] if failed else run.nodes[0].node
    names = ", ".join(node.node for node in run.nodes)
    raise ProblemError(
        Problem("A020", "The run has several nodes; say whose log.", str(run.id), f"Its nodes: {names}.")
    )


def _whole_log(api: HttpWorkspace, run: RunId, node: str, stream: str) -> bytes:
    content = bytearray()
    while part := api.log(run, node, stream, len(content)):
        content += part
    return bytes(content)
