"""Memory of the zygote in huge pages: a fork copies one entry for each instead of 512.

Forking and ending a process costs the kernel time for every page that it has; a loaded zygote has 20,000.
"""

from __future__ import annotations

import ctypes
import os

_HUGE = 2 << 20
_COLLAPSE = 25  # MADV_COLLAPSE, Linux 6.1
_LIBC = ctypes.CDLL(None, use_errno=True)


def collapse_memory() -> None:
    """Put what this process has allocated into huge pages, where the kernel can; else nothing changes."""
    for start, end in _allocated("/proc/self/maps"):
        first, last = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if first < last:
            _LIBC.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _COLLAPSE)


def _allocated(maps: str) -> list[tuple[int, int]]:
    """Ranges of private writable memory without a file."""
    found: list[tuple[int, int]] = []
    if not os.path.exists(maps):
        return found
    with open(maps) as lines:
        for line in lines:
            words = line.split()
            if words[1] == "rw-p" and words[4] == "0" and words[5:] in ([], ["[heap]"]):
                start, _, end = words[0].partition("-")
                found.append((int(start, 16), int(end, 16)))
    return found
