"""Objects of System V and POSIX are the box's own: those of the host cannot be seen, and none is left.

status = "completed"
probe = "blocked"
host = ["no_shm_left"]
"""

import ctypes
import os
from multiprocessing import shared_memory
from pathlib import Path

from probes import Probes


def listed(path):
    return Path(path).read_text().splitlines()[1:]


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    libc = ctypes.CDLL(None, use_errno=True)
    probes.refused("segment of the host", lambda: libc.shmget(int(probes["sysv_key"]), 0, 0) >= 0)
    probes.refused("list of segments", lambda: listed("/proc/sysvipc/shm"))
    probes.refused(
        "shared folder", lambda: [name for name in os.listdir("/dev/shm") if not name.startswith("sem.")]
    )
    for number in range(8):
        libc.shmget(0x7E57 + number, 4096, 0o1666)
        libc.semget(0x7E57 + number, 1, 0o1666)
        libc.msgget(0x7E57 + number, 0o1666)
    try:
        shared_memory.SharedMemory(name=f"left-{probes['marker']}", create=True, size=4096).close()
    except OSError:
        pass
    return probes.table()
