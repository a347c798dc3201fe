"""The keeper of a box: parent of the user process, outside its reach, there to end everything.

It waits for two things: the user process ends, or the agent lets go of the leash (a socket whose other end
the agent holds; it closes when the agent dies, however it dies). Either way it ends every process of the box.
Only when none is left does it say how the user process ended; the agent takes that word as "all are dead".

The agent may also ask for a halt, once it has an answer: giving back the memory of a process takes the kernel
some milliseconds, and a stopped process can no more touch the results than a dead one. Only when the user
process is the only one of the box does the keeper stop it and say so; else it ends all.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import time
from collections.abc import Callable

from skyloom.compute.sandbox import kernel

STATUS = struct.Struct("!i")  # what waitpid said of the user process, or:
HALTED = -1  # it is stopped, alone, and will be killed
HALT = b"h"  # the agent's wish

_ROUNDS = 2000


def keep(user: int, leash: int, end_all: Callable[[], None], may_halt: bool) -> None:
    """Wait until the box ends, end every process in it, say so and exit.

    ``may_halt``: nobody but us could wake a process of the box that was stopped.
    """
    waiter = _Waiter(user, leash)
    ended = waiter.wait()
    if ended is None and waiter.is_halt_wanted and may_halt and _halt(user):
        _say(leash, HALTED)
        ended = waiter.wait()
    end_all()
    _say(leash, 0 if ended is None else ended)
    os._exit(0)


def _say(leash: int, word: int) -> None:
    try:
        os.write(leash, STATUS.pack(word))
    except OSError:
        pass


def _halt(user: int) -> bool:
    """Stop the user process; whether it stands still and is the only process of the box."""
    _signal(user, signal.SIGSTOP)
    try:
        state = os.waitid(os.P_PID, user, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return False
    return state is not None and state.si_code == os.CLD_STOPPED and _descendants() == [user]


def end_process_space() -> None:
    """End all other processes of the process space in which this one is number 1.

    Ending ourselves would do it too, but takes the kernel longer than this, and nobody could say when it is
    done.
    """
    while not _reap_everything():
        _signal(-1, signal.SIGKILL)
        _wait_for_a_child()


def end_descendants() -> None:
    """End every process below this one, where processes of others share our process space.

    Nothing leaves the descent: this process is the subreaper, so that daemons become its children, and it is
    out of the box's reach.
    """
    for _ in range(_ROUNDS):
        for pid in _descendants():
            _signal(pid, signal.SIGSTOP)  # a stopped process cannot fork past us
        for pid in _descendants():
            _signal(pid, signal.SIGKILL)
        if _reap_everything():
            return
        time.sleep(0.001)


class _Waiter:
    """Waits for the end of the user process or for a word of the agent."""

    def __init__(self, user: int, leash: int) -> None:
        self.is_halt_wanted = False
        self._user = user
        self._leash = leash
        self._children, write = os.pipe()
        os.set_blocking(write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._poll = select.poll()
        self._poll.register(leash, select.POLLIN)
        self._poll.register(self._children, select.POLLIN)

    def wait(self) -> int | None:
        """Wait status of the user process, or None when the agent spoke or let go first."""
        while True:
            status = _reap_until(self._user)
            if status is not None:
                return status
            ready = [descriptor for descriptor, _ in self._poll.poll()]
            if self._leash in ready:
                self.is_halt_wanted = os.read(self._leash, 1) == HALT
                return None
            os.read(self._children, 4096)


def _reap_until(user: int) -> int | None:
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


def _wait_for_a_child() -> None:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        pass


def _descendants() -> list[int]:
    found: list[int] = []
    ahead = [os.getpid()]
    while ahead:
        below = _children(ahead.pop())
        found += below
        ahead += below
    return found


def _children(pid: int) -> list[int]:
    """Children of all threads of a process.

    A kernel without these files has no boxes: `zygote` sees to that.
    """
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:  # it ended while we looked
        pass
    return found


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def become_undumpable() -> None:
    """Nobody of the same identity may look into this process."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
