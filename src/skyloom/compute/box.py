"""One box as the agent sees it: made ahead, given one task, killed with everything in it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skyloom.compute import wire
from skyloom.compute.folders import remove_tree
from skyloom.compute.instance import Instance
from skyloom.compute.sandbox import cgroups, levels, mounts
from skyloom.compute.sandbox.keeper import HALT, HALTED, STATUS
from skyloom.compute.zygote import GO
from skyloom.compute.zygote_process import ZygoteProcess
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

SHM_BYTES = 512 * 1024**2  # size of /dev/shm; what is written there counts as memory of the run
_READY_WITHIN_S = 60.0
_ADOPTED_WITHIN_S = 5.0  # until what stood between keeper and user process has ended
_ENDED_WITHIN_S = 1.0
_DEAD_WITHIN_S = 10.0
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_MOST_READY_BYTES = 1 << 16


@dataclass(frozen=True)
class Ended:
    """How the user process ended: what waitpid said, or None; ``by_us``: it did not end by itself."""

    wait_status: int | None
    by_us: bool = False


class Box:
    """A spare, then a running box, then nothing. Owned by one thread at a time."""

    def __init__(
        self,
        zygote: ZygoteProcess,
        level: str,
        instance: Instance,
        groups: cgroups.Groups | None,
        is_awaited: bool = False,
        has_loopback: bool = False,
    ) -> None:
        """Start making a box; `wait_ready` completes it. One that is awaited does not rehearse.

        ``has_loopback``: programs in it may talk to each other over 127.0.0.1, its own and nobody else's.

        Raises
        ------
        ProblemError
            C003 the zygote is gone, C004 the box could not be closed.
        """
        self.level = level
        self.has_loopback = has_loopback
        self._instance = instance
        self._slot: int | None = instance.take_slot()
        self.name = f"{self._slot}-{os.urandom(4).hex()}"
        self.folder = os.path.join(instance.boxes, self.name)
        self.work = os.path.join(self.folder, "work")
        self.inner_work = zygote.work or self.work
        self.scratch = os.path.join(self.folder, "tmp")
        self.uid = instance.uids.of_box(self._slot) if instance.uids else None
        self.group = groups.of(self.name) if groups and level == levels.FULL_CGROUP else None
        self.shm: int | None = None
        self._owned: list[int] = []
        try:
            self._make_folders()
            self._fork(zygote, is_awaited)
        except OSError as error:
            self.kill()
            self.clean()
            raise ProblemError(self._problem(str(error))) from error
        except BaseException:
            self.kill()
            self.clean()
            raise

    def wait_ready(self) -> None:
        """Wait until the box is closed and rehearsed.

        Raises
        ------
        ProblemError
            C004 a layer could not be applied or the rehearsal failed.
        """
        self.task.settimeout(_READY_WITHIN_S)
        if self.group:
            self._admit(self.group)
        descriptors = self._hear()
        if descriptors:
            self.shm = descriptors[0]

    @property
    def is_alive(self) -> bool:
        return not _is_readable(0, self.watch)

    def limit(self, memory_bytes: int | None, processes: int) -> None:
        """Set the limits of the box's cgroup, where it has one.

        Raises
        ------
        OSError
            The kernel refuses the limit.
        """
        if self.group:
            self.group.limit(memory_bytes, processes + 1)  # the user process is there already

    def hand_over(self, message: Mapping[str, Json], descriptors: Sequence[int]) -> None:
        """Give the box its one task.

        Raises
        ------
        wire.ClosedError
            The box is gone.
        """
        self.task.settimeout(_READY_WITHIN_S)
        wire.send(self.task, message, descriptors)
        self.task.setblocking(False)

    def end(self, may_halt: bool) -> Ended:
        """Wait until nothing of the box can run any more; `kill` is still to be called.

        With ``may_halt`` (the answer is there) the user process may stand still instead of being dead. A
        keeper that does not manage within a second is ended with everything else.
        """
        with contextlib.suppress(OSError):
            if may_halt:
                self.leash.send(HALT)
        if _is_readable(_ENDED_WITHIN_S, self.leash.fileno(), self.watch):
            word = self._last_word()
            if len(word) == STATUS.size:
                status = int(STATUS.unpack(word)[0])
                return Ended(None if status == HALTED else status)
            # a keeper that was killed lets go of its line a moment before the kernel says that it has ended
            gone = not word and _is_readable(_ENDED_WITHIN_S, self.watch)
            if gone and levels.has_namespaces(self.level):
                return Ended(None)
        self.kill()
        return Ended(None, by_us=True)

    def kill(self) -> None:
        """End every process of the box at once and wait until all are gone; safe to call again."""
        if not hasattr(self, "watch"):
            return
        if levels.has_namespaces(self.level):
            self._signal_keeper()  # number 1 of the process space: the kernel ends the rest with it
        with contextlib.suppress(OSError):
            self.leash.shutdown(socket.SHUT_WR)
        if not _is_readable(_DEAD_WITHIN_S, self.watch):
            self._signal_keeper()
            _is_readable(_DEAD_WITHIN_S, self.watch)

    def clean(self) -> None:
        """Remove what the box had: descriptors, cgroup, folders. After `kill`."""
        for connection in (getattr(self, "task", None), getattr(self, "leash", None)):
            if connection is not None:
                connection.close()
        for descriptor in self._owned:
            os.close(descriptor)
        self._owned = []
        if self.group:
            self._remove_group(self.group)
        remove_tree(self.folder)
        if self._slot is not None:
            self._instance.give_back(self._slot)
            self._slot = None

    def _make_folders(self) -> None:
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o711)
        shared = [self.work + mounts.SHARED] if self.has_loopback else []
        for path in (self.work, self.scratch, *shared):
            os.mkdir(path, 0o700)
            if self.uid is not None:
                os.chown(path, self.uid, self.uid)

    def _fork(self, zygote: ZygoteProcess, is_awaited: bool) -> None:
        self.task, their_task = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.leash, their_leash = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.leash.setblocking(False)
        self.out, their_out = self._pipe()
        self.err, their_err = self._pipe()
        request: dict[str, Json] = {
            "box": self.name,
            "uid": self.uid,
            "shm_bytes": SHM_BYTES,
            "is_awaited": is_awaited,
            "has_loopback": self.has_loopback,
            "is_grouped": self.group is not None,
        }
        given = (their_task.fileno(), their_out, their_err, their_leash.fileno())
        try:
            self.watch = zygote.fork_box(request, given)
        finally:
            their_task.close()
            their_leash.close()
            os.close(their_out)
            os.close(their_err)
        self._owned.append(self.watch)
        self.pid = _pid_behind(self.watch)
        if not _is_below(self.pid, zygote.pid):
            raise ProblemError(self._problem("its zygote named a process that is not its own"))

    def _hear(self) -> list[int]:
        """One word of the user process while it gets ready; the descriptors that came with it."""
        try:
            reply, descriptors = wire.receive(self.task, _MOST_READY_BYTES)
            self._owned += descriptors
            problem = reply["problem"]
        except (wire.ClosedError, OSError, ValueError, TypeError, KeyError) as error:
            raise ProblemError(
                self._problem(f"it ended while it was made ({type(error).__name__})")
            ) from error
        if problem is not None:
            raise ProblemError(self._problem(str(problem)))
        return descriptors

    def _pipe(self) -> tuple[int, int]:
        ours, theirs = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(ours, False)
        self._owned.append(ours)
        with contextlib.suppress(OSError):  # beyond the user's share of pipe memory: the usual 64 KiB then
            _set_pipe_size(ours)
        return ours, theirs

    def _admit(self, group: cgroups.Group) -> None:
        """Put the user process into the box's cgroup, before it has done anything."""
        told = self._hear()
        user = _pid_behind(told[0]) if told else -1
        until = time.monotonic() + _ADOPTED_WITHIN_S
        while not _is_below(user, self.pid):
            if time.monotonic() > until:
                raise ProblemError(self._problem("its keeper is not the parent of its user process"))
            time.sleep(0.0005)
        try:
            group.make()
            group.join(user)
            self.task.send(GO)
        except OSError as error:
            raise ProblemError(self._problem(str(error))) from error

    def _signal_keeper(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.watch, signal.SIGKILL)

    def _last_word(self) -> bytes:
        try:
            return self.leash.recv(STATUS.size)
        except OSError:
            return b""

    def _remove_group(self, group: cgroups.Group) -> None:
        for _ in range(100):
            if group.remove():
                return
            time.sleep(0.01)

    def _problem(self, what: str) -> Problem:
        return Problem(
            "C004",
            f"A box of level {self.level!r} could not be made: {what}.",
            "",
            "Run `skyloom doctor` to see which isolation this machine offers.",
        )


def _is_readable(timeout_s: float, *descriptors: int) -> bool:
    """Whether one of them is, at the latest after so long; not ``select``, which knows none above 1023."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def _set_pipe_size(descriptor: int) -> None:
    import fcntl  # Unix only, as is everything that calls this

    fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_BYTES)


def _pid_behind(watch: int) -> int:
    """The number by which this machine's process list knows a process descriptor's process."""
    with open(f"/proc/self/fdinfo/{watch}") as file:
        for line in file:
            if line.startswith("Pid:"):
                return int(line.split()[1])
    return -1


def _is_below(pid: int, ancestor: int) -> bool:
    for _ in range(4):
        if pid == ancestor:
            return True
        try:
            with open(f"/proc/{pid}/stat") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            return False
    return False
