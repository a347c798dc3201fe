"""A script as a Python module of its own, so that its classes can be pickled and loaded again."""

from __future__ import annotations

import hashlib
import linecache
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from skyloom.core.problem import Problem, ProblemError

SCRIPT_NAME = "azureml_model.py"  # shown in tracebacks
T = TypeVar("T")


def load_script(script: str) -> ModuleType:
    """Run the script as a module; the same text is run once in a process.

    Raises
    ------
    ProblemError
        S002 it does not parse, S001 it failed (both Studio error 0085).
    """
    name = f"azureml_model_{hashlib.sha256(script.encode('utf-8', 'replace')).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = SCRIPT_NAME
    linecache.cache[SCRIPT_NAME] = (len(script), None, script.splitlines(True), SCRIPT_NAME)
    try:
        code = compile(script, SCRIPT_NAME, "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise ProblemError(
            Problem(
                "S002",
                f"The script cannot be read: {type(error).__name__}: {error}.",
                f"{SCRIPT_NAME}:{line}" if line else SCRIPT_NAME,
                "Correct the line.",
            )
        ) from error
    sys.modules[name] = module  # before it runs: its classes name it as their home
    try:
        fenced(lambda: exec(code, module.__dict__), "The script")
    except ProblemError:
        del sys.modules[name]
        raise
    return module


def fenced(call: Callable[[], T], what: str) -> T:
    """The call of something that the user wrote; whatever it raises is S001 with the user's own traceback.

    SystemExit and KeyboardInterrupt too (studio.md 1.2).
    """
    try:
        return call()
    except ProblemError:
        raise
    except BaseException as error:
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SCRIPT_NAME
        ]
        place = f"{SCRIPT_NAME}:{frames[-1].lineno}" if frames else SCRIPT_NAME
        shown = "".join(
            ["Traceback (most recent call last):\n", *traceback.format_list(_from_users_first(error))]
        )
        ending = "".join(traceback.format_exception_only(type(error), error))
        raise ProblemError(
            Problem(
                "S001",
                f"{what} failed: {type(error).__name__}: {str(error)[:1000]}.",
                place,
                "Read the traceback in the log of this node.",
                shown + ending,
            )
        ) from error


def _from_users_first(error: BaseException) -> list[Any]:
    frames = list(traceback.extract_tb(error.__traceback__))
    first = next((place for place, frame in enumerate(frames) if frame.filename == SCRIPT_NAME), len(frames))
    return frames[first:]
