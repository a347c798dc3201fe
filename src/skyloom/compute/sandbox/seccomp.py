"""Seccomp: which system calls a process and its children may make.

The filter is a short program for the kernel's own packet-filter machine; we assemble it here because that
costs a few lines and no dependency (reliability.md 1.2). What is shut and why:

- sockets, because Landlock knows neither UDP nor Unix sockets by path (a connected AF_UNIX pair stays:
  asyncio and multiprocessing need it);
- io_uring, which could open sockets and files past any filter;
- everything that changes mounts, namespaces, modules, clocks or the machine;
- looking into other processes;
- System V and POSIX message queues, whose objects outlive a run (trap 11);
- open_by_handle_at, which goes past every folder.
"""

from __future__ import annotations

import ctypes
import errno
import functools
from typing import Tuple

from skyloom.compute.sandbox import kernel, namespaces

_REFUSED = (
    "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "delete_module",
    "fanotify_init", "finit_module", "init_module", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load",
    "keyctl", "lookup_dcookie", "migrate_pages", "modify_ldt", "mount", "move_pages", "name_to_handle_at",
    "nfsservctl", "open_by_handle_at", "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise",
    "process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "quotactl_fd", "reboot", "request_key",
    "setdomainname", "sethostname", "setns", "settimeofday", "socket", "swapoff", "swapon", "syslog",
    "umount2", "unshare", "uselib", "userfaultfd", "vhangup",
)  # fmt: skip

# "no such call" instead of "not permitted": programs then use the older way
_ABSENT = (
    "clone3", "fsconfig", "fsmount", "fsopen", "fspick", "io_uring_enter", "io_uring_register",
    "io_uring_setup", "memfd_secret", "mount_setattr", "move_mount", "mq_getsetattr", "mq_notify", "mq_open",
    "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd", "open_tree",
    "open_tree_attr", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt", "shmget",
)  # fmt: skip

# calls that change another process of the same user, by the argument that names it; 0 is the caller itself
_STEER_FIRST = ("prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler")
_STEER_SECOND = ("ioprio_set", "setpriority")
# attributes of files that others may write: Landlock has no right for them
_ATTRIBUTES = (
    "fremovexattr", "fsetxattr", "lremovexattr", "lsetxattr", "removexattr", "removexattrat", "setxattr",
    "setxattrat",
)  # fmt: skip

_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000  # a second door of x86_64 to the same calls
_AF_UNIX, _AF_INET = 1, 2
_TIOCSTI = 0x5412  # types into the terminal of whoever started us
_TIOCLINUX = 0x541C
_PERSONALITY_ASK = 0xFFFFFFFF

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _ANSWER, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_SET_MODE_FILTER = 1

Instruction = Tuple[int, int, int, int]  # code, jump if true, jump if false, operand


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction))]


def install(sees_others: bool = False, has_loopback: bool = False) -> None:
    """Put the filter on this process and all its children, for good. Needs no_new_privs.

    Parameters
    ----------
    sees_others
        The box has no process space of its own: calls that steer a process may name the caller only.
    has_loopback
        IPv4 sockets may be made: the box has a network space of its own, whose one device is the loopback.

    Raises
    ------
    OSError
        The kernel refuses, or the machine's system calls are not in our table.
    """
    kernel.call("seccomp", _SET_MODE_FILTER, 0, ctypes.byref(assembled(sees_others, has_loopback)))


@functools.lru_cache(maxsize=4)
def assembled(sees_others: bool, has_loopback: bool = False) -> ctypes.Structure:
    """The filter as the kernel takes it; asked for once before boxes are forked, it costs them nothing."""
    lines = program(sees_others, has_loopback)
    array = (_Instruction * len(lines))(*(_Instruction(*line) for line in lines))
    return _Program(len(lines), array)


def program(sees_others: bool = False, has_loopback: bool = False) -> list[Instruction]:
    """Assemble the filter for this machine."""
    numbers = kernel.numbers()
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _AUDIT_ARCHITECTURE[kernel.machine()]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
        (_JUMP_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]
    for names, answer in ((_REFUSED, errno.EPERM), (_ABSENT, errno.ENOSYS)):
        for name in names:
            if name == "socket" and has_loopback:
                lines += _allow_only_when_first_argument_is(numbers[name], (_AF_INET,))
            elif name in numbers:
                lines += _answer_when(numbers[name], answer)
    lines += _allow_only_when_first_argument_is(numbers["socketpair"], (_AF_UNIX,))
    lines += _allow_only_when_first_argument_is(numbers["personality"], (0, _PERSONALITY_ASK))
    lines += _refuse_new_namespaces(numbers["clone"])
    lines += _refuse_second_argument(numbers["ioctl"], (_TIOCSTI, _TIOCLINUX))
    if sees_others:
        for name in _STEER_FIRST:
            lines += _allow_only_when_first_argument_is(numbers[name], (0,))
        for name in _STEER_SECOND:
            lines += _allow_only_when_second_argument_is_zero(numbers[name])
        for name in _ATTRIBUTES:
            lines += _answer_when(numbers[name], errno.EPERM)
    lines.append((_RETURN, 0, 0, _ALLOW))
    return lines


def _answer_when(number: int, answer: int) -> list[Instruction]:
    return [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ANSWER | answer)]


def _allow_only_when_first_argument_is(number: int, values: tuple[int, ...]) -> list[Instruction]:
    tests: list[Instruction] = [
        (_JUMP_EQUAL, len(values) - position, 0, value) for position, value in enumerate(values)
    ]
    body: list[Instruction] = [
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        *tests,
        (_RETURN, 0, 0, _ANSWER | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return _only_for(number, body)


def _allow_only_when_second_argument_is_zero(number: int) -> list[Instruction]:
    return _only_for(
        number,
        [
            (_LOAD, 0, 0, _AT_FIRST_ARGUMENT + 8),
            (_JUMP_EQUAL, 1, 0, 0),
            (_RETURN, 0, 0, _ANSWER | errno.EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ],
    )


def _refuse_new_namespaces(number: int) -> list[Instruction]:
    return _only_for(
        number,
        [
            (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
            (_JUMP_ANY_BIT, 0, 1, namespaces.ALL),
            (_RETURN, 0, 0, _ANSWER | errno.EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ],
    )


def _refuse_second_argument(number: int, values: tuple[int, ...]) -> list[Instruction]:
    tests: list[Instruction] = [
        (_JUMP_EQUAL, len(values) - position, 0, value) for position, value in enumerate(values)
    ]
    return _only_for(
        number,
        [
            (_LOAD, 0, 0, _AT_FIRST_ARGUMENT + 8),
            *tests,
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _ANSWER | errno.EPERM),
        ],
    )


def _only_for(number: int, body: list[Instruction]) -> list[Instruction]:
    """Every path through ``body`` returns, so that the lines behind it still hold the call's number."""
    return [(_JUMP_EQUAL, 0, len(body), number), *body]
