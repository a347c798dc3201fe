"""A pickled cell that nobody has opened."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PickledObject:
    """Stands for a cell of an Object column outside the sandbox; written back, it is the same bytes again."""

    content: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"object of {len(self.content):,} bytes"
