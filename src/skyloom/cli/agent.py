"""``skyloom agent``: the process that owns the workspace."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.terminal import Terminal
from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.http import HttpWorkspace
from skyloom.core.problem import Problem, ProblemError

NOT_RUNNING = "A001"

app = typer.Typer(help="The agent: the process that owns the workspace.", no_args_is_help=True)


@app.command()
def status(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Say whether the agent runs; it is not started for that."""
    terminal, place = Terminal(as_json, quiet), AgentPlace(workspace_home())
    try:
        found = {"running": True, **HttpWorkspace(place).status()}
    except ProblemError as error:
        if error.problem.code != NOT_RUNNING:
            raise
        found = {"running": False, "home": place.home}
    if as_json:
        terminal.answer(found)
    elif found["running"]:
        terminal.facts(found)
    else:
        terminal.line(f"No agent runs for {place.home}.")
    return exit_codes.OK if found["running"] else exit_codes.UNREACHABLE


@app.command()
def stop(
    wait: Annotated[float, typer.Option(min=0, metavar="S", help="How long to wait for its end.")] = 30.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """End the agent; runs that go on are taken up by the next one."""
    terminal, place = Terminal(as_json, quiet), AgentPlace(workspace_home())
    try:
        pid = HttpWorkspace(place).stop().get("pid")
    except ProblemError as error:
        if error.problem.code != NOT_RUNNING:
            raise
        pid = None
    if isinstance(pid, int) and not _ended(pid, wait):
        raise ProblemError(
            Problem(
                "A027",
                f"The agent (process {pid}) is still ending.",
                place.home,
                f"Its log: {place.log_path}",
            )
        )
    if as_json:
        terminal.answer({"stopped": pid is not None, "pid": pid})
    else:
        terminal.say(f"The agent (process {pid}) ended." if pid else f"No agent runs for {place.home}.")
    return exit_codes.OK


def _ended(pid: int, wait_s: float) -> bool:
    """Whether the process is gone within ``wait_s`` (a zombie counts as gone)."""
    deadline = time.monotonic() + wait_s
    while _lives(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False
