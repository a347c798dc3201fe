"""Numbers beyond a bound, and what takes their place (Clip Values)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.cells import column_of_fixed
from skyloom.modules.tables.naming import with_inserted
from skyloom.modules.tables.numbers import column_of_numbers, numbers_of

_CLIPPED_VALUE, _CLIPPED = "{}_clipped_value", "{}_clipped"


@dataclass(frozen=True)
class Bound:
    """A bound as it was asked for: a number, or a percentile (0 to 100) of each column's own numbers.

    ``substitute`` is Threshold, Mean, Median or Missing; mean and median are those before clipping. Infinite
    numbers count for none of these figures, and are clipped.
    """

    value: float
    is_percentile: bool
    substitute: str


def clip_columns(
    table: Table,
    columns: Sequence[Column],
    upper: Bound | None,
    lower: Bound | None,
    *,
    overwrite: bool,
    indicators: bool,
) -> Table:
    """Numbers above ``upper`` and below ``lower`` replaced; those on a bound and missing ones stay.

    Clipped columns are Double. Without ``overwrite`` they stand right of the original as NAME_clipped_value;
    indicators, NAME_clipped, stand right of both.

    Raises
    ------
    ProblemError
        M0007 a lower bound above the upper one.
    """
    for column in columns:
        numbers = numbers_of(column)
        high, low = _limit(numbers, upper), _limit(numbers, lower)
        _refuse_crossed(column, low, high)
        above = numbers > (np.inf if high is None else high)
        below = numbers < (-np.inf if low is None else low)
        clipped = numbers.copy()
        for chosen, bound, limit in ((above, upper, high), (below, lower, low)):
            if bound is not None and limit is not None:
                clipped[chosen] = _substitute(numbers, bound, limit)
        made = column_of_numbers(column.attributes, clipped)
        if overwrite:
            table = table.with_columns([made])
        else:
            name = _CLIPPED_VALUE.format(column.name)
            made = replace(made, attributes=ColumnAttributes(name, "Double"))
            table = with_inserted(table, column.name, [made])
        if indicators:
            mark = ColumnAttributes(_CLIPPED.format(column.name), "Boolean")
            place = column.name if overwrite else _CLIPPED_VALUE.format(column.name)
            table = with_inserted(table, place, [column_of_fixed(mark, above | below)])
    return table


def _limit(numbers: Any, bound: Bound | None) -> float | None:
    """The bound as a number; None when there is none, such as a percentile of nothing."""
    if bound is None or not bound.is_percentile:
        return None if bound is None else bound.value
    present = numbers[np.isfinite(numbers)]
    return float(np.percentile(present, bound.value)) if present.size else None


def _substitute(numbers: Any, bound: Bound, limit: float) -> float:
    present = numbers[np.isfinite(numbers)]
    if bound.substitute == "Mean":
        return float(present.mean()) if present.size else np.nan
    if bound.substitute == "Median":
        return float(np.median(present)) if present.size else np.nan
    return np.nan if bound.substitute == "Missing" else limit


def _refuse_crossed(column: Column, low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise studio_error(
            7,
            f"The lower bound {low:g} of column '{column.name}' is above its upper bound {high:g}.",
            "Threshold",
            "Exchange them.",
        )
