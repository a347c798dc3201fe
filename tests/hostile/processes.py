"""The agent's processes as the machine's process list shows them: zygotes, and boxes with what is in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

UID_BLOCK = 256  # user ids of one agent, where it started as root
_BLOCK = 512


@dataclass(frozen=True)
class Process:
    """One line of the process list."""

    pid: int
    parent: int
    uid: int
    state: str  # R, S, D, T, Z
    depth: int  # process spaces that know it
    name: str


@dataclass(frozen=True)
class Tree:
    """The process list at one moment, seen from an agent.

    Below the agent are zygotes, below a zygote the keepers of its boxes, below a keeper its user process. A
    zygote with a process space of its own stands behind the process that made that space, and its keepers
    behind its nursery.
    """

    agent: int
    known: Mapping[int, Process]
    children: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def alive(self, pid: int) -> list[Process]:
        """Children that are not merely waiting to be reaped."""
        return [
            self.known[child] for child in self.children.get(pid, ()) if self.known[child].state not in "ZX"
        ]

    def below(self, pid: int) -> Iterator[Process]:
        for child in self.alive(pid):
            yield child
            yield from self.below(child.pid)

    def zygotes(self) -> list[Process]:
        found = []
        for outer in self.alive(self.agent):
            inner = [child for child in self.alive(outer.pid) if child.depth == outer.depth + 1]
            found.append(inner[0] if inner else outer)
        return found

    def makers(self) -> list[Process]:
        """The parents of keepers."""
        return [
            maker
            for zygote in self.zygotes()
            for maker in ([zygote] if self._has_no_space(zygote) else self.alive(zygote.pid))
        ]

    def keepers(self) -> list[Process]:
        return [keeper for maker in self.makers() for keeper in self.alive(maker.pid)]

    def _has_no_space(self, zygote: Process) -> bool:
        return zygote.depth == self.known[self.agent].depth

    def of_agent(self) -> set[int]:
        return {self.agent, *(one.pid for one in self.below(self.agent))}


def process_tree(agent: int) -> Tree:
    known = {one.pid: one for one in _processes()}
    children: dict[int, list[int]] = {}
    for one in known.values():
        children.setdefault(one.parent, []).append(one.pid)
    return Tree(agent, known, {pid: tuple(sorted(found)) for pid, found in children.items()})


def started_after(pid: int, ticks: int) -> bool:
    return _start_ticks(pid) > ticks


def now_ticks() -> int:
    """The moment in the unit of the process list's start times."""
    with open("/proc/uptime", encoding="ascii") as file:
        return int(float(file.read().split()[0]) * os.sysconf("SC_CLK_TCK"))


def memory_below(keeper: int, tree: Tree, enough: int) -> int:
    """Memory of a box in bytes: private and shared pages of all its processes, and files that live in memory.

    The exact share of every page is asked for only when the quick sum is over ``enough``.
    """
    pids = [keeper, *(one.pid for one in tree.below(keeper))]
    files = _memory_files(pids)
    quick = sum(_status_kib(pid, ("RssAnon:", "RssShmem:")) for pid in pids) * 1024
    if quick + files <= enough:
        return quick + files
    private = sum(_rollup_kib(pid, "Pss_Anon:") for pid in pids) * 1024
    shared = sum(_rollup_kib(pid, "Pss_Shmem:") for pid in pids) * 1024
    return private + max(files, shared)


def resident_bytes(pid: int) -> int:
    return _status_kib(pid, ("VmRSS:",)) * 1024


def _processes() -> Iterator[Process]:
    for name in os.listdir("/proc"):
        if name.isdigit() and (found := process(int(name))) is not None:
            yield found


def process(pid: int) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            before, _, after = file.read().rpartition(")")
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            facts = {words[0]: words[1:] for words in map(str.split, file) if words}
    except OSError:
        return None
    state, parent = after.split()[:2]
    depth = len(facts.get("NSpid:", ["1"]))
    return Process(pid, int(parent), int(facts["Uid:"][0]), state, depth, before.partition("(")[2])


def _start_ticks(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _status_kib(pid: int, names: tuple[str, ...]) -> int:
    return _kib(f"/proc/{pid}/status", names)


def _rollup_kib(pid: int, name: str) -> int:
    return _kib(f"/proc/{pid}/smaps_rollup", (name,))


def _kib(path: str, names: tuple[str, ...]) -> int:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(names))
    except (OSError, ValueError):
        return 0


def _memory_files(pids: Iterable[int]) -> int:
    """Nameless memory files somebody holds open, and what lies in the box's own /dev/shm."""
    used = 0
    seen: set[tuple[int, int]] = set()
    rooms: set[int] = set()
    for pid in pids:
        for status in _open_memory_files(pid):
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                used += status.st_blocks * _BLOCK
        used += _shared_room(pid, rooms)
    return used


def _open_memory_files(pid: int) -> Iterator[os.stat_result]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        try:
            if os.readlink(f"/proc/{pid}/fd/{name}").startswith("/memfd:"):
                yield os.stat(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue


def _shared_room(pid: int, rooms: set[int]) -> int:
    """Bytes in the process's /dev/shm where that is not the machine's."""
    place = f"/proc/{pid}/root/dev/shm"
    try:
        device = os.stat(place).st_dev
        if (
            not stat.S_ISDIR(os.stat(place).st_mode)
            or device == os.stat("/dev/shm").st_dev
            or device in rooms
        ):
            return 0
        rooms.add(device)
        room = os.statvfs(place)
    except OSError:
        return 0
    return (room.f_blocks - room.f_bfree) * room.f_frsize
