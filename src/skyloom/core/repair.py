"""Repair: what somebody changed in a run before resuming it; and the source of a step, to change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.identity import Json

MOST_SHOWN_BYTES = 256 * 1024  # of one file; larger ones are named and not shown


@dataclass(frozen=True)
class Repair:
    """Changes to take over; nothing in it means: as it was.

    ``files`` are by node and path: the whole text of a file of the step's snapshot, or of a new one.
    ``settings`` are by ``NODE.PARAM``, ``values`` by parameter of the graph. The published pipeline that was
    started stays as it is.
    """

    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (any(self.files.values()) or self.settings or self.values)

    def words(self) -> list[str]:
        """What is changed, a line each: ``NODE: path``, ``NODE.PARAM`` and the names of parameters."""
        files = [f"{node}: {path}" for node, texts in self.files.items() for path in texts]
        return [*files, *self.settings, *self.values]


@dataclass(frozen=True)
class SourceFile:
    """A file of a snapshot. ``text`` is None where it is no text, or too long to be shown."""

    path: str
    size: int  # bytes
    text: str | None = None


@dataclass(frozen=True)
class StepSource:
    """The files that a step runs in, its script first."""

    node: str
    script: str
    files: tuple[SourceFile, ...] = ()
