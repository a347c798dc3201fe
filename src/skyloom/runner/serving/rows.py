"""Rows of a call on their way through the steps: plain arrays while nobody asks for a table.

Making a table of eight columns takes longer than scoring its one row, so a step that is content with arrays
gets arrays, and a table is made at the first question for one.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from skyloom.data.column_arrays import ARRAY_TYPES, array_from_column, column_from_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Table


class Rows:
    """A table, as arrays, as a Table, or both.

    ``arrays`` are float64 (Double, missing is NaN), int64 (Integer) or objects (String: str, missing is
    None), one a column, each of ``count`` cells.
    """

    __slots__ = ("_table", "arrays", "attributes", "count")

    def __init__(
        self,
        count: int,
        attributes: Tuple[ColumnAttributes, ...],
        arrays: Optional[Sequence[Any]],
        table: Optional[Table] = None,
    ) -> None:
        self.count = count
        self.attributes = attributes
        self.arrays = arrays
        self._table = table

    @staticmethod
    def of_table(table: Table) -> Rows:
        return Rows(table.rows, table.schema, None, table)

    @property
    def names(self) -> List[str]:
        return [column.name for column in self.attributes]

    @property
    def table(self) -> Table:
        if self._table is None:
            assert self.arrays is not None
            columns = tuple(map(column_from_array, self.attributes, self.arrays))
            self._table = Table(self.count, columns)
        return self._table


def rows_of_table(table: Table, attributes: Optional[Tuple[ColumnAttributes, ...]] = None) -> Rows:
    """The table's rows, as arrays too where every column can be one; ``attributes`` are told of them."""
    if any(column.type not in ARRAY_TYPES for column in table.columns):
        return Rows.of_table(table)
    arrays = [array_from_column(column) for column in table.columns]
    return Rows(table.rows, attributes or table.schema, arrays, table)
