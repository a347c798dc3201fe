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

MISSING_KEY = -1


def key_values(column: Column) -> Any:
    """The cells as a Series to be compared; a Categorical by what its categories stand for."""
    return series_from_column(plain_column(column))


def row_keys(columns: Sequence[Column]) -> Any:
    """One whole number a row, from 0 on without gaps, (n_rows,); rows equal in every column have the same.

    A row with a missing cell in any of the columns has ``MISSING_KEY``.
    """
    missing = np.zeros(columns[0].rows, bool)
    for column in columns:
        missing |= missing_mask(column)
    return combined_keys([key_values(column) for column in columns], missing)


def combined_keys(values: Sequence[Any], missing: Any) -> Any:
    """Like ``row_keys``, of Series of equal length."""
    keys = np.zeros(len(missing), np.int64)
    for series in values:
        codes, distinct = pd.factorize(series)
        # factorized again at once, so that the product stays far below 2**63
        keys = pd.factorize(keys * (len(distinct) + 1) + codes + 1)[0].astype(np.int64)
    keys[missing] = MISSING_KEY
    present = keys[~missing]
    keys[~missing] = pd.factorize(present)[0]
    return keys
