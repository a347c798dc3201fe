"""How a script in R ended: R's own word for it, or, where there is none, how its process ended.

Source: studio.md 6 ("errors passed by a status file with the call stack") and 1.8 (error 0085).
"""

from __future__ import annotations

import re
import signal
from typing import List, NamedTuple, Optional, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import MESSAGE_LIMIT, TRACEBACK_LIMIT
from skyloom.runner.r_bridge_file import Damaged, read_plain_file
from skyloom.runner.result import NoResult

SCRIPT_FILE = "script.R"  # the old product's name of it (studio.md 6)
_MAGIC = "SKYROUT1"
_LARGEST_BYTES = 4 << 20
_PARSE_PLACE = re.compile(r"script\.R:(\d+):(\d+): ")

_FIX_DATA_FRAME = "Give a data frame, alone or in list(dataset1 = ..., dataset2 = ...)."
_FIX_ENTRY = (
    'Define azureml_main <- function(dataframe1, dataframe2), or call maml.mapOutputPort("name") at the end.'
)


class ROutcome(NamedTuple):
    """``state`` is "done", "error", "parse", or what was refused: "frame", "type", "entry"."""

    state: str
    message: str
    call: str
    where: str
    stack: str
    notices: Tuple[str, ...]


def read_outcome(path: str) -> Optional[ROutcome]:
    """What R said; None when it said nothing that can be understood."""
    try:
        content = read_plain_file(path, _LARGEST_BYTES)
    except (Damaged, OSError):
        return None
    if content is None:
        return None
    words: List[str] = content.tobytes().decode("utf-8", "replace").split("\0")
    if len(words) < 7 or words[0] != _MAGIC:
        return None
    state, message, call, where, stack = words[1:6]
    return ROutcome(state, message, call, where, stack, tuple(words[6:-1]))


def failure_of(outcome: ROutcome) -> Optional[ProblemError]:
    """What R said as a problem; None when all went well."""
    if outcome.state == "done":
        return None
    message = _cut(outcome.message.strip(), MESSAGE_LIMIT)
    if outcome.state == "parse":
        return ProblemError(_unreadable(message))
    if outcome.state in ("frame", "entry"):
        code, fix = ("S204", _FIX_DATA_FRAME) if outcome.state == "frame" else ("S203", _FIX_ENTRY)
        return NoResult(Problem(code, message, outcome.where, fix, _traceback(outcome, message)))
    if outcome.state == "type":
        fix = "Turn the column into numbers, text, a factor or times, or leave it out."
        return NoResult(Problem("S207", message, outcome.where, fix, _traceback(outcome, message)))
    file, _, line = outcome.where.rpartition(":")
    place = f" at line {line} of {file}" if file else ""
    said = f"The R script failed{place}: '{message}'."
    return ProblemError(Problem("S201", said, outcome.where, _fix(message), _traceback(outcome, message)))


def failure_of_end(status: int, has_result: bool) -> Optional[ProblemError]:
    """What it means that R ended with this status and without a word: quit(), or a crash.

    A script that has sent its result and then calls ``quit()`` has done its work.
    """
    if status < 0:
        name = _signal_name(-status)
        what = f"R was ended by the signal {name}."
        fix = "A package written in C may have crashed; R's last lines stand in the log."
        return ProblemError(Problem("S208", what, SCRIPT_FILE, fix))
    if status == 0 and has_result:
        return None
    what = f"The script ended R itself (quit) with status {status}"
    what += "." if has_result else ", before it gave a result."
    fix = "Remove quit() and q(): the node ends when the script does."
    return ProblemError(Problem("S205", what, SCRIPT_FILE, fix))


def failure_of_fork(has_quit: bool, has_result: bool) -> Optional[ProblemError]:
    """The same for a call of a web service, where R tells neither status nor signal of a fork's end."""
    if not has_quit:
        what = "R ended in the middle of the call, without an error of its own: it crashed, or was ended."
        fix = "A package written in C may have crashed, or memory ran out."
        return ProblemError(Problem("S208", what, SCRIPT_FILE, fix))
    if has_result:
        return None
    what = "The script ended R itself (quit) before it gave a result."
    fix = "Remove quit() and q(): the call ends when the script does."
    return ProblemError(Problem("S205", what, SCRIPT_FILE, fix))


def _unreadable(message: str) -> Problem:
    found = _PARSE_PLACE.search(message)
    where = f"{SCRIPT_FILE}:{found[1]}" if found else SCRIPT_FILE
    said = f"The R script does not parse: '{message}'."
    return Problem("S202", said, where, "Correct the line shown.", f"Error: {message}\n")


def _traceback(outcome: ROutcome, message: str) -> str:
    """As R shows an error, with the calls behind it, outermost first."""
    call = f" in {outcome.call}" if outcome.call else ""
    stack = f"Calls:\n{outcome.stack}\n" if outcome.stack else ""
    return _cut(f"Error{call}: {message}\n{stack}", TRACEBACK_LIMIT)


def _fix(message: str) -> str:
    if message.startswith("there is no package called"):
        return "Install the package for all users of this machine; a box has no network and no home folder."
    if message.startswith("cannot allocate vector"):
        return "The memory limit of this node was reached: raise it, or load fewer rows or columns."
    return "Read the call stack in the log of this node."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
