"""Calls that could open sockets or files behind a filter's back are not there.

status = "completed"
probe = "blocked"
"""

import ctypes
import os
import platform

from probes import Probes

# x86_64 and aarch64; the newer calls have one number everywhere
NUMBERS = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265),
    "userfaultfd": (323, 282),
}


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    libc = ctypes.CDLL(None, use_errno=True)
    column = 0 if platform.machine() == "x86_64" else 1
    space = ctypes.create_string_buffer(512)
    for name, numbers in NUMBERS.items():
        ctypes.set_errno(0)
        got = libc.syscall(ctypes.c_long(numbers[column]), 8, space, 0, 0, 0, 0)
        refused = got < 0 and ctypes.get_errno() in (1, 38)  # EPERM, ENOSYS: not merely a bad argument
        probes.note(name, f"{got} {os.strerror(ctypes.get_errno())}", "blocked" if refused else "ALLOWED")
    return probes.table()
