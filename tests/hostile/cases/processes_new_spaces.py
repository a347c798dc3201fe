"""No namespace can be made or entered, nothing mounted, no root changed.

status = "completed"
probe = "blocked"
"""

import ctypes
import os
from functools import partial

from probes import Probes

SPACES = {
    "user": 0x10000000,
    "mount": 0x00020000,
    "network": 0x40000000,
    "process": 0x20000000,
    "ipc": 0x08000000,
    "name": 0x04000000,
    "cgroup": 0x02000000,
    "time": 0x00000080,
}
BIND, PRIVATE = 0x1000, 1 << 18


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    if probes.holds_root():
        return probes.table()
    libc = ctypes.CDLL(None, use_errno=True)
    for name, flag in SPACES.items():
        probes.refused(f"new {name} space", lambda flag=flag: libc.unshare(flag) == 0)
    for name in ("user", "mnt", "net", "pid"):
        for pid in ("1", probes["server_pid"]):
            probes.refused(f"enter {name} of {pid}", partial(_enter, libc, f"/proc/{pid}/ns/{name}"))
    probes.refused("mount", lambda: libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0)
    probes.refused("bind", lambda: libc.mount(b"/", b"/tmp", None, BIND, None) == 0)
    probes.refused("propagation", lambda: libc.mount(None, b"/", None, PRIVATE, None) == 0)
    probes.refused("unmount", lambda: libc.umount2(b"/proc", 2) == 0)
    probes.refused("root", lambda: os.chroot(".") or True)
    probes.refused("pivot", lambda: libc.syscall(155, b".", b".") == 0)
    probes.refused("host name", lambda: libc.sethostname(b"mine", 4) == 0)
    return probes.table()


def _enter(libc, path):
    return libc.setns(os.open(path, os.O_RDONLY), 0) == 0
