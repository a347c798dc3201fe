"""A Python step in the box's own process, where its environment's libraries are loaded already.

The script must not be able to tell it from a fresh ``python train.py``: what an interpreter arranges at its
start and does at its end is done here by hand, and where that cannot be the same the step starts cold.
Source: docs/decisions/0024; sdk.md 11, Process.
"""

from __future__ import annotations

import atexit
import collections
import gc
import io
import itertools
import os
import random
import sys
import threading
import weakref
from typing import Any, Dict, List, Mapping, Optional

from skyloom.runner import console
from skyloom.runner.command import STEP_FOLDER, announce, make_folders, make_links
from skyloom.runner.message import read_message
from skyloom.runner.step_script import call

COLD = "SKYLOOM_COLD_START"  # a variable of a step's environment: set it and every step starts an interpreter

# variables that an interpreter, the C library or a library reads once, when it starts or is loaded
_READ_AT_START = (
    "PYTHON", "LD_", "LC_", "LANG", "TZ", "HOME", "XDG_", "GLIBC_", "MALLOC_", "OPENSSL_",
    "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_", "GOTO_", "VECLIB_", "NUMEXPR_",
    "NPY_", "NUMPY_", "PANDAS_", "ARROW_", "PYARROW_", "MPL", "MATPLOTLIB",
)  # fmt: skip
_READ_AT_IMPORT = ("matplotlibrc",)  # files of the working directory
_MODULE_ENDINGS = (".py", ".pyc", ".so")
_collect, _objects = gc.collect, gc.get_objects  # kept: a script may replace them
_ACTS_AS_ISOLATED = ("isolated", "ignore_environment", "no_site", "no_user_site", "safe_path")


def carry_out(message: Mapping[str, Any]) -> Optional[int]:
    """Run the script to its end.

    Returns
    -------
    int or None
        The exit code (0 to 255) of ``python SCRIPT``; None: nothing was done, it must start cold.
    """
    job = read_message(message, [])
    folder = os.path.join(job.work, STEP_FOLDER)
    if threading.active_count() != 1 or why_cold(job.entry, folder):
        return None
    words: List[str] = list(job.entry["argv"])
    make_folders(job.work, job.tells_locals)
    make_links(job.entry)
    announce(job.entry)
    _begin(folder, job.entry["variables"], words)
    known = len(sys.modules)
    code = _code_of_call(job.work, job.wants_compatibility, words)
    try:
        return _end(code, job.work, known)
    except BaseException:  # the script replaced what this needs: its own end is not ours to judge
        return code


def why_cold(entry: Mapping[str, Any], folder: str) -> str:
    """Why this step cannot have what this process has loaded, in words; empty when it can."""
    if entry.get("language") != "python" or not entry["argv"]:
        return "it is no Python script"
    variables: Mapping[str, str] = entry["variables"]
    if variables.get(COLD):
        return f"{COLD} is set"
    for name, value in variables.items():
        if name.startswith(_READ_AT_START):
            return f"'{name}' is read when a program starts"
        if not name or "=" in name or "\0" in name + value:
            return f"'{name!r}' is no variable of an environment"
    return _shadowed(os.path.dirname(os.path.join(folder, entry["argv"][0])), folder)


def _shadowed(beside: str, folder: str) -> str:
    """Whether a file would have been found instead of something that is loaded."""
    for name in _READ_AT_IMPORT:
        if os.path.exists(os.path.join(folder, name)):
            return f"'{name}' is read when a library is loaded"
    try:
        entries = list(os.scandir(beside))
    except OSError:
        return "its folder cannot be read"
    for entry in entries:
        stem, dot, _ = entry.name.partition(".")
        if (
            stem != "__main__"
            and stem in sys.modules
            and (entry.name.endswith(_MODULE_ENDINGS) or (not dot and _is_package(entry.path)))
        ):
            return f"'{entry.name}' goes before a library of that name"
    return ""


def _is_package(path: str) -> bool:
    return any(os.path.exists(os.path.join(path, "__init__" + ending)) for ending in _MODULE_ENDINGS)


# --- as an interpreter starts -------------------------------------------------------------------------------


