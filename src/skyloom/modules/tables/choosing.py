"""Columns by name, remembered for other data (Select Columns Transform)."""

from __future__ import annotations

from dataclasses import dataclass

from skyloom.core.problem import ProblemError
from skyloom.data.table import Table, column_not_found


@dataclass(frozen=True)
class ColumnsTransformation:
    """The names of columns, in their order."""

    names: tuple[str, ...]

    def apply(self, table: Table) -> Table:
        """The table with these columns only; roles follow their columns.

        Raises
        ------
        ProblemError
            D010 (Studio error 0001) for every column that is not there.
        """
        missing = [name for name in self.names if name not in table.names]
        if missing:
            raise ProblemError(column_not_found(name, table.names) for name in missing)
        return table.select(self.names)
