"""What one agent has on this machine besides itself: a folder, a block of user ids, cgroups, processes.

All of it carries the instance's id, so that a later agent finds and removes what an agent left that was
killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from skyloom.compute.folders import remove_tree
from skyloom.compute.sandbox import cgroups, identity

MARK = "SKYLOOM_INSTANCE"  # in the environment of every zygote, and so of every box

_FIRST_UID = 200_000
_BLOCK = 256  # one for the zygotes, the rest for boxes
_BLOCKS = 256
_UID_LOCKS = "/run/skyloom/uids"
_PREFIX = "instance-"
_LOCK = "lock"
_FACTS = "facts.json"
_NEW_S = 60.0


@dataclass(frozen=True)
class UidBlock:
    """User ids that only this agent uses, from ``first`` on; the first is the zygotes'."""

    first: int
    lock: int

    @property
    def count(self) -> int:
        return _BLOCK

    def of_box(self, slot: int) -> int:
        return self.first + 1 + slot


class Instance:
    """The footprint of a living agent. Its lock file is held for life."""

    def __init__(self, work_root: str) -> None:
        os.makedirs(work_root, mode=0o711, exist_ok=True)
        self.id = os.urandom(6).hex()
        self.folder = os.path.join(work_root, _PREFIX + self.id)
        self.boxes = os.path.join(self.folder, "boxes")
        self.cache = os.path.join(work_root, "cache")
        for folder in (self.folder, self.boxes, self.cache):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, 0o711)  # boxes pass through, and list nothing
        self._free_slots = list(range(_BLOCK - 2, -1, -1))
        self._slots_change = threading.Lock()
        self._lock = _locked(os.path.join(self.folder, _LOCK))
        self.uids = claim_uids() if identity.may_give(_FIRST_UID, _BLOCK * _BLOCKS) else None
        with open(os.path.join(self.folder, _FACTS), "w") as file:
            json.dump({"id": self.id, "first_uid": self.uids.first if self.uids else None}, file)

    def take_slot(self) -> int:
        """A number that no living box has; its user id goes with it.

        Raises
        ------
        OSError
            Too many boxes.
        """
        with self._slots_change:
            if not self._free_slots:
                raise OSError(f"{_BLOCK - 1} boxes are there already")
            return self._free_slots.pop()

    def give_back(self, slot: int) -> None:
        with self._slots_change:
            self._free_slots.append(slot)

    def close(self) -> None:
        """Remove the folder; boxes and zygotes are gone by now."""
        remove_tree(self.folder)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self.uids:
            os.close(self.uids.lock)
            self.uids = None


def claim_uids() -> UidBlock:
    """Take a block of user ids that no living agent of this machine has.

    Raises
    ------
    OSError
        All blocks are taken, or the folder of locks cannot be made.
    """
    os.makedirs(_UID_LOCKS, mode=0o700, exist_ok=True)
    for number in range(_BLOCKS):
        lock = _locked(os.path.join(_UID_LOCKS, str(number)))
        if lock is not None:
            return UidBlock(_FIRST_UID + number * _BLOCK, lock)
    raise OSError(f"all {_BLOCKS} blocks of user ids are taken")


def sweep(work_root: str) -> tuple[str, ...]:
    """Kill and remove what dead agents left below ``work_root``; called when an agent starts.

    Returns
    -------
    tuple of str
        Ids of the instances removed.
    """
    return tuple(_remove_dead(folder, facts) for folder, facts in _dead_instances(work_root))


def remove_boxes(work_root: str) -> None:
    """Kill and remove everything below a work root whose owner is dead, and the folder itself."""
    if work_root and os.path.isdir(work_root):
        sweep(work_root)
        remove_tree(work_root)


def remove_dead_roots(parent: str, prefix: str) -> None:
    """Kill and remove what owners that are dead left in work roots of their own, called ``prefix...``.

    One that was made this minute is left alone: its owner may not have gone in yet. So is what another user
    made in a folder that all may write: its facts would say which processes are killed.
    """
    for name in os.listdir(parent):
        root = os.path.join(parent, name)
        if name.startswith(prefix) and _is_old_and_ours(root):
            sweep(root)
            if not any(one.startswith(_PREFIX) for one in os.listdir(root)):
                remove_tree(root)


def _is_old_and_ours(root: str) -> bool:
    try:
        state = os.lstat(root)
    except FileNotFoundError:
        return False
    is_ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()
    return is_ours and time.time() - state.st_mtime > _NEW_S


def _dead_instances(work_root: str) -> Iterator[tuple[str, dict[str, object]]]:
    if not os.path.isdir(work_root):
        return
    for name in sorted(os.listdir(work_root)):
        folder = os.path.join(work_root, name)
        if not name.startswith(_PREFIX) or not os.path.isdir(folder):
            continue
        lock = _locked(os.path.join(folder, _LOCK))
        if lock is None:
            continue
        try:
            yield folder, {"id": name.removeprefix(_PREFIX), **_facts(folder)}
        finally:
            os.close(lock)


def _remove_dead(folder: str, facts: dict[str, object]) -> str:
    instance = str(facts["id"])
    quiet = 0
    for _ in range(100):
        left = list(_processes_of(instance))
        for pid in left:
            _kill(pid)
        quiet = 0 if left else quiet + 1
        if quiet == 2:  # one that is just being started shows no environment for a moment
            break
        time.sleep(0.02)
    _remove_groups(instance)
    remove_tree(folder)
    return instance


def _processes_of(instance: str) -> Iterator[int]:
    """Processes started with the instance's mark in their environment, or in one of its cgroups."""
    mark = f"{MARK}={instance}".encode()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if mark in file.read().split(b"\0"):
                    yield int(name)
        except OSError:
            continue
    try:
        groups = cgroups.groups_for(instance)
    except (cgroups.NotUsable, OSError):
        return
    for name in groups.names():
        yield from groups.of(name).processes()


def _remove_groups(instance: str) -> None:
    try:
        groups = cgroups.groups_for(instance)
    except (cgroups.NotUsable, OSError):
        return
    for name in groups.names():
        groups.of(name).remove()
    groups.remove()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass


def _facts(folder: str) -> dict[str, object]:
    try:
        with open(os.path.join(folder, _FACTS)) as file:
            facts = json.load(file)
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _locked(path: str) -> int | None:
    """A descriptor that holds the lock, or None when somebody living holds it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
