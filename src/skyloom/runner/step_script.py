"""The process of a Python step: the script as ``__main__``, and the old names it may import.

Nothing but the standard library is loaded before the script, so a step starts as fast as Python does.
"""

from __future__ import annotations

import builtins
import os
import sys

TYPE_CHECKING = False  # as typing has it: importing that would take longer than all of this file
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, List, Optional, Sequence

_REPORT = "problem.json"
WANTED = "locals.wanted"  # beside it: values of variables are to be told, too


def main(work: str, wants_compatibility: bool, words: List[str]) -> None:
    """Run ``words[0]`` with the further words as its arguments; ends the process as the script does."""
    sys.path[0] = os.path.dirname(os.path.abspath(words[0]))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    call(work, wants_compatibility, words)


def call(work: str, wants_compatibility: bool, words: List[str]) -> None:
    """Carry out the script as ``__main__``; what differs between a cold and a warm start is done already.

    Raises
    ------
    SystemExit
        As the script ended; with 1 when it raised, and that is told then.
    """
    script = os.path.abspath(words[0])
    sys.argv = list(words)
    if hasattr(sys, "orig_argv"):  # from Python 3.10 on
        sys.orig_argv = [sys.executable, *words]
    offer_old_names(work)
    module = type(sys)("__main__")
    module.__file__ = words[0]
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    try:
        with open(script, "rb") as file:
            text: Any = file.read()
        if wants_compatibility:
            text = _modern(text, words[0])
        exec(compile(text, words[0], "exec", dont_inherit=True), module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _report(error, words[0], work)
        sys.exit(1)


def offer_old_names(work: str) -> None:
    """Let ``import azureml.core`` find what of it a step has; nothing is loaded before it is asked for."""
    sys.meta_path.insert(0, _FirstUse(work))


def _modern(content: bytes, script: str) -> Any:
    """The script as this interpreter can run it; old names of libraries work from here on."""
    import io  # as below
    import tokenize

    from skyloom.runner.compatibility.install import start

    def notice(text: str) -> None:
        print("Notice: " + text, file=sys.stderr, flush=True)

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return content  # Python itself says what is wrong with it
    return start(os.getcwd(), notice).source(text, script)


def _report(error: BaseException, script: str, work: str) -> None:
    """Write the traceback, beginning in the script, to the log and to where the box reads it."""
    import json  # these take time to load, and most scripts do not fail

    from skyloom.runner.fence import problem_from, safe_text

    problem = problem_from(error, script, os.path.join(work, "step"), "")
    text = problem.traceback
    told = {"message": f"{type(error).__name__}: {safe_text(error)}"[:4096], "traceback": text}
    told["where"] = problem.where
    folder = os.path.join(work, ".skyloom")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, _REPORT), "w", encoding="utf-8") as file:
        json.dump(told, file)
    if os.path.exists(os.path.join(folder, WANTED)):
        from skyloom.runner.local_values import tell_locals

        tell_locals(error, script, os.path.join(work, "step"), folder)
    if sys.excepthook is sys.__excepthook__:
        print(text, end="", file=sys.stderr, flush=True)
    else:
        _give_to_hook(error)


def _give_to_hook(error: BaseException) -> None:
    """The script said itself what is to be done with an exception that nobody catches."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    try:
        sys.excepthook(type(error), error.with_traceback(trace), trace)
    except SystemExit:
        raise
    except BaseException:
        import traceback  # as in _report

        print("Error in sys.excepthook:", file=sys.stderr)
        traceback.print_exc()


class _FirstUse:
    """Puts the names of the old SDK in place when the script first imports one of them."""

    def __init__(self, work: str) -> None:
        self._work = work

    def find_spec(self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None) -> Any:
        if name.partition(".")[0] != "azureml":
            return None
        sys.meta_path.remove(self)
        from skyloom.runner import azureml_names  # not before it is needed: see the head of this file
        from skyloom.runner.step_record import StepRecorder

        azureml_names.install(StepRecorder(self._work))
        return sys.meta_path[0].find_spec(name, path, target)
