"""What only the parent can see of a running box: wall clock, memory and disk as sums over all of it.

Source: reliability.md 1.5. Where a cgroup counts memory the kernel is faster than any polling and nothing is
polled.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from skyloom.compute.folders import usage_of
from skyloom.compute.sandbox import cgroups
from skyloom.core.task import Limits, Reason

MEMORY_EVERY_S = 0.1
MEMORY_SOONEST_S = 0.005
_FILLED_A_SECOND = 4 << 30  # bytes that a machine touches in a second, at most
DISK_EVERY_S = 0.25
_PAGE = os.sysconf("SC_PAGE_SIZE")
_BLOCK = 512


@dataclass(frozen=True)
class Exceeded:
    """A limit that was hit, with what was used."""

    reason: Reason
    used: float
    limit: float


class Watched(Protocol):
    """What is looked at: a box, or a container, whose memory its engine counts."""

    @property
    def pid(self) -> int: ...

    @property
    def group(self) -> cgroups.Group | None: ...

    @property
    def shm(self) -> int | None: ...

    @property
    def work(self) -> str: ...

    @property
    def scratch(self) -> str: ...


class Watch:
    """Says at every look which limit a box has passed, if any."""

    def __init__(self, box: Watched, limits: Limits, outputs: Sequence[int]) -> None:
        self._box = box
        self._limits = limits
        self._outputs = outputs
        self._started = time.monotonic()
        self._memory_due = self._started + self._memory_pause_s(0)
        self._disk_due = self._started + DISK_EVERY_S

    @property
    def next_look_in_s(self) -> float:
        """How long one may sleep at most."""
        due = min(self._disk_due, self._memory_due)
        if self._limits.timeout_s is not None:
            due = min(due, self._started + self._limits.timeout_s)
        return max(0.0, due - time.monotonic())

    def look(self) -> Exceeded | None:
        now = time.monotonic()
        timeout = self._limits.timeout_s
        if timeout is not None and now - self._started >= timeout:
            return Exceeded(Reason.TIMEOUT, now - self._started, timeout)
        if now >= self._memory_due:
            found = self.memory()
            if found:
                return found
        if now >= self._disk_due:
            found = self.disk()
            # a folder that takes long to count is counted less often: counting never takes over a fifth of
            # the time
            self._disk_due = time.monotonic() + max(DISK_EVERY_S, 4 * (time.monotonic() - now))
            return found
        return None

    def _memory_pause_s(self, used: int) -> float:
        """Until the next look: short enough that the limit cannot be passed by much before it."""
        limit = self._limits.memory_bytes
        if limit is None or self._box.group is not None:
            return MEMORY_EVERY_S
        return min(MEMORY_EVERY_S, max(MEMORY_SOONEST_S, (limit - used) / _FILLED_A_SECOND))

    def memory(self) -> Exceeded | None:
        self._memory_due = time.monotonic() + MEMORY_EVERY_S
        limit = self._limits.memory_bytes
        if limit is None:
            return None
        group = self._box.group
        if group is not None:  # the kernel has killed a part of the box; the rest goes with it
            killed = group.was_out_of_memory()
            return Exceeded(Reason.MEMORY, group.peak_bytes(), limit) if killed else None
        used = memory_of(self._box.pid, self._box.shm, limit)
        self._memory_due = time.monotonic() + self._memory_pause_s(used)
        return Exceeded(Reason.MEMORY, used, limit) if used > limit else None

    def disk(self) -> Exceeded | None:
        """Also asked once after the end, because a quick script is over before the first look."""
        limit = self._limits.disk_bytes
        used = sum(os.fstat(output).st_blocks * _BLOCK for output in self._outputs)
        for folder in (self._box.work, self._box.scratch):
            usage = usage_of(folder, limit)
            used += usage.used_bytes
            if not usage.is_complete:
                return Exceeded(Reason.DISK, used, limit)
        return Exceeded(Reason.DISK, used, limit) if used > limit else None


def memory_of(keeper: int, shm: int | None, enough: int) -> int:
    """Memory of all processes below the keeper, with what lies in shared memory.

    The cheap sum of resident sizes counts a page once for every process that shares it; only when that is
    over ``enough`` is the exact, slower sum made. File pages (mapped inputs) do not count.
    """
    pids = list(_below(keeper))
    files = shared_files_bytes(pids, shm)
    anonymous = sum(_resident_bytes(pid) for pid in pids)
    if anonymous + files <= enough:
        return anonymous + files
    sizes = [_proportional_bytes(pid) for pid in pids]
    # mapped shared memory is in the processes' share as well as in the files: the larger of both
    return sum(own for own, _ in sizes) + max(files, sum(shared for _, shared in sizes))


def shared_files_bytes(pids: Iterable[int], shm: int | None) -> int:
    """What is in /dev/shm and in nameless memory files that some process holds open."""
    used = 0
    if shm is not None:
        room = os.fstatvfs(shm)
        used += (room.f_blocks - room.f_bfree) * room.f_frsize
    seen: set[tuple[int, int]] = set()
    for pid in pids:
        for status in _memory_files(pid):
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                used += status.st_blocks * _BLOCK
    return used


def _below(keeper: int) -> Iterable[int]:
    ahead = [keeper]
    while ahead:
        for pid in _children(ahead.pop()):
            yield pid
            ahead.append(pid)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass
    return found


def _resident_bytes(pid: int) -> int:
    """Resident pages that are not of files; shared memory is in it."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = [line.split() for line in file if line.startswith(("RssAnon:", "RssShmem:"))]
    except OSError:
        return 0
    return sum(int(words[1]) * 1024 for words in lines)


def _proportional_bytes(pid: int) -> tuple[int, int]:
    """A process's share of anonymous and of shared memory; all of it where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            sizes = {words[0]: int(words[1]) * 1024 for words in map(str.split, file) if len(words) == 3}
        return sizes["Pss_Anon:"], sizes["Pss_Shmem:"]
    except (OSError, KeyError):
        return _resident_bytes(pid), 0


def _memory_files(pid: int) -> Iterable[os.stat_result]:
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            if os.readlink(path).startswith("/memfd:"):
                yield os.stat(path)
        except OSError:
            continue
