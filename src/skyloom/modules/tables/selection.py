"""The columns that a parameter picks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.data.column_selector import parse_selector, select_columns
from skyloom.data.table import Table


def picked_columns(
    table: Table, values: Mapping[str, Any], parameter: str, *, minimum: int = 1, maximum: int | None = None
) -> tuple[str, ...]:
    """Names of the columns that the value of ``parameter`` picks; the problems are those of the selector."""
    selector = parse_selector(values.get(parameter))
    return select_columns(selector, table.schema, minimum=minimum, maximum=maximum, where=parameter)


def picked_column(table: Table, values: Mapping[str, Any], parameter: str) -> str:
    """The one column that the value of ``parameter`` picks."""
    return picked_columns(table, values, parameter, maximum=1)[0]
