"""Which cells of a column are missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from skyloom.data.buffer_checks import as_array
from skyloom.data.layout import CODES, FIXED, MISSING_TIME
from skyloom.data.table import Column


def missing_mask(column: Column) -> Any:
    """True for every missing cell, as a bool array of the column's length (docs/decisions/0001)."""
    first = column.buffers[0]
    if column.type == "Integer":
        return np.zeros(column.rows, bool)
    if column.type == "Double":
        return np.isnan(as_array(first, FIXED["Double"]))
    if column.type == "Boolean":
        return as_array(first, FIXED["Boolean"]) < 0
    if column.type == "Categorical":
        return as_array(first, CODES) < 0
    if column.type in ("DateTime", "TimeSpan"):
        return as_array(first, FIXED[column.type]) == MISSING_TIME
    if len(column.buffers) < 3:
        return np.zeros(column.rows, bool)
    return as_array(column.buffers[2], "i1") == 0


def missing_count(column: Column) -> int:
    return int(np.count_nonzero(missing_mask(column)))
