"""Limits, priority and processors of a process outside cannot be changed.

status = "completed"
probe = "blocked"
host = ["victim_alive", "server_healthy"]
"""

import ctypes
import os
import resource
from pathlib import Path

from probes import Probes

PROCESS = 1  # which, of ioprio_set
IDLE = 3 << 13
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    libc = ctypes.CDLL(None, use_errno=True)
    number, batch = IOPRIO_SET[os.uname().machine], os.sched_param(0)
    for key, word in (("server_pid", "skyloom.server"), ("victim_pid", "sleep")):
        pid = int(probes[key])
        if _is_somebody_else_in_here(pid, word):
            continue
        attempts = {
            "limits": lambda pid=pid: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)),
            "priority": lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, 1) or True,
            "processors": lambda pid=pid: os.sched_setaffinity(pid, os.sched_getaffinity(0)) or True,
            "scheduler": lambda pid=pid: os.sched_setscheduler(pid, os.SCHED_BATCH, batch) or True,
            "disk": lambda pid=pid: libc.syscall(number, PROCESS, pid, IDLE) == 0,
        }
        for what, attempt in attempts.items():
            probes.refused(f"{what} of {key}", attempt)
    probes.note("asked", "agent and victim")
    return probes.table()


def _is_somebody_else_in_here(pid, word):
    """In a process space of its own the number may be one of ours."""
    try:
        return word not in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False  # hidden or gone: it must be refused
