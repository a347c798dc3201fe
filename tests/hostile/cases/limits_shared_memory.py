"""Memory without an owner counts too, and goes with the run: nameless files, /dev/shm, System V segments.

status = ["completed", "failed"]
wall_max_s = 60
host = ["memory_under_cap", "server_healthy", "no_shm_left"]
"""

import ctypes
import mmap
import os

import pandas as pd

BLOCK = 1 << 20
MOST = 2500


def filled(write):
    count = 0
    try:
        for _ in range(MOST):
            write(b"\xff" * BLOCK)
            count += 1
    except (OSError, ValueError):
        pass
    return count


def azureml_main(dataframe1=None, dataframe2=None):
    blocks = 0
    try:
        blocks += filled(os.fdopen(os.memfd_create("hoard"), "wb", buffering=0).write)
        blocks += filled(open("/dev/shm/hoard", "wb", buffering=0).write)
    except OSError:
        pass
    try:
        blocks += filled(mmap.mmap(-1, MOST * BLOCK).write)
    except OSError:
        pass
    libc = ctypes.CDLL(None)
    for number in range(50):
        libc.shmget(0x600D + number, 16 << 20, 0o1666)
        libc.semget(0x600D + number, 8, 0o1666)
        libc.msgget(0x600D + number, 0o1666)
    return pd.DataFrame({"blocks": [blocks]})
