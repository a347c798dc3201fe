"""What a script raised, as a problem whose traceback begins at the user's first line (runner/fence.py)."""

from __future__ import absolute_import, division, print_function

import os
import traceback

from .words import Fault, clean_text, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

MESSAGE_LIMIT = 4096  # characters; what Designer kept of a message (studio.md 1.7)
TRACEBACK_LIMIT = 200000
_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_FIXES = {
    "SystemExit": u"Let azureml_main return instead of ending the interpreter.",
    "KeyboardInterrupt": u"Nobody pressed a key here: the script raised KeyboardInterrupt itself.",
    "MemoryError": u"The memory limit of this node was reached: raise it, or load fewer rows or columns.",
    "ImportError": u"This environment has a fixed set of packages (docs/environments.md); "
    u"put further ones into the bundle.",
    "SyntaxError": u"Correct the line shown, or choose the environment whose Python it is written for.",
    "RuntimeError": u"Read the traceback in the log of this node.",
}


def problem_from(error, trace, script, work, function):
    # type: (BaseException, Any, str, str, str) -> dict[str, Any]
    """Say what a script raised: S001, or S002 for a script that Python cannot read; a Fault keeps its code.

    ``trace`` is the traceback that was caught with the error; Python 2 does not keep it with the exception.
    """
    trace = _from_users_line(trace)
    frames = [frame for frame in _frames(trace) if _is_users(frame[0], script, work)]
    where = _place(error, frames, script, work)
    if isinstance(error, Fault):
        shown = _formatted(error, trace) if frames else u""
        place = error.where or (where if frames else u"")
        return _problem(error.code, error.message_text, place, error.fix, shown)
    text = safe_text(error)
    what = u"%s: %s" % (type(error).__name__, text) if text else safe_text(type(error).__name__)
    main_lines = [line for path, line, name in frames if name == function and path == script]
    is_unreadable = isinstance(error, SyntaxError) and not frames
    if main_lines:
        message = u"%s failed at line %d: '%s'." % (function, main_lines[0], what)
    elif is_unreadable:
        message = u"The script cannot be read: '%s'." % what
    else:
        message = u"The script failed outside %s: '%s'." % (function, what)
    code = "S002" if is_unreadable else "S001"
    return _problem(code, _cut(message, MESSAGE_LIMIT), where, _fix(error), _formatted(error, trace))


def _problem(code, message, where, fix, shown):
    # type: (str, str, str, str, str) -> dict[str, Any]
    return {"code": code, "message": message, "where": where, "fix": fix, "traceback": shown}


def _formatted(error, trace):
    # type: (BaseException, Any) -> str
    try:
        lines = traceback.format_exception(type(error), error, trace)
        text = u"".join(safe_text(line) for line in lines)
    except BaseException as failure:
        text = u"%s (its traceback cannot be shown: %s)\n" % (type(error).__name__, type(failure).__name__)
    return _cut(clean_text(text), TRACEBACK_LIMIT)


def _from_users_line(trace):
    # type: (Any) -> Any
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return trace


def _frames(trace):
    # type: (Any) -> list[tuple[str, int, str]]
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append((code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    return found


def _is_users(path, script, work):
    # type: (str, str, str) -> bool
    return path == script or path.startswith(work.rstrip("/") + "/")


def _place(error, frames, script, work):
    # type: (BaseException, list[tuple[str, int, str]], str, str) -> str
    if isinstance(error, SyntaxError) and not frames:
        path, line = error.filename or script, error.lineno or 1
    elif frames:
        path, line, _ = frames[-1]
    else:
        path, line = script, 0
    shown = os.path.relpath(path, work) if path.startswith(work) else os.path.basename(path)
    return safe_text("%s:%d" % (shown, line) if line else shown)


def _fix(error):
    # type: (BaseException) -> str
    for kind in type(error).__mro__:
        if kind.__name__ in _FIXES:
            return _FIXES[kind.__name__]
    return u"Read the traceback in the log of this node."


def _cut(text, limit):
    # type: (str, int) -> str
    if len(text) <= limit:
        return text
    half = limit // 2
    return u"%s\n[... %d characters left out ...]\n%s" % (text[:half], len(text) - 2 * half, text[-half:])
