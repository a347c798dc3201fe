"""One value in all columns made missing, or replaced by another (studio.md 2.4, Convert to Dataset).

Values are given as text and read in each column's own or underlying type. A column whose type cannot hold
the sought value does not have it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skyloom.core.problem import ProblemError
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.filling import replaced, value_as
from skyloom.modules.tables.keys import values_of
from skyloom.modules.tables.rows import NO_ROW, take_cells


def set_missing(table: Table, sought: str) -> Table:
    """Every cell that equals the value made missing; an Integer column then is Double."""
    changed = []
    for column in table:
        is_found = _equal_cells(column, sought)
        if is_found.any():
            changed.append(take_cells(column, np.where(is_found, NO_ROW, np.arange(column.rows))))
    return table.with_columns(changed)


def replace_missing(table: Table, new: str) -> Table:
    """Every missing cell given the new value.

    Raises
    ------
    ProblemError
        M0042 a column with missing cells cannot hold the value; all such columns.
    """
    return _replaced(table, [(column, missing_mask(column)) for column in table], new)


def replace_value(table: Table, sought: str, new: str) -> Table:
    """Every cell that equals the sought value given the new one.

    Raises
    ------
    ProblemError
        M0042 a column that has the sought value cannot hold the new one; all such columns.
    """
    return _replaced(table, [(column, _equal_cells(column, sought)) for column in table], new)


def _replaced(table: Table, chosen: list[tuple[Column, Any]], new: str) -> Table:
    changed, problems = [], []
    for column, is_chosen in chosen:
        if not is_chosen.any():
            continue
        try:
            changed.append(replaced(column, is_chosen, value_as(column, new)))
        except ProblemError:
            kind = column.attributes.underlying or column.type
            problems.append(
                studio_error(
                    42,
                    f"'{new}' is no value for column '{column.name}' of type {kind}.",
                    column.name,
                    "Give a value of that type, or convert the column with Edit Metadata first.",
                ).problem
            )
    if problems:
        raise ProblemError(problems)
    return table.with_columns(changed)


def _equal_cells(column: Column, sought: str) -> Any:
    if "Boolean" in (column.type, column.attributes.underlying) and sought.lower() not in ("true", "false"):
        return np.zeros(column.rows, bool)  # every number reads as a truth value, but a sought 5 is none
    try:
        value = value_as(column, sought)
    except ProblemError:
        return np.zeros(column.rows, bool)
    values = values_of(column)
    if column.type == "String" or column.attributes.underlying == "String":
        values = values.astype(object)
    return np.asarray(values == value, bool) & ~missing_mask(column)
