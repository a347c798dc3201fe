"""User code is fenced: what it raises becomes a Problem whose traceback begins at the user's first line.

Source: studio.md 1.2 and 1.7. Every BaseException is error 0085, SystemExit and KeyboardInterrupt too; the
short text names the line of azureml_main, the whole Python traceback goes to the log.
"""

from __future__ import annotations

import os
import re
import traceback
from dataclasses import replace
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from skyloom.core.problem import Problem, ProblemError

MESSAGE_LIMIT = 4096  # characters; what Designer kept of a message (studio.md 1.7)
TRACEBACK_LIMIT = 200_000  # characters; the log has more room than a record, but not without end
FRAMES_LIMIT = 100  # frames shown of one exception; the middle of a deep recursion is left out
_NESTED_LIMIT = 20  # exceptions of one chain that are looked at

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(os.path.join(_PACKAGE, room) + os.sep for room in ("runner", "data", "core", "compute"))

_FIXES = {
    "SystemExit": "Let azureml_main return instead of ending the interpreter.",
    "KeyboardInterrupt": "Nobody pressed a key here: the script raised KeyboardInterrupt itself.",
    "MemoryError": "The memory limit of this node was reached: raise it, or load fewer rows or columns.",
    "ModuleNotFoundError": "Add the package to the node's environment, or put the file into the bundle.",
    "SyntaxError": "Correct the line shown; a script written for Python 2 runs with compatibility on.",
    "RecursionError": "Look for a function that calls itself without an end.",
}


# libraries whose removed names the compatibility layer restores
_DROPPED = re.compile(r"DataFrame|Series|Index|numpy|pandas|sklearn|matplotlib|string|itertools")
_GAP = re.compile(r'  File "<(\d+) frames left out>", line 0, in \n')


class Place(NamedTuple):
    """Where the user's code failed: ``main_line`` is the line in azureml_main, if it had been entered."""

    where: str
    main_line: Optional[int]


def problem_from(error: BaseException, script: str, work: str, function: str = "azureml_main") -> Problem:
    """Say what a script raised.

    Parameters
    ----------
    error
        What was caught around the user's code.
    script
        Path of the script file inside the box.
    work
        The working folder; files below it are the user's own.
    function
        The entry point whose line the message names.

    Returns
    -------
    Problem
        S001, or S002 for a script that Python cannot read. A ProblemError of ours that passed through
        user code keeps its code and gains place and traceback.
    """
    frames = list(_frames(error, script, work))
    place = _place(error, frames, script, work, function)
    if isinstance(error, ProblemError):
        if not frames:  # about what came back, not about a line
            return error.problem
        found = error.problem
        return replace(found, where=found.where or place.where, traceback=format_traceback(error))
    what = safe_text(_one_line(error))
    is_unreadable = isinstance(error, SyntaxError) and not frames
    if place.main_line is not None:
        message = f"{function} failed at line {place.main_line}: '{what}'."
    elif is_unreadable:
        message = f"The script cannot be read: '{what}'."
    else:
        message = f"The script failed outside {function}: '{what}'."
    code = "S002" if is_unreadable else "S001"
    return Problem(
        code, _cut(message, MESSAGE_LIMIT), place.where, _fix(error, what), format_traceback(error)
    )


def module_problem_from(error: BaseException) -> Problem:
    """Say what a built-in module raised: its own problem as it is, anything else as Studio error 1000."""
    if isinstance(error, ProblemError):
        return error.problem
    what = safe_text(_one_line(error))
    fix = "Look at the data that entered this node; the traceback in the log names the library call."
    return Problem(
        "S035", _cut(f"A library failed: {what}.", MESSAGE_LIMIT), "", fix, format_traceback(error)
    )


def format_traceback(error: BaseException) -> str:
    """The user's whole traceback as text, with causes, without frames of ours.

    Long recursions lose their middle; text that JSON cannot carry is written with a backslash.
    """
    try:
        shown = traceback.TracebackException(type(error), error, error.__traceback__, lookup_lines=False)
        for nested in _chain(shown):
            nested.stack = _users_frames(nested.stack)
        text = _GAP.sub(r"  [\1 frames left out]\n", "".join(shown.format()))
    except BaseException as failure:
        text = f"{type(error).__name__} (its traceback cannot be shown: {type(failure).__name__})\n"
    return _cut(safe_text(text), TRACEBACK_LIMIT)


def safe_text(value: object) -> str:
    r"""Text that strict JSON and UTF-8 can carry; lone surrogates become escapes.

    >>> safe_text("a\udc80")
    'a\\udc80'
    """
    try:
        text = value if type(value) is str else str(value)
    except BaseException as failure:
        text = f"<{type(value).__name__} whose text raises {type(failure).__name__}>"
    return str.encode(text, "utf-8", "backslashreplace").decode("utf-8")


def _fix(error: BaseException, what: str) -> str:
    for cls in type(error).__mro__:
        if cls.__name__ in _FIXES:
            return _FIXES[cls.__name__]
    if isinstance(error, (AttributeError, ImportError)) and _DROPPED.search(what):
        return "Names that newer versions of this library dropped come back with compatibility on."
    return "Read the traceback in the log of this node."


def _one_line(error: BaseException) -> str:
    text = safe_text(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(
    error: BaseException, frames: List[Tuple[str, int, str]], script: str, work: str, function: str
) -> Place:
    """The deepest line in the user's own files, and the line of the first azureml_main frame."""
    main_line = next((line for path, line, name in frames if name == function and path == script), None)
    if isinstance(error, SyntaxError) and not frames:
        path, line = error.filename or script, error.lineno or 1
    elif frames:
        path, line, _ = frames[-1]
    else:
        path, line = script, 0
    shown = os.path.relpath(path, work) if path.startswith(work) else os.path.basename(path)
    return Place(safe_text(f"{shown}:{line}" if line else shown), main_line)


def _frames(error: BaseException, script: str, work: str) -> Iterator[Tuple[str, int, str]]:
    """(path, line, function) of the traceback's frames that lie in the user's own files, outermost first."""
    below = work.rstrip("/") + "/"
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if path == script or path.startswith(below):
            yield path, line, frame.f_code.co_name


def _chain(shown: traceback.TracebackException) -> List[traceback.TracebackException]:
    """An exception with its causes, contexts and group members."""
    found: Dict[int, traceback.TracebackException] = {}
    waiting = [shown]
    while waiting and len(found) < _NESTED_LIMIT:
        item = waiting.pop()
        if id(item) in found:
            continue
        found[id(item)] = item
        waiting += [other for other in (item.__cause__, item.__context__) if other is not None]
        waiting += getattr(item, "exceptions", None) or []
    return list(found.values())


def _users_frames(stack: traceback.StackSummary) -> traceback.StackSummary:
    kept = [frame for frame in stack if not frame.filename.startswith(_OURS)]
    places = [(frame.filename, frame.lineno, frame.name) for frame in kept]
    # equal neighbours are folded by the traceback module itself
    if sum(one != other for one, other in zip(places, places[1:])) > FRAMES_LIMIT:  # noqa: RUF007 - 3.10 on
        half = FRAMES_LIMIT // 2
        gap = traceback.FrameSummary(
            f"<{len(kept) - 2 * half} frames left out>", 0, "", lookup_line=False, line=""
        )
        kept = [*kept[:half], gap, *kept[-half:]]
    return traceback.StackSummary.from_list(kept)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
