"""Putting the layer in place for one script, and taking it away again.

The cost for a script that needs none is a few attributes set on classes that are loaded already; nothing is
imported.
"""

from __future__ import annotations

import builtins
import sys
import warnings
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from skyloom.runner.compatibility import guards, source
from skyloom.runner.compatibility.imports import (
    AfterImport,
    LostModules,
    bundle_hook,
    forget_finders,
)
from skyloom.runner.compatibility.library import Library, LostModule
from skyloom.runner.compatibility.matplotlib_names import MATPLOTLIB
from skyloom.runner.compatibility.numpy_names import NUMPY
from skyloom.runner.compatibility.pandas3_copies import COPIES
from skyloom.runner.compatibility.pandas3_strings import STRINGS
from skyloom.runner.compatibility.pandas_calls import PANDAS_CALLS
from skyloom.runner.compatibility.pandas_names import PANDAS
from skyloom.runner.compatibility.python2_library import PYTHON2
from skyloom.runner.compatibility.python2_names import RUNTIME
from skyloom.runner.compatibility.runtime import Runtime
from skyloom.runner.compatibility.scipy_names import SCIPY
from skyloom.runner.compatibility.session import Session, begin, end
from skyloom.runner.compatibility.shim import Shim
from skyloom.runner.compatibility.sklearn_calls import SKLEARN_CALLS
from skyloom.runner.compatibility.sklearn_names import SKLEARN

LIBRARIES: Tuple[Library, ...] = (
    source.SYNTAX,
    PYTHON2,
    PANDAS,
    PANDAS_CALLS,
    COPIES,
    STRINGS,
    NUMPY,
    SKLEARN,
    SKLEARN_CALLS,
    MATPLOTLIB,
    SCIPY,
)


class Compatibility:
    """The layer in place; there is one at a time in a process."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._after = AfterImport(_WATCHED, self._imported)
        self._lost = LostModules(_MODULES)
        self._hook = bundle_hook(session.folders)

    def source(self, text: str, filename: str) -> str:
        """Give the script's text as this interpreter can run it; each line stays where it is.

        ``filename`` is what the text will be compiled as; its code counts as the user's from now on.
        """
        self._session.add_script(filename)
        return self._modernised(text, filename)

    def stop(self) -> None:
        """Put everything back as it was before ``start``."""
        for finder in (self._after, self._lost):
            if finder in sys.meta_path:
                sys.meta_path.remove(finder)
        if self._hook in sys.path_hooks:
            sys.path_hooks.remove(self._hook)
        forget_finders(self._session.folders, sys.path_importer_cache)
        for name in [name for name, module in sys.modules.items() if _is_restored(module)]:
            del sys.modules[name]
        self._session.restore()
        guards.forget()
        end()

    def _begin(self) -> None:
        begin(self._session)
        self._session.modernise = self._modernised
        self._session.replace(builtins, RUNTIME, Runtime())
        for name in _WATCHED:
            if name in sys.modules and name not in _asleep:
                self._imported(name)
        sys.meta_path.insert(0, self._after)
        sys.meta_path.append(self._lost)
        sys.path_hooks.insert(0, self._hook)
        forget_finders(self._session.folders, sys.path)

    def _imported(self, module: str) -> None:
        if module not in _asleep:
            for library in _WATCHED.get(module, ()):
                library.install(self._session, module)

    def _modernised(self, text: Any, filename: str) -> str:
        modern = source.modernise(text, filename)
        guards.remember(self._session.absolute(filename), modern.text)
        for notice in modern.notices:
            if notice.shim.old in _MODULES:
                self._session.tell_imported(notice.shim, filename, notice.line)
            else:
                self._session.tell(notice.shim, filename, notice.line)
        return modern.text


def start(work: str, notice: Callable[[str], None]) -> Compatibility:
    """Put the layer in place for the script that runs in the folder ``work``.

    Parameters
    ----------
    work
        The script's working folder; Python files in and below it (the script bundle) are the user's and are
        modernised.
    notice
        Gets one line for each old spelling at each place: "line 3: DataFrame.as_matrix was removed in
        pandas 1.0; write ...".
    """
    return install(None, notice, work)


def install(
    enabled_for: Optional[Callable[[str], bool]], notice: Callable[[str], None], work: str
) -> Compatibility:
    """Put the layer in place; ``enabled_for`` says of a file name whether its code is helped."""
    layer = Compatibility(Session(work, notice, enabled_for))
    layer._begin()
    return layer


def prepare() -> None:
    """Put the layer to sleep in this process, for the libraries loaded so far.

    A process that waits for scripts (or one that others are forked from) does this ahead, so that ``start``
    has only to wake
    it: setting some hundred attributes of shared classes costs a fresh fork about 2 ms in copied pages.
    Asleep, a removed name
    is as missing as it was and every call goes straight through.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in _WATCHED:
            if module in sys.modules and module not in _asleep:
                _asleep.add(module)
                for library in _WATCHED[module]:
                    for owner, name, value in library.prepare(module):
                        setattr(owner, name, value)


def shims() -> Iterator[Shim]:
    """Every shim there is: the rows of docs/compatibility.md."""
    for library in LIBRARIES:
        yield from library.shims()


def _watched() -> Dict[str, List[Library]]:
    found: Dict[str, List[Library]] = {}
    for library in LIBRARIES:
        for module in library.watched():
            found.setdefault(module, []).append(library)
    return found


def _is_restored(module: Any) -> bool:
    return isinstance(getattr(module, "__dict__", {}).get("__skyloom__"), LostModule)


_asleep: Set[str] = set()
_WATCHED = _watched()
_MODULES: Dict[str, LostModule] = {
    name: lost for library in LIBRARIES for name, lost in library.modules.items()
}
