"""Endings: a command that could not do its work says so in one shape and with the right exit code."""

from __future__ import annotations

import os
import time
import traceback

from skyloom.cli import exit_codes
from skyloom.cli.terminal import Terminal
from skyloom.client.home import workspace_home
from skyloom.core.problem import Problem, ProblemError


def tell_end(error: BaseException, as_json: bool) -> int:
    """Tell the error and give its exit code. With ``--json`` stdout has one object afterwards."""
    problems, code = _problems(error)
    if as_json and not Terminal.answered:
        told = [problem.as_json() for problem in problems]
        Terminal(True).answer({"problem": told[0], "problems": told})
    if code != exit_codes.INTERRUPTED:
        Terminal().problems(problems)
    return code


def _problems(error: BaseException) -> tuple[list[Problem], int]:
    if isinstance(error, ProblemError):
        return list(error.problems), exit_codes.of_problem(error.problem)
    if isinstance(error, KeyboardInterrupt):
        return [Problem("A024", "Interrupted.")], exit_codes.INTERRUPTED
    # asked by its methods: a fault before typer was loaded must not need typer to be told
    usage = getattr(error, "format_message", None)
    if callable(usage):
        return [Problem("A020", str(usage()), "", "'skyloom COMMAND --help' shows how.")], exit_codes.USAGE
    return [_crash(error)], exit_codes.FAILED


def _crash(error: BaseException) -> Problem:
    """A fault of ours: the traceback goes to a file, a pointer to it to the user."""
    path = os.path.join(workspace_home(), "agent", "crashes.log")
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(path, "a", encoding="utf-8", errors="replace") as file:
            file.write(time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime()))
            traceback.print_exception(error, file=file)
        fix = f"{path} tells more; please report it."
    except OSError:
        fix = "Please report it."
    return Problem("X002", f"Skyloom's command line met a fault of its own: {type(error).__name__}.", "", fix)
