"""The columns of Summarize Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from skyloom.data.from_frame import table_from_frame
from skyloom.data.missing import missing_count
from skyloom.data.table import Column, Table
from skyloom.modules.statistics.figures import (
    least_mode,
    mean_deviation,
    sample_deviation,
    sample_kurtosis,
    sample_skewness,
    sample_variance,
)
from skyloom.modules.tables.keys import MISSING_KEY, row_keys
from skyloom.modules.tables.numbers import numbers_of

_Figure = Callable[[Any], float]


def _percentile(share: float) -> _Figure:
    return lambda numbers: float(np.percentile(numbers, share))


_FIGURES: Mapping[str, _Figure] = {
    "Min": lambda numbers: float(numbers.min()),
    "Max": lambda numbers: float(numbers.max()),
    "Mean": lambda numbers: float(numbers.mean()),
    "Mean Deviation": mean_deviation,
    "1st Quartile": _percentile(25),
    "Median": _percentile(50),
    "3rd Quartile": _percentile(75),
    "Mode": least_mode,
    "Range": lambda numbers: float(numbers.max() - numbers.min()),
    "Sample Variance": sample_variance,
    "Sample Standard Deviation": sample_deviation,
    "Sample Skewness": sample_skewness,
    "Sample Kurtosis": sample_kurtosis,
    "P0.5": _percentile(0.5),
    "P1": _percentile(1),
    "P5": _percentile(5),
    "P95": _percentile(95),
    "P99": _percentile(99),
    "P99.5": _percentile(99.5),
}


def summary_of(table: Table) -> Table:
    """A row for each column, in their order; figures of columns that are no numbers are missing."""
    rows: dict[str, list[Any]] = {"Feature": list(table.names)}
    rows["Count"] = [column.rows - missing_count(column) for column in table]
    rows["Unique Value Count"] = [_distinct(column) for column in table]
    rows["Missing Value Count"] = [missing_count(column) for column in table]
    present = [_numbers(column) for column in table]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for name, figure in _FIGURES.items():
            rows[name] = [figure(numbers) if numbers.size else np.nan for numbers in present]
    counts = ("Count", "Unique Value Count", "Missing Value Count")
    dtypes: dict[str, Any] = {"Feature": object, **dict.fromkeys(counts, "int64")}
    dtypes.update(dict.fromkeys(_FIGURES, "float64"))
    return table_from_frame(pd.DataFrame(rows).astype(dtypes))


def _distinct(column: Column) -> int:
    keys = row_keys([column])
    return len(np.unique(keys[keys != MISSING_KEY]))


def _numbers(column: Column) -> Any:
    if not column.attributes.is_numeric:
        return np.empty(0)
    numbers = numbers_of(column)
    return numbers[np.isfinite(numbers)]