def _flags_of_a_program() -> Any:
    """``sys.flags`` without the marks of the zygote's own start; child programs take theirs from it."""
    names = [name for name in dir(sys.flags) if isinstance(getattr(sys.flags, name), int) and name[0] != "_"]
    names = [name for name in names if name not in ("n_fields", "n_sequence_fields", "n_unnamed_fields")]
    values = {name: getattr(sys.flags, name) for name in names}
    values.update({name: type(values[name])(0) for name in _ACTS_AS_ISOLATED if name in values})
    kind: Any = collections.namedtuple("flags", names)  # type: ignore[misc]
    return kind(**values)


_FLAGS = _flags_of_a_program()


def _begin(folder: str, variables: Mapping[str, str], words: List[str]) -> None:
    os.chdir(folder)
    os.environ.update(variables)
    console.attach()
    for stream in (sys.stdout, sys.stderr):
        stream.mode = "w"  # type: ignore[misc]
    sys.flags = _FLAGS
    sys.dont_write_bytecode = False
    sys.path.insert(0, os.path.dirname(os.path.abspath(words[0])))
    processes: Any = sys.modules.get("multiprocessing.process")
    if processes is not None:
        processes.ORIGINAL_DIR = folder  # where children look for the main script
    _fresh_random_numbers()
    sys.setrecursionlimit(sys.getrecursionlimit() + _depth())  # our own lines are not the script's


def _fresh_random_numbers() -> None:
    random.seed()
    numpy_random: Any = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(int.from_bytes(os.urandom(4), "little"))


def _depth() -> int:
    frame: Any = sys._getframe()
    count = 0
    while frame is not None:
        count, frame = count + 1, frame.f_back
    return count


# --- as an interpreter ends ---------------------------------------------------------------------------------


def _code_of_call(work: str, wants_compatibility: bool, words: List[str]) -> int:
    try:
        call(work, wants_compatibility, words)
    except SystemExit as ended:
        code = ended.code
        ended.__traceback__ = ended.__context__ = None  # they hold the script's variables
        return _exit_code(code)
    return 0


def _exit_code(value: Any) -> int:
    """What the interpreter makes of ``sys.exit(value)``."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 0xFF if -(1 << 63) <= value < 1 << 63 else 255
    try:
        print(value, file=sys.stderr, flush=True)
    except Exception:  # the script's own stream or text; the interpreter lets that pass too
        return 1
    return 1


def _end(code: int, work: str, known: int) -> int:
    """Threads, exit hooks, the script's last objects and what is still unwritten; the code to end with."""
    for wait in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        try:
            wait()
        except BaseException as error:  # told, and passed over, by the interpreter too
            _tell(error)
    failed = not _flush_streams()
    if threading.active_count() == 1:  # a daemon's thread still needs them
        _let_go(work, known)
    _flush_files()
    return 120 if failed or not _flush_streams() else code


def _tell(error: BaseException) -> None:
    console.say(f"Exception ignored at the end of the script: {type(error).__name__}: {error}")


def _flush_streams() -> bool:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception:
            if stream is sys.stdout:
                return False
    return True


def _let_go(work: str, known: int) -> None:
    """End the life of the script's own objects: ``__del__`` is called and files are closed."""
    # from the end: to look at each module that was loaded before would copy a page for each
    new = itertools.islice(reversed(sys.modules), max(0, len(sys.modules) - known))
    own = ["__main__", *(name for name in list(new) if _is_below(sys.modules[name], work))]
    modules = [
        weakref.ref(sys.modules.pop(name)) for name in dict.fromkeys(own) if name in sys.modules
    ]  # nothing of ours keeps them
    _collect()
    for reference in modules:
        module = reference()
        if module is not None:
            _clear(vars(module))
    _collect()


def _is_below(module: Any, work: str) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and os.path.abspath(file).startswith(work + os.sep)


def _clear(space: Dict[str, Any]) -> None:
    """Names with one underscore first, as the interpreter does it."""
    for hidden in (True, False):
        for name in list(space):
            if name != "__builtins__" and (name[:1] == "_" and name[:2] != "__") == hidden:
                space[name] = None


def _flush_files() -> None:
    """A file that something of a library still holds would have been written when the interpreter ended."""
    for one in _objects():
        if issubclass(type(one), io.IOBase):
            try:
                if not one.closed and one.writable():
                    one.flush()
            except Exception:  # a stream of the script's own kind, or a pipe nobody reads
                continue
