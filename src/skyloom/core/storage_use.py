"""StorageUse: what lies in a workspace's home, what of it nobody needs, and the use cases of clean-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from skyloom.core.identity import Digest, RunId

Part = Literal["results", "exports", "fetched", "logs", "damaged"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class StorageKind:
    """One kind of content: how many files, how many bytes. Content that several keep counts once."""

    kind: str
    files: int
    size_bytes: int


@dataclass(frozen=True)
class StorageUse:
    """A whole home; ``measured_at`` in UTC, ISO 8601."""

    kinds: tuple[StorageKind, ...]
    free_bytes: int
    measured_at: str


@dataclass(frozen=True)
class Cleaned:
    """What one part of a clean-up removed, or would remove; ``examples`` are the largest of it."""

    part: Part
    files: int
    size_bytes: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class CleanUp:
    """A clean-up, or with ``dry_run`` what it would do."""

    dry_run: bool
    parts: tuple[Cleaned, ...]


@dataclass(frozen=True)
class Maker:
    """Where content comes from: the run and node that made it."""

    run: RunId
    node: str
    experiment: str
    ended_at: str = ""


class StorageApi(Protocol):
    """The use cases of looking after storage."""

    def use(self) -> StorageUse:
        """How much of what lies in the home."""

    def maker(self, content: Digest) -> Maker | None:
        """Which run made this content; None when none did that is still there."""

    def clean(self, parts: Sequence[str], dry_run: bool = True) -> CleanUp:
        """Remove what nobody can reach (``results``), what is made or fetched again when it is asked for
        (``exports``, ``fetched``), logs of runs that were deleted (``logs``), files put aside (``damaged``).

        Nothing that a run, dataset, model, experiment, service or pipeline names is removed, nor anything
        that was used within the last hour.

        Raises
        ------
        ProblemError
            W380 a part that is none.
        """
