"""Carries out a step: a program started cold in its working folder, in a process of its own.

The box's own process stays untouched by the program, waits for it, and tells how it ended.
Source: sdk.md 11, Process.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from typing import Any, Dict, List, Mapping, Optional, Tuple

import skyloom
from skyloom.core.problem import Problem, ProblemError
from skyloom.runner import console
from skyloom.runner.message import Job
from skyloom.runner.run_context import Recorder
from skyloom.runner.step_record import FOLDER, open_plain, read_record
from skyloom.runner.step_script import WANTED

STEP_FOLDER = "step"  # below the work folder: the working directory, a copy of the snapshot
KEPT_FOLDERS = ("outputs", "logs")  # what lies there is kept with the run

_MOST_REPORT_BYTES = 1 << 20

# As for the zygote: our package is found by its path, and nothing else of the agent's comes with it. What
# importlib.util would do for it takes 5 ms.
START = """
import sys
module = sys.modules["skyloom"] = type(sys)("skyloom")
module.__path__ = [sys.argv[1]]
from skyloom.runner.step_script import main
main(sys.argv[2], sys.argv[3] == "old", sys.argv[4:])
"""


def call_command(job: Job, recorder: Recorder) -> Tuple[()]:
    """Run the program to its end; what it logged and uploaded is in ``recorder`` then, also if it failed.

    Raises
    ------
    ProblemError
        R301 it ended with another code than 0, R302 a signal ended it, R303 it cannot be started.
    """
    entry: Mapping[str, Any] = job.entry
    folder = os.path.join(job.work, STEP_FOLDER)
    record = os.path.join(job.work, FOLDER)
    make_folders(job.work, job.tells_locals)
    make_links(entry)
    argv: List[str] = list(entry["argv"])
    announce(entry)
    status = _run(entry, argv, folder, job)
    read_record(record, recorder)
    if status != 0:
        raise ProblemError(ended(argv[0], status, report_of(record)))
    return ()  # what it made lies in its folders, where the agent looks for it


def make_folders(work: str, tells_locals: bool = False) -> None:
    """What a step finds ready: outputs/ and logs/; and where it leaves its record."""
    for path in (FOLDER, *(os.path.join(STEP_FOLDER, name) for name in KEPT_FOLDERS)):
        os.makedirs(os.path.join(work, path), exist_ok=True)
    if tells_locals:  # all processes that the step starts in our way find it there
        with open(os.path.join(work, FOLDER, WANTED), "wb"):
            pass


def make_links(entry: Mapping[str, Any]) -> None:
    """Inputs under the paths that were asked for (path_on_compute); one that cannot be made is told."""
    for link, target in entry.get("links", {}).items():
        try:
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(target, link)
        except OSError as error:
            line = "'%s' cannot lead to the input there: %s. It lies at %s.\n" % (
                link,
                error.strerror,
                target,
            )
            os.write(2, line.encode("utf-8", "backslashreplace"))


def announce(entry: Mapping[str, Any]) -> None:
    """The call before and after its words were filled in: users read both in the driver log (sdk.md 11)."""
    for line in announcement(entry):
        os.write(1, (line + "\n").encode("utf-8", "backslashreplace"))


def announcement(entry: Mapping[str, Any]) -> List[str]:
    """The lines that say so."""
    return [
        f"Step command, {label}: {' '.join(shlex.quote(word) for word in words)}"
        for label, words in (("as written", entry["shown"]), ("as started", entry["argv"]))
    ]


def _run(entry: Mapping[str, Any], argv: List[str], folder: str, job: Job) -> int:
    variables: Dict[str, str] = {**os.environ, **entry["variables"]}
    words = argv
    if entry.get("language") == "python":
        package = os.path.dirname(os.path.abspath(skyloom.__file__))
        names = "old" if job.wants_compatibility else "new"
        words = [sys.executable, "-c", START, package, job.work, names, *argv]
    console.flush()
    try:
        with open(os.devnull, "rb") as nothing:
            return subprocess.Popen(words, stdin=nothing, cwd=folder, env=variables).wait()
    except (OSError, ValueError) as error:
        what = f"The program '{words[0]}' cannot be started: {getattr(error, 'strerror', None) or error}."
        raise ProblemError(
            Problem("R303", what, "", "Name a program that the step's environment has.")
        ) from error


def report_of(record: str) -> Optional[Mapping[str, Any]]:
    """What the script's own process told about the exception that ended it."""
    try:
        with open_plain(os.path.join(record, "problem.json")) as file:
            told = json.loads(file.read(_MOST_REPORT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def ended(program: str, status: int, report: Optional[Mapping[str, Any]]) -> Problem:
    """The problem of a program that did not end with 0; ``status`` is its exit code, or minus a signal."""
    if status < 0:
        name = _signal_name(-status)
        return Problem(
            "R302",
            f"'{program}' was ended by signal {name}.",
            "",
            "Look for a fault in an extension package.",
        )
    if report is None:
        what = f"'{program}' ended with exit code {status}."
        return Problem("R301", what, "", "Its own lines in the log say why; code 0 means that all is well.")
    what = f"'{program}' failed: {report.get('message', '')}"
    fix = "Read the traceback: it begins in the step's own script."
    return Problem("R301", what, str(report.get("where", "")), fix, str(report.get("traceback", "")))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
