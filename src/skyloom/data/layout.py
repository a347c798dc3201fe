"""How the cells of each column type lie in memory and in a table file (docs/decisions/0001)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

ALIGNMENT = 64  # of every segment and of every buffer inside it
PAGE = 4096

# little-endian numpy types, and the value that stands for "missing"
FIXED = {"Integer": "<i8", "Double": "<f8", "Boolean": "i1", "DateTime": "<i8", "TimeSpan": "<i8"}
CODES = "<i4"
OFFSETS = "<i8"
MISSING_TIME = -(2**63)
MISSING_BOOLEAN = -1
MISSING_CODE = -1


@dataclass(frozen=True)
class Layout:
    """The shape of one column's segment: equal layouts may share bytes.

    ``buffers`` holds the length in bytes of each own buffer; the categories of a Categorical have a layout
    of their own.
    """

    type: str
    rows: int
    buffers: Tuple[int, ...]
    encoding: Optional[str] = None
    categories: Optional[Layout] = None

    @property
    def flat_buffers(self) -> Tuple[int, ...]:
        """Lengths in the order in which they lie in the segment, categories last."""
        return self.buffers + (self.categories.flat_buffers if self.categories else ())


def aligned(position: int, alignment: int = ALIGNMENT) -> int:
    """The next multiple of ``alignment``.

    >>> aligned(0), aligned(1), aligned(64)
    (0, 64, 64)
    """
    return -(-position // alignment) * alignment


def buffer_offsets(lengths: Tuple[int, ...]) -> Tuple[int, ...]:
    """Where each buffer begins inside its segment.

    >>> buffer_offsets((40, 10, 5))
    (0, 64, 128)
    """
    offsets = []
    position = 0
    for length in lengths:
        position = aligned(position)
        offsets.append(position)
        position += length
    return tuple(offsets)


def span(lengths: Tuple[int, ...]) -> int:
    """Bytes from the first buffer's first byte to the last buffer's last."""
    return buffer_offsets(lengths)[-1] + lengths[-1]


def is_consistent(layout: Layout) -> bool:
    """Whether the buffer lengths are those that the type and the number of rows ask for."""
    rows, buffers = layout.rows, layout.buffers
    if layout.type in FIXED:
        return buffers == ((1 if layout.type == "Boolean" else 8) * rows,)
    if layout.type == "Categorical":
        return (
            buffers == (4 * rows,)
            and layout.categories is not None
            and layout.categories.type != "Categorical"
            and is_consistent(layout.categories)
        )
    return buffers[:1] == (8 * (rows + 1),) and (len(buffers) == 2 or buffers[2:] == (rows,))
