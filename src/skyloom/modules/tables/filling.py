"""One value in the place of chosen cells of a column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from skyloom.core.problem import ProblemError
from skyloom.data.conversion import convert_column
from skyloom.data.from_frame import column_from_series
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column
from skyloom.data.to_frame import series_from_column
from skyloom.modules.tables.cells import column_of_fixed
from skyloom.modules.tables.rows import take_cells
from skyloom.modules.tables.stacking import stacked


def filled(column: Column, value: Any) -> Column:
    """The column with ``value`` in the place of its missing cells; itself when none is missing."""
    return replaced(column, missing_mask(column), value)


def replaced(column: Column, is_chosen: Any, value: Any) -> Column:
    """The column with ``value``, of the column's type, in the cells that the boolean array (n_rows,) chooses.

    A value that is no category yet becomes one. An Integer column takes a number with a fraction as Double.
    """
    if not is_chosen.any():
        return column
    one = _one_cell(column, value)
    places = np.where(is_chosen, column.rows, np.arange(column.rows))
    return take_cells(stacked(column, one), places)


def value_as(column: Column, text: str) -> Any:
    """The text as a value of the column's own or underlying type; any number suits a numeric column.

    Raises
    ------
    ProblemError
        D018 (Studio error 0042) when it is no such value.
    """
    one = column_from_series(pd.Series([text], dtype=object), column.name)
    kind = column.attributes.underlying or column.type
    value = series_from_column(_converted(one, kind)).iloc[0]
    zone = column.attributes.time_zone or (column.categories and column.categories.attributes.time_zone)
    return value.tz_localize(zone) if zone and value.tzinfo is None else value


def _converted(one: Column, kind: str) -> Column:
    try:
        return convert_column(one, kind)
    except ProblemError:
        if kind != "Integer":
            raise
        return convert_column(one, "Double")


def _one_cell(column: Column, value: Any) -> Column:
    if column.attributes.is_numeric:
        kind = "Integer" if column.type == "Integer" and float(value).is_integer() else "Double"
        return column_of_fixed(replace(column.attributes, type=kind), np.array([value]))
    if column.type != "Categorical":
        return column_from_series(pd.Series([value]), column.name)
    category = column_from_series(pd.Series([value]), "")
    return column_of_fixed(replace(column.attributes, underlying=category.type), np.zeros(1), category)
