"""``skyloom debug``: a step, or the script of a module, once more under a debugger and outside of its box."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.runs import RunWord, known_run
from skyloom.cli.terminal import Terminal
from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.publishing import PublishingWorkspace
from skyloom.client.revive import revive


def debug(
    run: RunWord,
    step: Annotated[
        str, typer.Argument(help="Name of a step; default: the one that failed, or the only one.")
    ] = "",
    folder: Annotated[
        str | None, typer.Option("--folder", metavar="DIR", help="Where to; default: debug-RUN-STEP here.")
    ] = None,
    wait: Annotated[
        int | None,
        typer.Option("--wait", metavar="PORT", help="Wait for a debugger at this port, instead of pdb."),
    ] = None,
    prepare: Annotated[bool, typer.Option("--prepare", help="Only make the folder.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Lay a step of a run, or a module's script, out in a folder and start it under a debugger.

    The folder has the step's snapshot, inputs and arguments, or the script with its input tables; the
    environment's own Python starts it. It runs with your own rights: the box is missing.
    """
    terminal = Terminal(as_json, quiet)
    api = PublishingWorkspace(AgentPlace(workspace_home()), revive)
    run_id = known_run(api, run)
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "_", step)
    target = os.path.abspath(folder or "-".join(part for part in ("debug", run_id[-8:], safe) if part))
    made = api.lay_out_step(run_id, step, target)
    if as_json or prepare:
        if as_json:
            terminal.answer(made)
        else:
            terminal.line(str(made["folder"]))
            terminal.say(f"Start it with: {made['python']} {made['launch']}")
        return exit_codes.OK
    terminal.say(f"The step lies in {made['folder']}. It runs with your own rights, outside of a box.")
    words = [str(made["python"]), str(made["launch"])]
    ended = subprocess.call([*words, *(["--wait", str(wait)] if wait is not None else [])])
    return exit_codes.OK if ended == 0 else exit_codes.FAILED
