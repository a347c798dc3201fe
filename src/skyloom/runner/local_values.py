"""What the variables of a failed script held, frame by frame, told without ever hanging or harming the run.

Frames are looked at in this process, where nothing of the user's is called for it. Their values become text
in a child that is forked for it: a ``__repr__`` may sleep, loop in C, end the process or eat memory, and
costs only itself: the child is killed after a moment, and another goes on behind the value.
Source: stack.md 3.10 (c).
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
import types
import warnings
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from skyloom.runner.fence import safe_text
from skyloom.runner.value_text import HIDDEN, cut, is_secret, value_text

FILE = "locals.json"  # in the folder of the record, below the work folder

MOST_ERRORS = 3  # of a chain
MOST_FRAMES = 20
MOST_VALUES = 50  # of a frame
MOST_FRAME_TEXT = 16_000  # characters
MOST_TEXT = 64_000  # characters in all
VALUE_S = 0.5  # for one value
ALL_S = 3.0
_MORE_MEMORY = 256 << 20  # what the child may take beside what is there

_fork, _exit, _kill, _waitpid = os.fork, os._exit, os.kill, os.waitpid
_pipe, _write, _read, _close, _dup2, _open = os.pipe, os.write, os.read, os.close, os.dup2, os.open
_monotonic, _poll = time.monotonic, select.poll
_name_of_type = type.__dict__["__name__"].__get__  # a metaclass may have another answer of its own
_SPACES = ("dict", "FrameLocalsProxy")  # a class body may have a mapping of the script's
_SKIPPED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)


class _Frame(NamedTuple):
    error: int  # its place in the chain
    file: str
    line: int
    function: str
    values: Tuple[Tuple[str, Any], ...]
    left_out: int


def tell_locals(error: BaseException, script: str, work: str, folder: str) -> None:
    """Write what the user's frames of this exception, and of what caused it, held.

    Parameters
    ----------
    error
        What was caught around the user's code.
    script
        Path of the script as its frames name it.
    work
        The working folder; files below it are the user's own.
    folder
        Where ``locals.json`` is put. That fails silently: the failure itself matters more.
    """
    try:
        chain = list(_chain(error))
        frames = [frame for place, one in enumerate(chain) for frame in _frames(one, place, script, work)]
        told = _told(chain, frames, _texts([value for frame in frames for value in frame.values]), work)
        os.makedirs(folder, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(_open(os.path.join(folder, FILE), flags, 0o644), "w", encoding="utf-8") as file:
            json.dump(told, file)
    except BaseException:
        return


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it came from, newest first."""
    seen: List[int] = []
    found: Optional[BaseException] = error
    while found is not None and id(found) not in seen and len(seen) < MOST_ERRORS:
        seen.append(id(found))
        yield found
        context = None if found.__suppress_context__ else found.__context__
        found = found.__cause__ or context


def _frames(error: BaseException, place: int, script: str, work: str) -> List[_Frame]:
    below = work.rstrip("/") + "/"
    found: List[_Frame] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == script or code.co_filename.startswith(below):
            space = trace.tb_frame.f_locals
            is_plain = _name_of_type(type(space)) in _SPACES and type(space).__module__ == "builtins"
            values = [pair for pair in space.items() if _is_told(*pair)] if is_plain else []
            kept = tuple(values[:MOST_VALUES])
            left_out = len(values) - len(kept)
            found.append(_Frame(place, code.co_filename, trace.tb_lineno, code.co_name, kept, left_out))
        trace = trace.tb_next
    half = MOST_FRAMES // 2
    return found if len(found) <= MOST_FRAMES else [*found[:half], *found[-half:]]


def _is_told(name: Any, value: Any) -> bool:
    """What a script imported and defined says nothing of why it failed."""
    return type(name) is str and not name.startswith("__") and not issubclass(type(value), _SKIPPED)


