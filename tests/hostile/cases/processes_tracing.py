"""No process outside the box can be looked into or steered: agent, victim, keeper.

status = "completed"
probe = "blocked"
host = ["victim_alive", "server_healthy"]
"""

import ctypes
import os
from functools import partial

from probes import Probes

ATTACH, SEIZE = 16, 0x4206
PROCESS_VM_READV = 310


def trace(libc, request, pid):
    ctypes.set_errno(0)
    return libc.ptrace(request, pid, None, None) == 0


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    libc = ctypes.CDLL(None, use_errno=True)
    for name, pid in (
        ("agent", probes["server_pid"]),
        ("victim", probes["victim_pid"]),
        ("keeper", os.getppid()),
    ):
        if name == "keeper" and pid == 0:
            continue
        for request in (ATTACH, SEIZE):
            probes.refused(f"trace the {name} ({request:#x})", partial(trace, libc, request, int(pid)))
        probes.refused(f"memory of the {name}", lambda pid=pid: open(f"/proc/{pid}/mem", "r+b").fileno())
        probes.refused(f"descriptors of the {name}", lambda pid=pid: os.listdir(f"/proc/{pid}/fd"))
    return probes.table()
