"""Control groups: memory and processes of a box capped as a sum by the kernel, version 1 and version 2.

Joining a group of version 1 makes the caller wait for the kernel for some milliseconds (reliability.md 1.2),
so a box joins when it is made ahead, and gets its limits when its task arrives.
"""

from __future__ import annotations

import os
from typing import NamedTuple

_CONTROLLERS = ("memory", "pids")
_OWN_LEAF = "skyloom-agent"
_PREFIX = "skyloom-"
_NO_LIMIT_V1 = "-1"


class NotUsable(Exception):
    """Why no box can have a cgroup here, in words for the reader of ``doctor``."""


class Group:
    """The cgroup of one box: one folder a hierarchy."""

    def __init__(self, folders: dict[str, str], unified: bool) -> None:
        self._folders = folders
        self._unified = unified

    def make(self) -> None:
        for folder in set(self._folders.values()):
            os.makedirs(folder, exist_ok=True)
        if self._unified:
            _write(self._folders["memory"], "memory.oom.group", "1", needed=False)

    def join(self, pid: int) -> None:
        """Move a process here; its children are born here."""
        for folder in set(self._folders.values()):
            _write(folder, "cgroup.procs", str(pid))

    def limit(self, memory_bytes: int | None, processes: int) -> None:
        """Set what all processes of the group may use together."""
        folder = self._folders["memory"]
        if self._unified:
            _write(folder, "memory.max", "max" if memory_bytes is None else str(memory_bytes))
            _write(folder, "memory.swap.max", "0", needed=False)
        else:
            text = _NO_LIMIT_V1 if memory_bytes is None else str(memory_bytes)
            _write(folder, "memory.limit_in_bytes", text)
            _write(folder, "memory.memsw.limit_in_bytes", text, needed=False)  # there where swap is counted
        _write(self._folders["pids"], "pids.max", str(processes))

    def was_out_of_memory(self) -> bool:
        """Whether the kernel killed a process of the group for its memory."""
        name = "memory.events" if self._unified else "memory.oom_control"
        for line in _read(self._folders["memory"], name).splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                return int(value) > 0
        return False

    def peak_bytes(self) -> int:
        name = "memory.peak" if self._unified else "memory.max_usage_in_bytes"
        text = _read(self._folders["memory"], name).strip()
        return int(text) if text.isdigit() else 0

    def processes(self) -> list[int]:
        return [int(word) for word in _read(self._folders["pids"], "cgroup.procs").split()]

    def remove(self) -> bool:
        """Whether it is gone; a group with a process in it, or one just left, stays for a moment."""
        gone = True
        for folder in set(self._folders.values()):
            try:
                os.rmdir(folder)
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
        return gone


class Groups(NamedTuple):
    """The place below which the agent makes groups."""

    folders: tuple[tuple[str, str], ...]  # controller, folder of the agent's own
    unified: bool

    def of(self, name: str) -> Group:
        return Group({kind: os.path.join(folder, name) for kind, folder in self.folders}, self.unified)

    def names(self) -> list[str]:
        found: set[str] = set()
        for _, folder in self.folders:
            if os.path.isdir(folder):
                found.update(entry.name for entry in os.scandir(folder) if entry.is_dir())
        return sorted(found)

    def remove(self) -> None:
        """Remove the place itself; boxes are gone by now."""
        Group(dict(self.folders), self.unified).remove()


def groups_for(instance: str) -> Groups:
    """Where the groups of an agent would lie, made or not.

    Raises
    ------
    NotUsable
        There are no cgroups, or none for memory and processes.
    """
    with open("/proc/self/mounts") as mounts, open("/proc/self/cgroup") as own:
        return locate(mounts.read(), own.read(), _PREFIX + instance)


def open_groups(instance: str) -> Groups:
    """Make the place for an agent's groups and see that limits can really be set there.

    Raises
    ------
    NotUsable
        With the reason.
    """
    groups = groups_for(instance)
    try:
        if groups.unified:
            _hand_down(os.path.dirname(groups.folders[0][1]))
        for _, folder in groups.folders:
            os.makedirs(folder, exist_ok=True)
        if groups.unified:
            _enable(groups.folders[0][1])
        trial = groups.of("trial")
        trial.make()
        trial.limit(1 << 30, 100)
        trial.remove()
    except OSError as error:
        groups.remove()
        raise NotUsable(f"cgroups cannot be written: {error.strerror}: {error.filename}") from error
    return groups


def locate(mounts: str, own: str, name: str) -> Groups:
    """Read from ``/proc/self/mounts`` and ``/proc/self/cgroup`` where a group called ``name`` belongs.

    It lies below the group the agent itself is in, so that limits put on the agent hold for its boxes too.

    >>> locate("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", "0::/user.slice/a.scope", "x").folders[0]
    ('memory', '/sys/fs/cgroup/user.slice/a.scope/x')
    """
    paths = _own_paths(own)
    folders: dict[str, str] = {}
    unified = ""
    for line in mounts.splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup2":
            unified = place
        if kind == "cgroup":
            for controller in set(_CONTROLLERS) & set(options.split(",")) & set(paths):
                folders[controller] = os.path.join(place + paths[controller].rstrip("/"), name)
    if set(folders) == set(_CONTROLLERS):
        return Groups(tuple(sorted(folders.items())), False)
    if unified and "" in paths:
        folder = os.path.join(unified + paths[""].rstrip("/"), name)
        return Groups(tuple((controller, folder) for controller in _CONTROLLERS), True)
    raise NotUsable("no cgroup hierarchy with memory and pids is mounted")


def _own_paths(own: str) -> dict[str, str]:
    """Controller to path; the unified hierarchy is the empty name."""
    paths: dict[str, str] = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


def _hand_down(parent: str) -> None:
    """Let groups below ``parent`` have memory and pids.

    Version 2 allows that only where no process lives in ``parent`` itself, so an agent that is alone in its
    group moves to a leaf of it; it never moves others.
    """
    offered = _read(parent, "cgroup.controllers").split()
    if not set(_CONTROLLERS) <= set(offered):
        raise NotUsable("the agent's cgroup has no memory and pids controllers; ask systemd for Delegate=yes")
    if set(_CONTROLLERS) <= set(_read(parent, "cgroup.subtree_control").split()):
        return
    others = set(_read(parent, "cgroup.procs").split()) - {str(os.getpid())}
    is_root_group = not os.path.exists(os.path.join(parent, "cgroup.type"))
    if others and not is_root_group:
        raise NotUsable(
            f"{len(others)} other processes share the agent's cgroup; start it in a scope of its own"
        )
    if not is_root_group:
        leaf = os.path.join(parent, _OWN_LEAF)
        os.makedirs(leaf, exist_ok=True)
        _write(leaf, "cgroup.procs", str(os.getpid()))
    _enable(parent)


def _enable(folder: str) -> None:
    _write(folder, "cgroup.subtree_control", " ".join("+" + controller for controller in _CONTROLLERS))


def _write(folder: str, name: str, text: str, needed: bool = True) -> None:
    path = os.path.join(folder, name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        if needed:
            raise OSError(error.errno, os.strerror(error.errno or 0), path) from error


def _read(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name)) as file:
            return file.read()
    except OSError:
        return ""
