"""Rows compared by some of their columns: equal cells get equal whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from skyloom.data.missing import missing_mask
from skyloom.data.table import Column
from skyloom.data.to_frame import series_from_column
from skyloom.modules.tables.categories import plain_column
from skyloom.modules.tables.cells import fixed_cells
from skyloom.modules.tables.rows import take_cells

MISSING_KEY = -1


def values_of(column: Column) -> Any:
    """The cells as a Series; a Categorical by what its categories stand for."""
    return series_from_column(plain_column(column))


def comparable_values(column: Column) -> Any:
    """Like ``values_of``, but a missing category comes as any other: whole numbers stay exact that way."""
    if column.categories is None or not column.categories.rows:
        return values_of(column)
    codes = np.maximum(fixed_cells(column), 0)
    return series_from_column(take_cells(column.categories, codes))


def row_keys(columns: Sequence[Column]) -> Any:
    """One whole number a row, from 0 on without gaps, (n_rows,); rows equal in every column have the same.

    A row with a missing cell in any of the columns has ``MISSING_KEY``.
    """
    missing = np.zeros(columns[0].rows, bool)
    for column in columns:
        missing |= missing_mask(column)
    return combined_keys([comparable_values(column) for column in columns], missing)


def combined_keys(values: Sequence[Any], missing: Any) -> Any:
    """Like ``row_keys``, of Series of equal length; ``missing`` tells which rows have no key."""
    keys = pd.factorize(values[0])[0].astype(np.int64)
    for series in values[1:]:
        codes, distinct = pd.factorize(series)
        # factorized again at once, so that the product stays far below 2**63
        keys = pd.factorize(keys * (len(distinct) + 1) + codes)[0].astype(np.int64)
    if missing.any():
        keys[~missing] = pd.factorize(keys[~missing])[0]
        keys[missing] = MISSING_KEY
    return keys
