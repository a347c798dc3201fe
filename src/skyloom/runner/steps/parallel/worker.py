"""A worker of a parallel step: ``init`` once, then ``run`` for every mini-batch that comes down the pipe."""

from __future__ import annotations

import inspect
import os
import pickle
import sys
import traceback
from types import ModuleType
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from skyloom.runner.step_script import _FirstUse, _modern
from skyloom.runner.steps.parallel.entry_script import offer


class Work(NamedTuple):
    """A mini-batch on its way to a worker."""

    number: int
    data: Any
    size: int
    keys: Optional[Dict[str, Any]]


class Done(NamedTuple):
    """What came of it: lines and how many items succeeded; or the trace of a failure."""

    lines: List[str]
    successes: int
    trace: str = ""


class MiniBatchContext:
    """The second argument of ``run``, where it takes one."""

    def __init__(self, work: Work) -> None:
        self.minibatch_index = self.mini_batch_id = work.number
        self.mini_batch_size = work.size
        self.partition_key_value = work.keys
        self.dataset = None


def main(work: str, wants_compatibility: bool, words: List[str]) -> None:
    """``words``: descriptors to read from and write to, then the entry script and its arguments."""
    incoming, outgoing = os.fdopen(int(words[0]), "rb"), os.fdopen(int(words[1]), "wb")
    script, sys.argv = words[2], words[2:]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    sys.meta_path.insert(0, _FirstUse(work))
    offer()
    try:
        module = _loaded(script, wants_compatibility)
        if not callable(getattr(module, "run", None)):
            raise AttributeError(f"The entry script '{script}' has no function run(mini_batch).")
        getattr(module, "init", lambda: None)()
    except BaseException:
        _send(outgoing, Done([], 0, traceback.format_exc()))
        return
    _send(outgoing, Done([], 0))
    takes_context = len(inspect.signature(module.run).parameters) > 1
    while True:
        try:
            item: Work = pickle.load(incoming)
        except EOFError:
            break
        try:
            arguments = (item.data, MiniBatchContext(item)) if takes_context else (item.data,)
            lines, successes = _result(module.run(*arguments), item)
            _send(outgoing, Done(lines, successes))
        except BaseException:
            _send(outgoing, Done([], 0, traceback.format_exc()))
    getattr(module, "shutdown", lambda: None)()


def _loaded(script: str, wants_compatibility: bool) -> ModuleType:
    """The entry script as the module that its own file name says, so that it may import itself."""
    with open(script, "rb") as file:
        text: Any = file.read()
    if wants_compatibility:
        text = _modern(text, script)
    module = ModuleType(os.path.splitext(os.path.basename(script))[0])
    module.__file__ = os.path.abspath(script)
    sys.modules[module.__name__] = module
    exec(compile(text, script, "exec", dont_inherit=True), module.__dict__)
    return module


def _result(result: Any, work: Work) -> Tuple[List[str], int]:
    """Lines of the output file, and how many items were done."""
    if result is None:
        return [], work.size
    if hasattr(result, "to_csv") and hasattr(result, "columns"):
        text = result.to_csv(sep=" ", header=False, index=False)
        return text.splitlines(), len(result)
    if isinstance(result, (str, bytes)) or not hasattr(result, "__iter__"):
        raise TypeError(f"run() must return a list or a DataFrame, not {type(result).__name__}.")
    lines = [str(one) for one in result]
    return lines, len(lines)


def _send(outgoing: Any, done: Done) -> None:
    pickle.dump(done, outgoing)
    outgoing.flush()
