"""Who a box is: its own user id where we may give one, and no capability.

A process with a user id of its own can neither read the agent's files nor signal its processes, and can be
killed as a whole by that id. As root an agent takes a block of ids for itself; otherwise a box has the
agent's own id and the other mechanisms must carry it (reliability.md 1.4).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from skyloom.compute.sandbox import kernel

CAP_CHOWN = 0
CAP_DAC_READ_SEARCH = 2
CAP_KILL = 5
CAP_SETGID = 6
CAP_SETUID = 7
CAP_SETPCAP = 8

_LAST_CAPABILITY_FILE = "/proc/sys/kernel/cap_last_cap"
_LAST_CAPABILITY_KNOWN = 40
_VERSION_3 = 0x20080522
_AMBIENT_RAISE, _AMBIENT_CLEAR_ALL = 2, 4
_KEEP_CAPS = 8


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Half(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def may_give(first: int, count: int) -> bool:
    """Whether this process can make others run under these user ids.

    Root inside a container may lack the capabilities, or know only some ids of the machine.
    """
    needed = sum(1 << capability for capability in (CAP_CHOWN, CAP_SETGID, CAP_SETUID, CAP_SETPCAP))
    try:
        with open("/proc/self/status") as status, open("/proc/self/uid_map") as uid_map:
            effective = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))
            ranges = [(int(words[0]), int(words[2])) for words in map(str.split, uid_map)]
    except (OSError, StopIteration):
        return False
    is_mapped = any(start <= first and first + count <= start + length for start, length in ranges)
    return os.geteuid() == 0 and effective & needed == needed and is_mapped


def become(uid: int) -> None:
    """Take this user id and the group of the same number, and no further group."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def become_keeping_capabilities(uid: int) -> None:
    """`become`, without losing what the capabilities of the former identity allow."""
    kernel.prctl(_KEEP_CAPS, 1)
    become(uid)
    kernel.prctl(_KEEP_CAPS, 0)


def drop_bounding_set(keep: Iterable[int] = ()) -> None:
    """Make sure that no program started later can gain a capability; needs CAP_SETPCAP."""
    kept = set(keep)
    for capability in range(_last_capability() + 1):
        if capability not in kept:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)


def keep_only(capabilities: Iterable[int] = (), for_children: bool = False) -> None:
    """Give up every capability but these; ``for_children``: programs started later have them too."""
    mask = sum(1 << capability for capability in capabilities)
    inheritable = mask if for_children else 0
    halves = (_Half * 2)(*(_half(mask, inheritable, shift) for shift in (0, 32)))
    kernel.call("capset", ctypes.byref(_Header(_VERSION_3, 0)), ctypes.byref(halves))
    kernel.prctl(kernel.PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL)
    if for_children:
        for capability in capabilities:
            kernel.prctl(kernel.PR_CAP_AMBIENT, _AMBIENT_RAISE, capability)


def gain_no_privileges() -> None:
    """From here on no program gains rights by being started (setuid files, file capabilities)."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def can_reach(uid: int, path: str) -> bool:
    """Whether a bare user id could open what lies at ``path``: every folder above it lets others through."""
    return closed_folder(uid, os.path.realpath(path)) is None


def closed_folder(uid: int, path: str) -> str | None:
    """The outermost folder on the way to ``path`` that does not let a bare user id through."""
    closed = None
    for place in _chain(path):
        status = os.stat(place)
        bits = status.st_mode >> (6 if status.st_uid == uid else 0)
        if not bits & 1:
            closed = place
    return closed


def _chain(path: str) -> Iterable[str]:
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        yield folder
        if folder == os.path.dirname(folder):
            return
        folder = os.path.dirname(folder)


def _half(mask: int, inheritable: int, shift: int) -> _Half:
    low = mask >> shift & 0xFFFFFFFF
    return _Half(low, low, inheritable >> shift & 0xFFFFFFFF)


def _last_capability() -> int:
    try:
        with open(_LAST_CAPABILITY_FILE) as file:
            return int(file.read())
    except (OSError, ValueError):
        return _LAST_CAPABILITY_KNOWN
