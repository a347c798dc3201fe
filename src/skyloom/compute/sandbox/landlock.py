"""Landlock: which files a process and its children may touch, kept even where a mount was forgotten.

Source: the kernel's Landlock user interface, versions 1 to 7; reliability.md 1.3 (trap 12) and 1.4.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from skyloom.compute.sandbox import kernel

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_CHAR = 1 << 6
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
MAKE_SOCK = 1 << 9
MAKE_FIFO = 1 << 10
MAKE_BLOCK = 1 << 11
MAKE_SYM = 1 << 12
REFER = 1 << 13  # version 2
TRUNCATE = 1 << 14  # version 3
IOCTL_DEV = 1 << 15  # version 5

BIND_TCP = 1 << 0  # version 4
CONNECT_TCP = 1 << 1
SCOPE_ABSTRACT_SOCKET = 1 << 0  # version 6
SCOPE_SIGNAL = 1 << 1

READ = EXECUTE | READ_FILE | READ_DIR
WRITE = (
    READ
    | WRITE_FILE
    | REMOVE_DIR
    | REMOVE_FILE
    | MAKE_DIR
    | MAKE_REG
    | MAKE_SOCK
    | MAKE_FIFO
    | MAKE_SYM
    | REFER
    | TRUNCATE
)
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_CREATE_VERSION = 1
_RULE_PATH_BENEATH = 1


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def version() -> int:
    """Version of Landlock the kernel offers.

    Raises
    ------
    OSError
        Landlock is absent, switched off or denied.
    """
    return kernel.call("landlock_create_ruleset", None, 0, _CREATE_VERSION)


def scopes_signals() -> bool:
    """Whether a box is kept from signalling processes outside it."""
    try:
        return version() >= 6
    except OSError:
        return False


def make_rules(readable: Iterable[str], writable: Iterable[str], has_loopback: bool = False) -> int:
    """Rules that allow access to these files only and to no TCP port, as a descriptor for `restrict`.

    ``has_loopback`` leaves TCP to the box's own network space, which leads nowhere.

    Paths that are not there are left out.

    Raises
    ------
    OSError
        The kernel refuses.
    """
    offered = version()
    handled = _handled(offered)
    size = 8 if offered < 4 else 16 if offered < 6 else 24
    wanted = _Ruleset(
        handled, 0 if has_loopback else BIND_TCP | CONNECT_TCP, SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL
    )
    rules = kernel.call("landlock_create_ruleset", ctypes.byref(wanted), size, 0)
    try:
        for path in readable:
            _allow(rules, path, READ & handled)
        for path in writable:
            _allow(rules, path, WRITE & handled)
    except BaseException:
        os.close(rules)
        raise
    return rules


def restrict(rules: int) -> None:
    """Give up every access that the rules do not allow, for good and for all children; closes ``rules``.

    Needs no_new_privs.

    Raises
    ------
    OSError
        The kernel refuses.
    """
    try:
        kernel.call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def _handled(offered: int) -> int:
    handled = IOCTL_DEV * 2 - 1
    for since, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)):
        if offered < since:
            handled &= ~right
    return handled


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            access &= _OF_A_FILE
        rule = _PathBeneath(access, place)
        kernel.call("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)
