"""What the interpreter looked like before user code ran, and how to put it back.

A script shares our process: it may replace ``open``, ``os`` functions, methods of DataFrame or whole modules,
on purpose or by a careless shim. What it returned is read with the real ones again. This is about robustness;
safety comes from the agent, which trusts nothing that a box writes.
"""

from __future__ import annotations

import builtins
import operator
import signal
import sys
import threading
from types import ModuleType
from typing import Any, Dict, Iterator, List, Tuple

_STANDARD = ("io", "json", "linecache", "mmap", "os", "pickle", "struct", "time", "traceback")
_LIBRARIES = ("numpy", "pandas")
_OWN_VITAL = ("skyloom.runner.execute", "skyloom.runner.keepsake")


class Keepsake:
    """References to what we need after the script: builtins, some modules, the frame classes."""

    def __init__(self) -> None:
        self._sys = sys
        self._loaded_dict = sys.modules
        self._loaded = sys.modules.copy()
        self._finders = tuple(sys.meta_path)
        self._recursion_limit = sys.getrecursionlimit()
        self._modules = tuple((vars(module), vars(module).copy()) for module in (builtins, *_modules()))
        self._vital = tuple((vars(module), vars(module).copy()) for module in (builtins, *_own_modules()))
        self._classes = tuple((cls, dict(vars(cls))) for cls in _classes())

    def put_back_little(self) -> None:
        """Restore what nearly every line of ours stands on: builtins and the names of this package's room.

        Cheap on purpose. Looking at a kept value writes its reference count, and so copies a memory page
        that was shared with the zygote: restoring everything costs 1500 of them, or 5 ms, in every box.
        """
        for names, kept in self._vital:
            names.update(kept)
        _silence()

    def put_back(self) -> None:
        """Restore every kept name that is gone or different; what the script added stays."""
        # only attributes and methods of dict up to here: our own globals may have been cleared
        for names, kept in self._modules:
            names.update(kept)
        _silence()
        self._sys.setrecursionlimit(self._recursion_limit)
        self._sys.modules = self._loaded_dict
        self._loaded_dict.update(self._loaded)
        if tuple(sys.meta_path) != self._finders:
            sys.meta_path[:] = [
                *self._finders,
                *(item for item in sys.meta_path if item not in self._finders),
            ]
        for cls, kept in self._classes:
            _restore_class(cls, kept)


_first: List[Keepsake] = []


def keep() -> Keepsake:
    """The interpreter as it is now; in a spare that has run its toy, as it was before that."""
    if not _first:
        _first.append(Keepsake())
    return _first[0]


def _silence() -> None:
    """Stop what could raise inside our own lines: tracing functions and timers of the script."""
    if sys.gettrace() is not None:
        sys.settrace(None)
    if sys.getprofile() is not None:
        sys.setprofile(None)
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)


def _restore_class(cls: type, kept: Dict[str, Any]) -> None:
    """Put changed methods back, and take away new ones that hide an inherited method."""
    now = vars(cls)
    if not all(map(operator.is_, map(now.get, kept), kept.values())):
        for name, value in kept.items():
            if now.get(name) is not value:
                type.__setattr__(cls, name, value)
    for name in now.keys() - kept.keys():
        if any(name in vars(base) for base in cls.__mro__[1:]):
            type.__delattr__(cls, name)


def _modules() -> Iterator[ModuleType]:
    for name in _STANDARD + _LIBRARIES:
        if name in sys.modules:
            yield sys.modules[name]
    yield from _own_modules(("skyloom.",))


def _own_modules(beginnings: Tuple[str, ...] = _OWN_VITAL) -> Iterator[ModuleType]:
    for name, module in tuple(sys.modules.items()):
        if name.startswith(beginnings) and isinstance(module, ModuleType):
            yield module


def _classes() -> List[type]:
    """The frame classes and what they inherit from; none before pandas is imported."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return []
    found: Dict[type, None] = {}
    for cls in (pandas.DataFrame, pandas.Series, pandas.Index, pandas.RangeIndex):
        found.update((base, None) for base in cls.__mro__ if base.__module__.partition(".")[0] == "pandas")
    return list(found)
