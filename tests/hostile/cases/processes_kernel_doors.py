"""Doors into the kernel that no data script needs are shut.

status = "completed"
probe = "blocked"
"""

import ctypes
import errno
import os
import platform

from probes import Probes

# x86_64, aarch64
CALLS = {
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "fanotify_init": (300, 262),
    "userfaultfd": (323, 282),
    "mount_setattr": (442, 442),
    "fsopen": (430, 430),
}


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    if probes.holds_root():
        return probes.table()
    libc = ctypes.CDLL(None, use_errno=True)
    column = 0 if platform.machine() == "x86_64" else 1
    for name, numbers in CALLS.items():
        ctypes.set_errno(0)
        got = libc.syscall(ctypes.c_long(numbers[column]), 0, 0, 0, 0, 0, 0)
        number = ctypes.get_errno()
        is_shut = got < 0 and number in (errno.EPERM, errno.ENOSYS)
        probes.note(name, f"{got}, {os.strerror(number)}", "blocked" if is_shut else "ALLOWED")
    return probes.table()
