"""Rows from the middle of a table without touching the rest of it: a page of Visualize."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from skyloom.data.buffer_checks import as_array
from skyloom.data.column_head import feature_of
from skyloom.data.layout import CODES, FIXED, OFFSETS
from skyloom.data.profile import cell_code
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

MOST_ROWS = 1000
MOST_COLUMNS = 100
_BLOCK = 256  # rows of a sample that lie side by side: 2 kB of numbers
_FEWEST_BLOCKS = 100


def rows_between(column: Column, start: int, stop: int) -> Column:
    r"""The cells from ``start`` up to ``stop``, both cut to the column; it has no origin of its own.

    >>> from skyloom.data.column_type import ColumnAttributes
    >>> cells = memoryview(b"".join(n.to_bytes(8, "little") for n in range(5)))
    >>> bytes(rows_between(Column(ColumnAttributes("n", "Integer"), 5, (cells,)), 3, 9).buffers[0])[::8]
    b'\x03\x04'
    """
    start, stop = min(max(start, 0), column.rows), min(stop, column.rows)
    stop = max(start, stop)
    first, *rest = column.buffers
    if column.type in FIXED or column.type == "Categorical":
        width = first.nbytes // column.rows if column.rows else 0
        buffers: Tuple[memoryview, ...] = (first[start * width : stop * width],)
    else:
        offsets = as_array(first, OFFSETS)[start : stop + 1]
        begin, end = int(offsets[0]), int(offsets[-1])
        moved = memoryview((offsets - begin).tobytes())
        buffers = (moved, rest[0][begin:end], *(validity[start:stop] for validity in rest[1:]))
    return replace(column, rows=stop - start, buffers=buffers, origin=None)


def sampled(table: Table, rows: int) -> Table:
    """About ``rows`` rows in blocks of neighbours, evenly spaced from the first on; all if there are no more.

    A block lies on one page of memory or two, so a table far larger than the sample is hardly read: single
    rows, every so manieth, would touch every page of it.
    """
    starts, length = sample_blocks(table.rows, rows)
    if length * len(starts) >= table.rows:
        return table
    columns = tuple(_in_blocks(column, starts, length) for column in table.columns)
    return Table(columns[0].rows if columns else 0, columns)


def sample_blocks(total: int, rows: int) -> Tuple[List[int], int]:
    """Where the blocks of a sample begin, and how long each is.

    >>> sample_blocks(1000, 4)
    ([0, 250, 500, 750], 1)
    """
    length = max(1, min(_BLOCK, rows // _FEWEST_BLOCKS))
    count = max(1, rows // length)
    return [place * total // count for place in range(count)], length


def _in_blocks(column: Column, starts: Sequence[int], length: int) -> Column:
    first, *rest = column.buffers
    if column.type in FIXED or column.type == "Categorical":
        cells = as_array(first, FIXED.get(column.type, CODES))
        chosen = np.concatenate([cells[start : start + length] for start in starts])
        return replace(column, rows=len(chosen), buffers=(memoryview(chosen.tobytes()),), origin=None)
    offsets = as_array(first, OFFSETS)
    blocks = [offsets[start : start + length + 1] for start in starts]
    data = b"".join(rest[0][int(block[0]) : int(block[-1])] for block in blocks)
    sizes = np.concatenate([np.diff(block) for block in blocks])
    places = np.concatenate(([0], np.cumsum(sizes))).astype(OFFSETS)
    validity = (
        memoryview(b"".join(as_array(part, "i1")[start : start + length].tobytes() for start in starts))
        for part in rest[1:]
    )
    buffers = (memoryview(places.tobytes()), memoryview(data), *validity)
    return replace(column, rows=len(sizes), buffers=buffers, origin=None)


def row_window(
    table: Table, offset: int, limit: int, columns: Optional[Sequence[int]] = None
) -> Dict[str, Any]:
    """Rows as strict JSON, cells coded as in ``profile_table``.

    Parameters
    ----------
    offset, limit
        The first row, counted from 0, and how many; at most 1,000.
    columns
        Places of the columns wanted, each from 0; the first 100 without it. Places beyond the table are
        left out.
    """
    asked = range(MOST_COLUMNS) if columns is None else columns
    places = [place for place in asked if 0 <= place < len(table.columns)]
    wanted = [(place, table.columns[place]) for place in places[:MOST_COLUMNS]]
    offset = min(max(offset, 0), table.rows)
    stop = min(offset + min(max(limit, 0), MOST_ROWS), table.rows)
    cells = [_codes(column, offset, stop) for _, column in wanted]
    return {
        "offset": offset,
        "numberOfRows": table.rows,
        "numberOfColumns": len(table.columns),
        "features": [feature_of(place, column.attributes) for place, column in wanted],
        "records": [[codes[row] for codes in cells] for row in range(stop - offset)],
    }


def _codes(column: Column, start: int, stop: int) -> List[Any]:
    try:
        return [cell_code(value) for value in series_from_column(rows_between(column, start, stop))]
    except Exception:  # a damaged column must not take the page with it (studio.md 3.2)
        return ["cannot be visualized"] * (stop - start)
