"""The keeper of a box: parent of the user process, outside its reach, there to end everything.

It waits for two things: the user process ends, or the agent lets go of the leash (a socket whose other end the
agent holds; it closes when the agent dies, however it dies). Either way it ends every process of the box and says
how the user process ended.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import time
from typing import Dict, List, Optional, Tuple

from skyloom.compute.sandbox import kernel

STATUS = struct.Struct("!i")  # what waitpid said of the user process

_ROUNDS = 2000


def keep(user: int, leash: int, kill_all: Optional[Killer]) -> None:
    """Wait until the box ends, end it and exit.

    ``kill_all`` is None where this process is number 1 of a process space: the kernel then ends the rest with us.
    """
    ended = _wait(user, leash)
    if kill_all is not None:
        kill_all()
    if ended is not None:
        try:
            os.write(leash, STATUS.pack(ended))
        except OSError:
            pass
    os._exit(0)


class Killer:
    """Ends every process of a box that has no process space of its own."""

    def __init__(self, uid: Optional[int]) -> None:
        self._uid = uid

    def __call__(self) -> None:
        """By identity where the box has one of its own, else by descent.

        Nothing leaves the descent: this process is the subreaper, so that daemons become its children.
        """
        for _ in range(_ROUNDS):
            if self._uid is not None:
                _kill_identity(self._uid)
            for pid in _descendants():
                _signal(pid, signal.SIGSTOP)  # a stopped process cannot fork past us
            for pid in _descendants():
                _signal(pid, signal.SIGKILL)
            if _reap_everything():
                return
            time.sleep(0.001)


def _wait(user: int, leash: int) -> Optional[int]:
    """Wait status of the user process, or None when the leash was let go first."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    waiter = select.poll()
    waiter.register(leash, select.POLLIN)
    waiter.register(read, select.POLLIN)
    while True:
        status = _reap_until(user)
        if status is not None:
            return status
        ready = [descriptor for descriptor, _ in waiter.poll()]
        if leash in ready:
            return None
        os.read(read, 4096)


def _reap_until(user: int) -> Optional[int]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == user:
            return status
        if pid == 0:
            return None


def _reap_everything() -> bool:
    """Whether no child is left."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return False
        except ChildProcessError:
            return True


def _kill_identity(uid: int) -> None:
    """Kill all processes of a user id in one sweep of the kernel, which no fork escapes."""
    helper = os.fork()
    if helper == 0:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)


def _descendants() -> List[int]:
    """Every process below this one, by /proc."""
    children: Dict[int, List[int]] = {}
    for name in os.listdir("/proc"):
        pair = _pid_and_parent(name)
        if pair is not None:
            children.setdefault(pair[1], []).append(pair[0])
    found: List[int] = []
    ahead = [os.getpid()]
    while ahead:
        below = children.get(ahead.pop(), [])
        found += below
        ahead += below
    return found


def _pid_and_parent(name: str) -> Optional[Tuple[int, int]]:
    if not name.isdigit():
        return None
    try:
        with open(f"/proc/{name}/stat") as file:
            return int(name), int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def become_undumpable() -> None:
    """Nobody of the same identity may look into this process."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
