"""Large columns past the page cache: from memory straight to the disk, and back into memory used before.

A page of the cache that was not there before costs more than copying what goes into it, many times more in a
virtual machine that must ask its host for it; and what is in the cache has still to be written out for the
result to be durable. So a box writes large segments directly, and the agent reads them into one buffer a
thread to check and hash them. Who uses the table later maps the file and pays for the columns looked at.

Where the file system knows no direct access, callers go through the cache as everybody does.
"""

from __future__ import annotations

import errno
import mmap
import os
import threading
from typing import List, Optional, Sequence, Tuple

from skyloom.data.layout import ALIGNMENT, PAGE, aligned

try:
    import fcntl
except ImportError:  # not Unix
    fcntl = None  # type: ignore[assignment]

_DIRECT: int = getattr(os, "O_DIRECT", 0)  # Linux
_BOUNCE_BYTES = 1 << 22
_GAP = memoryview(bytes(ALIGNMENT))
MOST_READ_BYTES = 1 << 26  # a thread's buffer is as large as the largest segment it has read

_buffers = threading.local()


class DirectWriter:
    """Writes whole segments of one file directly."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._bounce: Optional[memoryview] = None

    def write(self, position: int, buffers: Sequence[memoryview], offsets: Sequence[int]) -> bool:
        """Write byte buffers to their offsets from ``position``, a multiple of a page; zeros lie between.

        Up to a page behind the last buffer is overwritten.

        Returns
        -------
        bool
            False where it has to be written in another way.

        Raises
        ------
        OSError
            There is no room, or the file may not be so large.
        """
        if not _set_direct(self._descriptor, True):
            return False
        try:
            self._write(position, _pieces(buffers, offsets))
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return False  # the file system takes the flag and not the call
        finally:
            _set_direct(self._descriptor, False)
        return True

    def _write(self, position: int, pieces: Sequence[Tuple[int, memoryview]]) -> None:
        if self._bounce is None:
            self._bounce = memoryview(mmap.mmap(-1, _BOUNCE_BYTES))
        end = pieces[-1][0] + pieces[-1][1].nbytes
        for start in range(0, end, _BOUNCE_BYTES):
            stop = min(start + _BOUNCE_BYTES, end)
            for offset, piece in pieces:
                first, last = max(start, offset), min(stop, offset + piece.nbytes)
                if first < last:
                    self._bounce[first - start : last - start] = piece[first - offset : last - offset]
            length = aligned(stop - start, PAGE)
            self._bounce[stop - start : length] = bytes(length - (stop - start))
            _write_all(self._descriptor, self._bounce[:length], position + start)


def read_direct(descriptor: int, position: int, length: int) -> Optional[memoryview]:
    """Bytes of a file, in a buffer that this thread's next call uses again; None where that cannot be had.

    ``position`` is a multiple of a page. Other users of the descriptor must bear that it reads directly
    from here on; the caller gives it back with `read_as_usual`.
    """
    if length > MOST_READ_BYTES or not _set_direct(descriptor, True):
        return None
    room = _room(aligned(length, PAGE))
    filled = 0
    try:
        while filled < length:
            count = os.preadv(descriptor, [room[filled:]], position + filled)
            if not count or (filled + count < length and count % PAGE):
                return None
            filled += count
    except OSError:  # as above
        return None
    return room[:length]


def read_as_usual(descriptor: int) -> None:
    """End direct access."""
    _set_direct(descriptor, False)


def _pieces(buffers: Sequence[memoryview], offsets: Sequence[int]) -> List[Tuple[int, memoryview]]:
    """The buffers and the gaps between them, each with its offset."""
    pieces: List[Tuple[int, memoryview]] = []
    end = 0
    for buffer, offset in zip(buffers, offsets):
        pieces.append((end, _GAP[: offset - end]))
        pieces.append((offset, buffer))
        end = offset + buffer.nbytes
    return pieces


def _room(length: int) -> memoryview:
    room: Optional[memoryview] = getattr(_buffers, "room", None)
    if room is None or room.nbytes < length:
        room = _buffers.room = memoryview(mmap.mmap(-1, length))
    return room[:length]


def _set_direct(descriptor: int, wanted: bool) -> bool:
    """Whether the flag could be set; it belongs to the open file, not to the descriptor alone."""
    if not _DIRECT or fcntl is None:
        return False
    try:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | _DIRECT if wanted else flags & ~_DIRECT)
    except OSError:
        return False
    return True


def _write_all(descriptor: int, content: memoryview, position: int) -> None:
    """Write it all; a full disk is told by the call that writes nothing more."""
    written = 0
    while written < content.nbytes:
        written += os.pwrite(descriptor, content[written:], position + written)
