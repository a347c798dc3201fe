"""Knowing, without reading it all, that mapped bytes are still those of the file behind them.

A table file is mapped privately writable, so a script may write where it likes and the file stays as it was.
Linux says in ``/proc/self/pagemap`` of each page whether it is still the file's page (bit 61) or a private
copy made by a write. Where that map cannot be read, the bytes are compared with the file.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import weakref
from typing import Any, Dict, Optional, Tuple

import numpy as np

from skyloom.core.identity import Digest

_PRESENT = np.uint64(1 << 63)
_SWAPPED = np.uint64(1 << 62)
_FILE_PAGE = np.uint64(1 << 61)
_FIRST_BYTES = 1 << 12  # most different columns differ here
_LEND_FROM = 1 << 20  # smaller parts are not worth a system call
_COMPARE_BYTES = 1 << 18  # compared at a time after that: fits the second-level cache

_open_maps: Dict[int, Optional[int]] = {}  # process id -> descriptor
# a map opened before a fork goes on showing the parent, and a new process id may repeat in a pid namespace
os.register_at_fork(after_in_child=_open_maps.clear)


def open_page_map() -> Optional[int]:
    """Descriptor of this process's page map, None where there is none.

    Call it early in a box: once /proc is hidden it can no longer be opened, but an open one goes on working.
    """
    process = os.getpid()
    if process not in _open_maps:
        try:
            _open_maps[process] = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            _open_maps[process] = None
    return _open_maps[process]


class MappedFile:
    """A stored file, mapped once for use (private, writable) and once as it is (shared, read-only)."""

    def __init__(self, digest: Digest, descriptor: int) -> None:
        self.digest = digest
        self.size = os.fstat(descriptor).st_size
        self._private = mmap.mmap(
            descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE
        )
        self._pristine = mmap.mmap(descriptor, 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
        self.view = memoryview(self._private)
        self.pristine = memoryview(self._pristine)
        self._address = address_of(self.view)
        # by offset: copies of the arrays of unchangeable objects that a script got in place of these bytes
        self.handed_out: Dict[int, Any] = {}
        self._lent: Dict[Tuple[int, int], int] = {}
        open_page_map()

    def lend(self, buffer: memoryview) -> memoryview:
        """The same memory; once nothing uses what was lent, its pages are given back to the system.

        Without this a column that a script has replaced would count as the script's memory until its end.
        What was written to a lent part and is used no more is lost, and the file's bytes are there again.
        """
        offset = self.place_of(buffer)
        if offset is None or buffer.nbytes < _LEND_FROM:
            return buffer
        part = (offset, buffer.nbytes)
        self._lent[part] = self._lent.get(part, 0) + 1
        owner = (ctypes.c_ubyte * buffer.nbytes).from_buffer(self._private, offset)
        weakref.finalize(owner, self._take_back, part).atexit = False
        whole: Any = np.frombuffer(memoryview(owner), np.uint8)
        return memoryview(whole)

    def _take_back(self, part: Tuple[int, int]) -> None:
        self._lent[part] -= 1
        if self._lent[part]:
            return
        offset, length = part
        first = -(-offset // mmap.PAGESIZE) * mmap.PAGESIZE
        last = (offset + length) // mmap.PAGESIZE * mmap.PAGESIZE  # the last page may be another column's too
        if first < last and hasattr(self._private, "madvise"):  # Python 3.8
            self._private.madvise(mmap.MADV_DONTNEED, first, last - first)

    def place_of(self, buffer: memoryview) -> Optional[int]:
        """Offset in the file at which this very memory is mapped, None when it is other memory."""
        offset = address_of(buffer) - self._address
        inside = offset >= 0 and offset + buffer.nbytes <= self.size
        return offset if inside and buffer.nbytes else None

    def holds(self, buffer: memoryview, offset: int) -> bool:
        """Whether the buffer's bytes are the file's bytes at ``offset``, however it came by them."""
        if offset + buffer.nbytes > self.size:
            return False
        stored = self.pristine[offset : offset + buffer.nbytes]
        if self.place_of(buffer) != offset:
            return same_bytes(buffer, stored)
        return all(
            same_bytes(buffer[start:stop], stored[start:stop]) for start, stop in _written_parts(buffer)
        )


def address_of(buffer: memoryview) -> int:
    """Address of the first byte; 0 for no bytes at all."""
    if not buffer.nbytes:
        return 0
    address: int = np.frombuffer(buffer, np.uint8).__array_interface__["data"][0]
    return address


def same_bytes(left: memoryview, right: memoryview) -> bool:
    """Whether two byte views of equal length hold the same bytes."""
    if left.nbytes != right.nbytes:
        return False
    parts = [slice(0, _FIRST_BYTES)]
    parts += [
        slice(start, start + _COMPARE_BYTES) for start in range(_FIRST_BYTES, left.nbytes, _COMPARE_BYTES)
    ]
    for part in parts:
        if not np.array_equal(np.frombuffer(left[part], np.uint8), np.frombuffer(right[part], np.uint8)):
            return False
    return True


def _written_parts(buffer: memoryview) -> Tuple[Tuple[int, int], ...]:
    """Parts of the buffer, as (start, stop), whose pages were written since they were mapped.

    Everything, when the page map cannot tell.
    """
    everything = ((0, buffer.nbytes),)
    descriptor = open_page_map()
    if descriptor is None:
        return everything
    address = address_of(buffer)
    first = address // mmap.PAGESIZE
    pages = (address + buffer.nbytes - 1) // mmap.PAGESIZE - first + 1
    try:
        entries = np.frombuffer(os.pread(descriptor, pages * 8, first * 8), np.uint64)
    except OSError:
        return everything
    if len(entries) != pages:
        return everything
    written = ((entries & (_PRESENT | _SWAPPED)) != 0) & ((entries & _FILE_PAGE) == 0)
    starts = (np.flatnonzero(written) + first) * mmap.PAGESIZE - address
    return tuple((max(int(start), 0), min(int(start) + mmap.PAGESIZE, buffer.nbytes)) for start in starts)
