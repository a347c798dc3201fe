"""Where a step in a container lies on this machine, and the mark by which a later agent finds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from skyloom.compute.containers.container import remove
from skyloom.compute.containers.engine import Engine
from skyloom.compute.folders import remove_tree
from skyloom.compute.instance import Instance
from skyloom.compute.sandbox import cgroups

_PREFIX = "skyloom-"


class StepPlace:
    """A folder as a box has it, with the user id of a box. ``name`` is the container's."""

    pid = 0
    shm: int | None = None
    group: cgroups.Group | None = None

    def __init__(self, instance: Instance, marks: str) -> None:
        """Raises OSError: too many boxes, or no space."""
        self._instance = instance
        self._slot = instance.take_slot()
        self.instance = instance.id
        self.name = f"{_PREFIX}{instance.id}-{self._slot}-{os.urandom(4).hex()}"
        self.uid = instance.uids.of_box(self._slot) if instance.uids else None
        self._folder = os.path.join(instance.boxes, self.name)
        self.work = os.path.join(self._folder, "work")
        self.scratch = os.path.join(self._folder, "tmp")
        self._mark = os.path.join(marks, self.name)
        os.makedirs(marks, exist_ok=True)
        for path in (self._folder, self.work, self.scratch):
            os.mkdir(path, 0o711 if path == self._folder else 0o700)
            if path != self._folder:
                self._chown(path)
        with open(self._mark, "wb"):
            pass

    @property
    def user(self) -> int:
        return os.geteuid() if self.uid is None else self.uid

    def own(self, *places: str) -> None:
        """Give what was made below the work folder to the step."""
        for place in places:
            for parent, _, files in os.walk(os.path.join(self.work, place)):
                for path in (parent, *(os.path.join(parent, name) for name in files)):
                    self._chown(path)

    def open_up(self) -> None:
        """Let us in where the step has shut its own folder."""
        with contextlib.suppress(OSError):
            os.chmod(self.work, 0o700)

    def clean(self) -> None:
        """Remove all of it; the container is gone."""
        remove_tree(self._folder)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._mark)
        self._instance.give_back(self._slot)

    def _chown(self, path: str) -> None:
        if self.uid is not None:
            os.chown(path, self.uid, self.uid, follow_symlinks=False)


def leftovers(marks: str, instance: str) -> Iterator[str]:
    """Names of containers of agents that are no more: all that this agent has not started itself."""
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(marks):
            if name.startswith(_PREFIX) and not name.startswith(f"{_PREFIX}{instance}-"):
                yield name


def remove_leftovers(engine: Engine, marks: str, instance: str) -> list[str]:
    """End and remove containers that a killed agent left; which."""
    found = list(leftovers(marks, instance))
    for name in found:
        remove(engine, name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(marks, name))
    return found