def _told(chain: List[BaseException], frames: List[_Frame], texts: List[str], work: str) -> Dict[str, Any]:
    errors: List[Dict[str, Any]] = [
        {"error": safe_text(_name_of_type(type(one))), "frames": []} for one in chain
    ]
    left, number = MOST_TEXT, 0
    for frame in frames:
        room, told, left_out = MOST_FRAME_TEXT, [], frame.left_out
        for name, value in frame.values:
            text = safe_text(texts[number])
            number += 1
            size = len(name) + len(text)
            if size > min(room, left):
                left_out += 1
                continue
            room, left = room - size, left - size
            told.append([cut(safe_text(name), 200), cut(safe_text(_name_of_type(type(value))), 200), text])
        file = os.path.relpath(frame.file, work) if frame.file.startswith(work) else frame.file
        errors[frame.error]["frames"].append(
            {
                "file": safe_text(file)[:500],
                "line": frame.line,
                "function": safe_text(frame.function)[:200],
                "locals": told,
                "left_out": left_out,
            }
        )
    return {"errors": [one for one in errors if one["frames"]]}


def _texts(values: List[Tuple[str, Any]]) -> List[str]:
    """A text for each value; children make them, one after the other where one does not come to its end."""
    texts: List[str] = []
    until = _monotonic() + ALL_S
    while len(texts) < len(values):
        rest = values[len(texts) :]
        if _monotonic() >= until:
            return texts + ["<not looked at: the values before took too long>"] * len(rest)
        why = _texts_of_a_child(rest, texts, until)
        if len(texts) < len(values) and why:
            texts.append(why)
    return texts


def _texts_of_a_child(values: List[Tuple[str, Any]], texts: List[str], until: float) -> str:
    """Add the texts that one child made; why it did not get further."""
    ours, theirs = _pipe()
    memory = _memory_allowed()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of forks beside threads, and a script may raise it
            child = _fork()
    except OSError:
        _close(ours)
        _close(theirs)
        return "<cannot be told: there is no room for another process>"
    if child == 0:
        try:
            _close(ours)
            _be_child(values, theirs, memory)
        finally:
            _exit(0)
    _close(theirs)
    try:
        return _hear(ours, len(values), texts, until)
    finally:
        _kill(child, signal.SIGKILL)
        _waitpid(child, 0)
        _close(ours)


def _hear(pipe: int, count: int, texts: List[str], until: float) -> str:
    """Lines of JSON text, one a value."""
    unread = b""
    poll = _poll()
    poll.register(pipe, select.POLLIN)
    while count:
        patience = min(VALUE_S, until - _monotonic())
        if patience <= 0 or not poll.poll(patience * 1000):
            return "<its text takes too long to make>"
        piece = _read(pipe, 1 << 16)
        if not piece:
            return "<its text cannot be made: that ends the process>"
        *lines, unread = (unread + piece).split(b"\n")
        for line in lines[:count]:
            texts.append(str(json.loads(line)))
        count -= len(lines)
    return ""


def _be_child(values: List[Tuple[str, Any]], pipe: int, memory: int) -> None:
    """Tell each value; whatever the user's classes do, they do it here."""
    silence = _open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        _dup2(silence, number)
    sys.stdout = sys.stderr = os.fdopen(silence, "w")
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    _limit_memory(memory)
    sys.settrace(None)
    warnings.simplefilter("ignore")
    for name, value in values:
        text = HIDDEN if is_secret(name) else _safe_value_text(value)
        line = json.dumps(safe_text(text)).encode() + b"\n"
        while line:
            line = line[_write(pipe, line) :]


def _safe_value_text(value: Any) -> str:
    try:
        return value_text(value)
    except BaseException as failure:
        return f"<its text cannot be made: {type(failure).__name__}>"


def _memory_allowed() -> int:
    """Bytes as RLIMIT_DATA counts them; asked by the parent, whose own figures a box may always read."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[5]) * resource.getpagesize() + _MORE_MEMORY
    except (OSError, ValueError, IndexError):
        return resource.RLIM_INFINITY


def _limit_memory(most: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if most != resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or hard > most):
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
