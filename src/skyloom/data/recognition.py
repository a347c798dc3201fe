"""Finding out that a column is still the one that came in, so that it need not be stored again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import Layout, buffer_offsets
from skyloom.data.object_arrays import hold_same_objects
from skyloom.data.pages import address_of
from skyloom.data.table import Column, Table

_MAX_COMPARED = 32  # a table of a thousand like columns must not cost a million comparisons


class KnownColumns:
    """The stored columns among some tables, by memory address and by name."""

    def __init__(self, tables: Sequence[Table]) -> None:
        stored = [column for table in tables for column in table if column.origin is not None]
        self._by_address: Dict[int, Column] = {address_of(column.buffers[0]): column for column in stored}
        self._by_name: Dict[str, List[Column]] = {}
        self._by_layout: Dict[Layout, List[Column]] = {}
        for column in stored:
            self._by_name.setdefault(column.name, []).append(column)
            self._by_layout.setdefault(column.layout, []).append(column)

    def handed_back(self, series: Any, name: str) -> Optional[Column]:
        """The stored column of text, bytes or truth values whose very objects the series holds, if any.

        Such objects cannot change, so the same objects are the same cells and need no encoding.
        """
        if series.dtype != object:
            return None
        for candidate in self._by_name.get(name, []):
            origin = candidate.origin
            given = origin.mapped.handed_out.get(origin.offset) if origin else None
            if given is not None and hold_same_objects(series.to_numpy(), given):
                attributes = ColumnAttributes(name, candidate.type, encoding=candidate.attributes.encoding)
                return replace(candidate, attributes=attributes)
        return None

    def recognise(self, column: Column) -> Column:
        """The column with its origin, when its bytes are those of a stored column; else as it is.

        A column in an input's own memory costs a look at the page map. Columns of the same name or layout are
        compared with the file, which ends at the first difference and is cheaper than storing it again.
        """
        same_memory = self._by_address.get(address_of(column.buffers[0]))
        candidates = [
            *([same_memory] if same_memory else []),
            *self._by_name.get(column.name, []),
            *self._by_layout.get(column.layout, [])[:_MAX_COMPARED],
        ]
        stored = next((candidate for candidate in candidates if _is_stored_as(column, candidate)), None)
        return column if stored is None else replace(column, origin=stored.origin)


def _is_stored_as(column: Column, candidate: Column) -> bool:
    origin, layout = candidate.origin, candidate.layout
    if origin is None or column.layout != layout:
        return False
    places = buffer_offsets(layout.flat_buffers)
    pairs = zip(column.flat_buffers, places)
    return all(origin.mapped.holds(buffer, origin.offset + place) for buffer, place in pairs)
