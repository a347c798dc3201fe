"""What agents leave on the machine: processes, control groups, mounts, folders.

The machine is asked, not the product: process list, /proc/locks, the folders themselves.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skyloom.compute.instance import MARK
from tests.hostile.processes import UID_BLOCK, Process, process, process_tree

_UID_LOCKS = Path("/run/skyloom/uids")
_FIRST_UID = 200_000
_LOOK_EVERY_S = 0.02
_SETTLE_S = 10.0
_OTHERS_MOVE_S = 0.5


class Footprint:
    """Knows every instance that a home has had while it was watched."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._uids: dict[str, int | None] = {}  # instance -> first of its user ids
        self._told: set[str] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note instances as they come; some live for a fraction of a second."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_LOOK_EVERY_S):
                self.note()

        thread = threading.Thread(target=watch, name="footprint")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def note(self) -> None:
        for folder in self._instances():
            name = folder.name.removeprefix("instance-")
            if self._uids.get(name) is None:
                self._uids[name] = _first_uid(folder)

    def instances_seen(self) -> int:
        return len(self._uids)

    def left_by_the_dead(self, agent: int | None) -> list[str]:
        """What is there of instances other than that of the living agent."""
        self.note()
        living = _held_instances(agent, self._home)
        dead = {name: uid for name, uid in self._uids.items() if name not in living}
        faults = [f"process {found}" for found in _processes_of(dead)]
        faults += [
            f"folder {folder}"
            for folder in self._instances()
            if folder.name.removeprefix("instance-") not in living
        ]
        faults += [f"control group {path}" for path in _control_groups(dead)]
        faults += [f"mount {line}" for line in _mounts(self._home)]
        faults += self._unfinished_files(agent)
        return faults

    def left_over_boxes(self, agent: int) -> list[str]:
        """Box folders of the living agent that no box stands behind; asked when nothing runs."""
        until = time.monotonic() + _SETTLE_S
        while True:
            folders = [box for instance in self._instances() for box in (instance / "boxes").iterdir()]
            keepers = process_tree(agent).keepers()
            if len(folders) == len(keepers):
                return []
            if time.monotonic() > until:
                return [f"{len(folders)} box folders for {len(keepers)} boxes"]
            time.sleep(0.1)

    def new_faults(self, agent: int | None) -> list[str]:
        """As ``left_by_the_dead``, each thing once: what stays is told in its first round only."""
        fresh = [fault for fault in self.left_by_the_dead(agent) if fault not in self._told]
        self._told.update(fresh)
        return fresh

    def after_a_clean_end(self) -> list[str]:
        """What is there although every agent has ended."""
        faults = self.left_by_the_dead(None)
        for name in ("agent/agent.sock", "agent/agent.pid"):
            if (self._home / name).exists():
                faults.append(f"file {name}")
        return faults

    def _unfinished_files(self, agent: int | None) -> list[str]:
        """Half-done work of agents that died: job folders, exports under way."""
        since = (self._home / "workspace.lock").stat().st_mtime if agent is not None else time.time()
        places = (*(self._home / "jobs").glob("*"), *(self._home / "exports").glob("*.*.*"))
        return [f"unfinished {path}" for path in places if _is_from_before(path, since)]

    def _instances(self) -> list[Path]:
        return sorted((self._home / "work").glob("instance-*"))


def _first_uid(folder: Path) -> int | None:
    try:
        first = json.loads((folder / "facts.json").read_text()).get("first_uid")
    except (OSError, ValueError):
        return None
    return int(first) if first is not None else None


def _held_instances(agent: int | None, home: Path) -> set[str]:
    """Instances whose lock file the agent holds open."""
    found: set[str] = set()
    try:
        descriptors = list(Path(f"/proc/{agent}/fd").iterdir())
    except OSError:
        return found
    for descriptor in descriptors:
        try:
            path = Path(os.readlink(descriptor))
        except OSError:
            continue
        if path.name == "lock" and path.parent.parent == home / "work":
            found.add(path.parent.name.removeprefix("instance-"))
    return found


def _processes_of(dead: dict[str, int | None]) -> Iterator[str]:
    """By the mark in the environment or by control group; else by user id, where it is nobody else's now."""
    unmarked = []
    for found in _living():
        owner = _instance_of(found.pid)
        if owner in dead:
            yield f"{found.pid} '{found.name}' of instance {owner}"
        elif owner is None and _block(found.uid) in dead.values():
            unmarked.append(found)
    if unmarked:
        time.sleep(
            _OTHERS_MOVE_S
        )  # it may belong to an agent of others that takes or leaves the block just now
        taken = _taken_blocks()
        still = {found.pid for found in _living()}
        for found in unmarked:
            if found.pid in still and _block(found.uid) not in taken:
                yield f"{found.pid} '{found.name}' of user {found.uid}"


def _living() -> Iterator[Process]:
    for name in os.listdir("/proc"):
        found = process(int(name)) if name.isdigit() else None
        if found is not None and found.state not in "ZX":
            yield found


def _block(uid: int) -> int:
    """The first user id of the block that this one is in."""
    return uid - (uid - _FIRST_UID) % UID_BLOCK


def _instance_of(pid: int) -> str | None:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        groups = Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return None
    for variable in variables:
        if variable.startswith(MARK.encode() + b"="):
            return variable.partition(b"=")[2].decode()
    for part in groups.replace("\n", "/").split("/"):
        if part.startswith("skyloom-"):
            return part.removeprefix("skyloom-")
    return None


def _taken_blocks() -> set[int]:
    """First user ids of blocks that a living agent holds."""
    try:
        locks = Path("/proc/locks").read_text()
        files = list(_UID_LOCKS.iterdir())
    except OSError:
        return set()
    return {_FIRST_UID + int(file.name) * UID_BLOCK for file in files if f":{file.stat().st_ino} " in locks}


def _control_groups(dead: dict[str, int | None]) -> list[str]:
    names = {f"skyloom-{name}" for name in dead}
    return [
        os.path.join(folder, name)
        for folder, inner, _ in os.walk("/sys/fs/cgroup")
        for name in inner
        if name in names
    ]


def _mounts(home: Path) -> list[str]:
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return [line.strip() for line in file if str(home) in line]


def _is_from_before(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:
        return False
