"""A table as one piece of bytes: what passes between two sandboxes without touching a disk.

length of the footer (u64, little-endian) | footer JSON | padding to 64 | segments, as in a table file
"""

from __future__ import annotations

import json
from typing import List

from skyloom.core.identity import Json, canonical_json
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.buffer_checks import buffer_fault
from skyloom.data.footer import FooterColumn, Segment, check_footer, column_json
from skyloom.data.layout import aligned, buffer_offsets
from skyloom.data.table import Column, Table
from skyloom.data.table_file import column_of_buffers

_LENGTH = 8


def table_bytes(table: Table) -> bytes:
    """All columns of a table, wherever they lie now."""
    position = 0
    columns: List[Json] = []
    pieces: List[bytes] = []
    for column in table.columns:
        start = aligned(position)
        pieces.append(bytes(start - position))
        segment = Segment(column.layout, start)
        position = start
        for buffer, offset in zip(column.flat_buffers, buffer_offsets(column.layout.flat_buffers)):
            pieces.append(bytes(start + offset - position))
            pieces.append(bytes(buffer))
            position = start + offset + buffer.nbytes
        nested = column.categories.attributes if column.categories else None
        columns.append(column_json(FooterColumn(column.attributes, nested, segment)))
    footer = canonical_json(
        {"format": 1, "rows": table.rows, "columns": columns, "extras": dict(table.extras)}
    ).encode()
    head = len(footer).to_bytes(_LENGTH, "little") + footer
    return b"".join([head, bytes(aligned(len(head)) - len(head)), *pieces])


def table_from_bytes(content: bytes) -> Table:
    """The table again; its cells may be written to.

    Raises
    ------
    ProblemError
        D020, D021, D023: the bytes are no table.
    """
    length = int.from_bytes(content[:_LENGTH], "little")
    start = aligned(_LENGTH + length)
    try:
        footer = check_footer(json.loads(content[_LENGTH : _LENGTH + length]), len(content) - start, ())
    except (ValueError, RecursionError) as error:
        raise ProblemError(_broken()) from error
    view = memoryview(bytearray(content))[start:]
    columns: List[Column] = []
    for item in footer.columns:
        lengths = item.segment.layout.flat_buffers
        buffers = tuple(
            view[item.segment.offset + offset : item.segment.offset + offset + size]
            for offset, size in zip(buffer_offsets(lengths), lengths)
        )
        fault = buffer_fault(item.segment.layout, buffers)
        if fault:
            raise ProblemError(Problem("D021", f"Column '{item.attributes.name}' holds {fault}."))
        columns.append(column_of_buffers(item, buffers))
    return Table(footer.rows, tuple(columns), footer.extras)


def _broken() -> Problem:
    return Problem("D023", "A table that was handed on cannot be read.", fix="Call the web service again.")
