"""Cells of a column as floating-point numbers, and columns made of such numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from skyloom.core.problem import ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import MISSING_BOOLEAN
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.cells import column_of_fixed, fixed_cells


def numbers_of(column: Column) -> Any:
    """The cells of an Integer, Double or Boolean column as float64, missing as NaN, (n_rows,)."""
    cells = fixed_cells(column)
    if column.type == "Boolean":
        return np.where(cells == MISSING_BOOLEAN, np.nan, cells)
    return cells.astype("f8")


def column_of_numbers(attributes: ColumnAttributes, numbers: Any) -> Column:
    """A Double column under the name and roles of ``attributes``, whatever type they had."""
    if attributes.type == "Double":  # nothing but Double carries what is taken off below
        return column_of_fixed(attributes, numbers)
    plain = replace(
        attributes,
        type="Double",
        unit=None,
        time_zone=None,
        encoding=None,
        ordered=False,
        underlying=None,
    )
    return column_of_fixed(plain, numbers)


def new_numbers(name: str, numbers: Any) -> Column:
    """A new Double column; it is a feature."""
    return column_of_fixed(ColumnAttributes(name, "Double"), numbers)


def numeric_columns(table: Table, names: Sequence[str], where: str) -> list[Column]:
    """The named columns, which all have to be numeric.

    Raises
    ------
    ProblemError
        M0017 for every column of another type.
    """
    columns = [table.column(name) for name in names]
    wrong = [column for column in columns if not column.attributes.is_numeric]
    if wrong:
        raise ProblemError(
            studio_error(
                17,
                f"Column '{column.name}' is {column.type}, not a number.",
                where,
                "Leave it out of the selection, or convert it with Edit Metadata.",
            ).problem
            for column in wrong
        )
    return columns


def check_types(table: Table, types: Mapping[str, str]) -> None:
    """That a table has the columns a transformation was fitted to; Integer and Double pass for each other.

    Raises
    ------
    ProblemError
        D010 a column is not there (Studio error 0001), M0016 it has another type.
    """
    for name, kind in types.items():
        found = table.column(name).type
        if found != kind and not {found, kind} <= {"Integer", "Double"}:
            raise studio_error(
                16,
                f"Column '{name}' is {found}; the transformation was made for {kind}.",
                name,
                "Give it that type with Edit Metadata.",
            )
