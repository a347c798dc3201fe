"""Files without a name that boxes write their results into.

Nobody can swap them, and to link one into the store is one call.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections import deque

_AHEAD = 4  # the two ports of a script, for two nodes at once


class OutputFiles:
    """A few made ahead, because making one takes a short node a good part of its time. From any thread.

    Parameters
    ----------
    folder
        In the file system of the artifact store.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._ready: deque[int] = deque()

    def take(self) -> int:
        """The descriptor of an empty file, open for reading and writing; it is the caller's.

        Raises
        ------
        OSError
            It cannot be made.
        """
        with contextlib.suppress(IndexError):
            return self._ready.popleft()
        return _nameless_file(self._folder)

    def refill(self) -> None:
        """Make what was taken anew; who takes one is told what keeps it from being made."""
        with contextlib.suppress(OSError):
            while len(self._ready) < _AHEAD:
                self._ready.append(_nameless_file(self._folder))

    def close(self) -> None:
        while self._ready:
            os.close(self._ready.popleft())


def _nameless_file(folder: str) -> int:
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT):
            raise
    path = os.path.join(folder, ".nameless-" + os.urandom(8).hex())
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    return descriptor
