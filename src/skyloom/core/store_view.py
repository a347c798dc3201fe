"""What people see of datastores and compute targets: marks, one level of folders, nodes and what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from skyloom.core.datastore import Datastore, DatastoreKind
from skyloom.core.node_pool import PoolStatus


@dataclass(frozen=True)
class DatastoreView:
    """A datastore without what opens it.

    Parameters
    ----------
    where
        Its place in words for people: a folder, an address, a database.
    has_secret
        Whether something is kept that opens it; it is never shown.
    is_usual
        Every workspace has it; it cannot be unregistered.
    holds_files
        Whether it can be browsed; a database holds tables.
    """

    name: str
    kind: DatastoreKind
    settings: Mapping[str, str]
    where: str
    is_default: bool
    is_usual: bool
    has_secret: bool
    holds_files: bool


@dataclass(frozen=True)
class StoreItem:
    """A file or folder of one level. ``size`` in bytes; None for a folder whose store does not tell it."""

    name: str
    is_folder: bool
    size: int | None = None
    files: int | None = None  # in a folder and below


@dataclass(frozen=True)
class StoreLevel:
    """What lies at a path; ``left_out`` tells how many items are not in the list."""

    path: str
    items: tuple[StoreItem, ...]
    left_out: int = 0


@dataclass(frozen=True)
class StoreTest:
    """How an attempt to reach a store went; ``said`` what it said, without secrets."""

    reached: bool
    seconds: float
    said: str = ""


class StoresApi(Protocol):
    """The use cases. Every method may raise ProblemError: R310 for a name that is none."""

    def all(self) -> Sequence[DatastoreView]:
        """Those of every workspace first, then the registered by name."""

    def register(
        self, store: Datastore, secrets: Mapping[str, str], overwrite: bool, create: bool
    ) -> DatastoreView:
        """Keep a store, after it has let us in (P230 to P237, D063 to D068)."""

    def unregister(self, name: str) -> None:
        """Forget a store and what opens it; its content stays where it is (P237)."""

    def make_default(self, name: str) -> None:
        """Let steps and uploads that name no store use this one."""

    def test(self, name: str) -> StoreTest:
        """Try to reach it."""

    def level(self, name: str, path: str) -> StoreLevel:
        """Files and folders at a path (R311, P233, P234)."""


@dataclass(frozen=True)
class ComputeView:
    """A compute target. ``pool`` is None for one that is a name only: steps of it run on this machine."""

    name: str
    type: str
    created_at: str = ""
    description: str = ""
    pool: PoolStatus | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class ComputesApi(Protocol):
    """The use cases of compute targets."""

    def all(self) -> Sequence[ComputeView]:
        """Every target by name, with its nodes as they are now."""

    def put(self, name: str, min_nodes: int, max_nodes: int, idle_s: int) -> ComputeView:
        """Make a pool of nodes, or change its numbers; W385 a name or numbers that do not suit."""

    def remove(self, name: str) -> None:
        """Forget a target; C110 there is none, W386 its nodes are at work."""
