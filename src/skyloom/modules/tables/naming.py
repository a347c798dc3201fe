"""New columns beside those of a table, under names that are free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skyloom.data.names import unique_names
from skyloom.data.table import Column, Table


def with_appended(table: Table, columns: Sequence[Column]) -> Table:
    """The table with columns added on the right; a name that is taken gets a number, as ``a(2)``."""
    named = _freely_named(table, columns)
    return replace(table, columns=(*table.columns, *named))


def with_inserted(table: Table, left: str, columns: Sequence[Column]) -> Table:
    """The same, with the new columns right of the one named ``left``."""
    named = _freely_named(table, columns)
    place = table.names.index(left) + 1
    return replace(table, columns=(*table.columns[:place], *named, *table.columns[place:]))


def renamed(column: Column, name: str) -> Column:
    return (
        column if column.name == name else replace(column, attributes=replace(column.attributes, name=name))
    )


def _freely_named(table: Table, columns: Sequence[Column]) -> list[Column]:
    names = unique_names([*table.names, *(column.name for column in columns)])
    return [renamed(column, name) for column, name in zip(columns, names[len(table.columns) :])]
