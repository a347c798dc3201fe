"""Asking the kernel to begin writing a file to disk, so that a later fsync finds little left to do."""

from __future__ import annotations

import ctypes

_SYNC_FILE_RANGE_WRITE = 2


def start_writeback(descriptor: int) -> None:
    """Begin writing the file's changed pages without waiting; does nothing where the system has no such call.

    It promises nothing: whoever needs the file on disk still calls fsync.
    """
    sync_file_range = getattr(ctypes.CDLL(None), "sync_file_range", None)  # Linux
    if sync_file_range is not None:
        whole_file = (ctypes.c_int64(0), ctypes.c_int64(0))
        sync_file_range(ctypes.c_int(descriptor), *whole_file, ctypes.c_uint(_SYNC_FILE_RANGE_WRITE))
