"""The first rows of a column without touching the rest of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Tuple

from skyloom.data.buffer_checks import as_array
from skyloom.data.layout import FIXED, OFFSETS
from skyloom.data.table import Column


def first_rows(column: Column, rows: int) -> Column:
    """A view of at most ``rows`` cells from the top; it has no origin of its own."""
    rows = min(rows, column.rows)
    if rows == column.rows:
        return column
    first, *rest = column.buffers
    if column.type in FIXED or column.type == "Categorical":
        buffers: Tuple[memoryview, ...] = (first[: first.nbytes // column.rows * rows],)
    else:
        offsets = first[: 8 * (rows + 1)]
        end = int(as_array(offsets, OFFSETS)[-1])
        buffers = (offsets, rest[0][:end], *(validity[:rows] for validity in rest[1:]))
    return replace(column, rows=rows, buffers=buffers, origin=None)
