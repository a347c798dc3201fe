"""What a column rule is asked and what it tells (studio.md 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from skyloom.data.column_schema import ACCURATE, INACCURATE, SUPERSET
from skyloom.data.column_selector import parse_selector, select_columns
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.names import unique_names

Columns = tuple[ColumnAttributes, ...]


@dataclass(frozen=True)
class Asked:
    """A module of the graph and what is known of its surroundings.

    Parameters
    ----------
    port
        The output whose columns are asked for.
    inputs
        Columns of the linked inputs by port, in the order of the ports.
    level
        How sure these are: that of the least sure one.
    source
        The module whose output is linked to an input port, None for anything else; its ``port`` is that
        output.
    """

    module: str
    port: str
    values: Mapping[str, Any]
    inputs: Mapping[str, Columns]
    level: int
    source: Callable[[str], Asked | None]

    @property
    def columns(self) -> Columns:
        """Those of the first linked input."""
        if not self.inputs:
            raise LookupError("no input is linked")
        return next(iter(self.inputs.values()))

    def count(self, parameter: str) -> int:
        """A number of columns; a draft may hold any value, and no table is wider than tables are."""
        value = self.values[parameter]
        if not isinstance(value, int) or not 0 <= value <= MAX_COLUMNS:
            raise LookupError(f"{parameter} is no number of columns")
        return value

    def picked(self, parameter: str, columns: Columns | None = None) -> Columns:
        """The columns that a column picker selects, in the order of the selection."""
        return picked(self.columns if columns is None else columns, self.values[parameter])


@dataclass(frozen=True)
class Told:
    """Columns, and how sure the rule is of them (0 accurate, 1 perhaps fewer of them, 2 inaccurate).

    ``always``: the module gives them whatever it gets.
    """

    columns: Columns
    level: int = ACCURATE
    always: bool = False


Rule = Callable[[Asked], Told]


def always(columns: Columns) -> Told:
    return Told(columns, always=True)


def perhaps_fewer(columns: Columns) -> Told:
    return Told(columns, SUPERSET)


def unsure(columns: Columns) -> Told:
    return Told(columns, INACCURATE)


def picked(columns: Columns, value: object) -> Columns:
    by_name = {column.name: column for column in columns}
    return tuple(by_name[name] for name in select_columns(parse_selector(value), columns))


def number(name: str) -> ColumnAttributes:
    """A new Double column."""
    return ColumnAttributes(name, "Double")


def as_number(column: ColumnAttributes) -> ColumnAttributes:
    """The column with its roles, of type Double."""
    return retyped(column, "Double")


def retyped(column: ColumnAttributes, kind: str, underlying: str | None = None) -> ColumnAttributes:
    """The column with its roles, of another type."""
    unit = "ns" if kind in ("DateTime", "TimeSpan") else None
    return replace(
        column, type=kind, unit=unit, time_zone=None, encoding=None, underlying=underlying, ordered=False
    )


def appended(columns: Columns, new: Sequence[ColumnAttributes]) -> Columns:
    """New columns on the right, under free names, as the modules name them."""
    names = unique_names([column.name for column in (*columns, *new)])[len(columns) :]
    return (*columns, *(replace(column, name=name) for column, name in zip(new, names)))


def replaced(columns: Columns, new: Sequence[ColumnAttributes]) -> Columns:
    """New columns in the places of those of the same name, the others on the right."""
    by_name = {column.name: column for column in new}
    kept = tuple(by_name.pop(column.name, column) for column in columns)
    return (*kept, *by_name.values())
