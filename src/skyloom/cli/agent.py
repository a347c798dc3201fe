"""``skyloom agent``: the process that owns the workspace."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from typing import Annotated
from urllib.parse import urlsplit

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.terminal import Terminal
from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.http import HttpWorkspace
from skyloom.client.start import AGENT
from skyloom.core.problem import Problem, ProblemError

NOT_RUNNING = "A001"
FOR_EVER_S = "1e9"

SHARED_URL = "SKYLOOM_SHARED_URL"
_KINDS = ("postgresql://", "postgres://")

app = typer.Typer(help="The agent: the process that owns the workspace.")


@app.callback(invoke_without_command=True)
def join(
    context: typer.Context,
    workspace: Annotated[
        str,
        typer.Option(
            envvar="SKYLOOM_DATABASE_URL",
            metavar="URL",
            help="Database of a workspace that a team shares (postgresql://...): work for it here.",
        ),
    ] = "",
    shared: Annotated[
        str,
        typer.Option(
            envvar=SHARED_URL,
            metavar="URL",
            help="Where its content lies; only the first agent of a workspace has to be told.",
        ),
    ] = "",
    slots: Annotated[
        int, typer.Option(min=0, metavar="N", help="Nodes side by side; 0: two for each processor.")
    ] = 0,
    home: Annotated[
        str, typer.Option(metavar="DIR", help="Folder of this machine's copies; by default one for each URL.")
    ] = "",
) -> None:
    """The agent: the process that owns the workspace.

    'skyloom agent --workspace URL' stays in the foreground and takes runs of a shared workspace until Ctrl-C.
    """
    if context.invoked_subcommand is not None:
        return
    if not workspace:
        typer.echo(context.get_help())
        raise typer.Exit(exit_codes.USAGE)
    if not workspace.startswith(_KINDS):
        what = "A workspace that a team shares has its records in PostgreSQL."
        fix = "Give the URL of that database: skyloom agent --workspace postgresql://USER@HOST/NAME"
        raise ProblemError(Problem("C154", what, "--workspace", fix))
    place = AgentPlace(home or own_home(workspace))
    environ = dict(os.environ)
    environ["SKYLOOM_DATABASE_URL"] = workspace.replace("postgres://", "postgresql://", 1)
    environ["SKYLOOM_IDLE_S"] = FOR_EVER_S
    if shared:
        environ[SHARED_URL] = shared
    if slots:
        environ["SKYLOOM_SLOTS"] = str(slots)
    Terminal(False, False).say(
        f"Working for the workspace until Ctrl-C. Copies are kept in {place.home};"
        f" SKYLOOM_HOME={place.home} lets commands of this machine use the workspace."
    )
    place.make_folders()
    sys.stdout.flush()
    command = [*AGENT, "--home", place.home]
    os.execve(command[0], command, environ)


def own_home(url: str) -> str:
    """A folder for the workspace at that address, whatever password or options the address has."""
    found = urlsplit(url)
    at = f"{found.hostname}:{found.port or 5432}{found.path}?{found.query}"
    return os.path.join(workspace_home(), "teams", hashlib.sha256(at.encode()).hexdigest()[:16])


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
