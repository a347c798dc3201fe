"""Namespaces: an own view of users, processes, network, IPC, host name, mounts and cgroups."""

from __future__ import annotations

import os

from skyloom.compute.sandbox import kernel

USER = 0x10000000
PID = 0x20000000
NET = 0x40000000
IPC = 0x08000000
UTS = 0x04000000
MOUNT = 0x00020000
CGROUP = 0x02000000

ALL = USER | PID | NET | IPC | UTS | MOUNT | CGROUP  # what clone() may not be asked for in a box


def leave(kinds: int) -> None:
    """Leave the shared namespaces of these kinds for new ones.

    Raises
    ------
    OSError
        The kernel, a container or a policy of the system refuses.
    """
    kernel.call("unshare", kinds)


def map_identity(uid: int, gid: int) -> None:
    """Give our new user namespace its one identity: the one we had before, which it has no name for yet."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def map_identities(pid: int, first: int, count: int) -> None:
    """Give another process's new user namespace a range of identities; for root only."""
    for name in ("uid_map", "gid_map"):
        _write(f"/proc/{pid}/{name}", f"{first} {first} {count}")


def fork_into_new_process_space() -> int:
    """Fork so that the child is number 1 of a new process space; later forks stay in the old one.

    The caller needs rights over its own process space, so it must have been born in one that belongs to its
    user namespace.
    """
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        leave(PID)
        pid = os.fork()
        if pid:
            kernel.call("setns", own, PID)
        return pid
    finally:
        os.close(own)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
