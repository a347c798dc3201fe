"""What every item is given: a workspace with a real agent, the floors, and the sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.floor import Floors
from bench.measure import Case
from bench.sizes import Sizes
from bench.workspace import Workspace


class MissingPart(Exception):
    """What an item needs is not on this machine: it is skipped, and the message is the reason."""


@dataclass(frozen=True)
class Setting:
    workspace: Workspace
    floors: Floors
    sizes: Sizes


Prepare = Callable[[Setting], AbstractContextManager[Sequence[Case]]]


@dataclass(frozen=True)
class Item:
    """A group of cases that are measured in the same rounds; ``runs`` of them unless asked for otherwise."""

    name: str
    runs: int
    prepare: Prepare
