"""Who asked: the frames of the user's own code, and the one notice for each place."""

from __future__ import annotations

import importlib
import os
import sys
from types import FrameType
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from skyloom.runner.compatibility.shim import Shim

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
# code of exec and eval, and the import system, ask on behalf of whoever called them
_TRANSPARENT = (_HERE, "<", os.path.abspath(importlib.__file__))
_MISSING = object()
_current: List["Session"] = []


class Session:
    """The layer's state for one script: whose code is helped, what was told, what was replaced.

    Parameters
    ----------
    work
        The script's working folder; every Python file in or below it is the user's.
    notice
        Gets each line for the log.
    enabled_for
        Says of a file name whether its code is the user's; the default is "in or below ``work``".
    """

    def __init__(
        self,
        work: str,
        notice: Callable[[str], None],
        enabled_for: Optional[Callable[[str], bool]] = None,
    ) -> None:
        self.work = work
        self.folders = tuple({os.path.abspath(work) + os.sep, os.path.realpath(work) + os.sep})
        self._enabled_for = enabled_for or self._is_below_work
        self.modernise: Optional[Callable[[bytes, str], str]] = None  # text of a file as it can run today
        self._notice = notice
        self._known: Dict[str, bool] = {}
        self._scripts: Set[str] = set()
        self._told: Set[Tuple[str, int, str]] = set()
        self._replaced: List[Tuple[Any, str, Any]] = []

    def add_script(self, filename: str) -> None:
        """Declare one more file as the user's: the script itself, wherever it is kept."""
        self._scripts.add(self.absolute(filename))
        self._known[filename] = True

    def absolute(self, filename: str) -> str:
        """Give the whole path of a file of the script's; a relative one is meant from the working folder."""
        return os.path.normpath(os.path.join(self.work, filename))

    def is_user_file(self, filename: str) -> bool:
        known = self._known.get(filename)
        if known is None:
            known = self._known[filename] = self._enabled_for(filename)
        return known

    def tell(self, shim: Shim, filename: str, line: int) -> None:
        """Give the notice for one place, the first time it is reached."""
        place = (self.absolute(filename), line, shim.old)
        if place not in self._told:
            self._told.add(place)
            self._notice("%s: %s" % (self._place(filename, line), shim.notice()))

    def tell_module(self, shim: Shim, frame: FrameType) -> None:
        """Give the notice for an import: once a file, at the line that came first."""
        filename = frame.f_code.co_filename
        once = (self.absolute(filename), 0, shim.old)
        if once not in self._told:
            self._told.add(once)
            self.tell(shim, filename, frame.f_lineno)

    def tell_imported(self, shim: Shim, filename: str, line: int) -> None:
        """Give the notice for an import that was seen in the text."""
        self._told.add((self.absolute(filename), 0, shim.old))
        self.tell(shim, filename, line)

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a library until ``restore``."""
        self._replaced.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def restore(self) -> None:
        """Put back everything ``replace`` has changed, newest first."""
        while self._replaced:
            owner, name, value = self._replaced.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)

    def _is_below_work(self, filename: str) -> bool:
        return self.absolute(filename).startswith(self.folders) and not filename.startswith("<")

    def _place(self, filename: str, line: int) -> str:
        path = self.absolute(filename)
        if path in self._scripts:
            return "line %d" % line
        for folder in self.folders:
            if path.startswith(folder):
                path = path[len(folder) :]
        return "%s line %d" % (path.replace(os.sep, "/"), line)


def begin(session: Session) -> None:
    """Make ``session`` the one that shims ask; there is one at a time."""
    _current[:] = [session]


def end() -> None:
    _current.clear()


def current() -> Optional[Session]:
    return _current[0] if _current else None


def asking_frame() -> Optional[FrameType]:
    """Give the user's frame when the user's own code asks, None when a library does."""
    session = current()
    frame = sys._getframe(1)
    while session is not None and frame is not None:
        filename = frame.f_code.co_filename
        if session.is_user_file(filename):
            return frame
        if not filename.startswith(_TRANSPARENT):
            return None
        frame = frame.f_back  # type: ignore[assignment]
    return None


def nearest_frame() -> Optional[FrameType]:
    """Give the user's frame nearest to the call, however many library frames lie between."""
    session = current()
    frame: Optional[FrameType] = sys._getframe(1)
    while session is not None and frame is not None:
        if session.is_user_file(frame.f_code.co_filename):
            return frame
        frame = frame.f_back
    return None


def tell_at(shim: Shim, frame: Optional[FrameType]) -> None:
    """Tell the use of ``shim`` at the user's ``frame``."""
    session = current()
    if session is not None and frame is not None:
        session.tell(shim, frame.f_code.co_filename, frame.f_lineno)
