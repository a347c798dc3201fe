"""Numbers put into numbered bins, remembered for other data (studio.md 2.4, Group Data into Bins)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Column, Table
from skyloom.modules.tables.cells import column_of_fixed
from skyloom.modules.tables.naming import with_appended
from skyloom.modules.tables.numbers import check_types, numbers_of

APPEND, IN_PLACE, RESULT_ONLY = "Append", "Inplace", "ResultOnly"
PERCENT, SHARE, INDEX = "Percent", "PQuantile", "QuantileIndex"
_APPENDED = "{}_quantized"


@dataclass(frozen=True)
class BinningTransformation:
    """The inner edges of each column's bins, rising, in plain values.

    Bin 1 holds numbers up to and including the first edge, the last bin those above the last edge; so k
    edges make k + 1 bins, and numbers beyond what was seen fall into the first or the last.
    """

    types: Mapping[str, str]
    edges: Mapping[str, tuple[float, ...]]
    output: str = APPEND
    as_categories: bool = True
    scale: str = INDEX  # what stands for bin k of n: k, k/(n+1) or 100 times that

    def apply(self, table: Table) -> Table:
        """The table with the columns binned at the same edges; missing cells stay missing.

        Raises
        ------
        ProblemError
            D010 a column is not there (Studio error 0001), M0016 it is no number.
        """
        check_types(table, self.types)
        binned = [self._binned(table.column(name), edges) for name, edges in self.edges.items()]
        if self.output == IN_PLACE:
            return table.with_columns(binned)
        if self.output == RESULT_ONLY:
            return replace(table, columns=tuple(binned))
        appended = [
            replace(c, attributes=replace(c.attributes, name=_APPENDED.format(c.name))) for c in binned
        ]
        return with_appended(table, appended)

    def _binned(self, column: Column, edges: tuple[float, ...]) -> Column:
        numbers = numbers_of(column)
        missing = np.isnan(numbers)
        places = np.searchsorted(np.array(edges), numbers, side="left")  # 0-based; NaN goes last
        values = _bin_values(len(edges) + 1, self.scale)
        own = column.attributes
        plain = ColumnAttributes(
            own.name,
            values.type,
            is_feature=own.is_feature,
            label_role=own.label_role,
            score_role=own.score_role,
        )
        if self.as_categories:
            codes = np.where(missing, -1, places)
            return column_of_fixed(replace(plain, type="Categorical"), codes, values)
        cells = np.frombuffer(values.buffers[0], "<i8" if values.type == "Integer" else "<f8")[places]
        if missing.any():
            return column_of_fixed(replace(plain, type="Double"), np.where(missing, np.nan, cells))
        return column_of_fixed(plain, cells)


def quantile_edges(numbers: Any, bins: int) -> tuple[float, ...]:
    """Inner edges of bins with equally many numbers, linearly interpolated; equal edges count once."""
    present = _present(numbers)
    if not present.size:
        return ()
    edges = np.unique(np.quantile(present, np.linspace(0, 1, bins + 1)))
    return tuple(edges[1:-1].tolist())


def even_edges(numbers: Any, bins: int) -> tuple[float, ...]:
    """Inner edges of bins of one width between the least and the greatest number."""
    present = _present(numbers)
    if not present.size or present.min() == present.max():
        return ()
    least, greatest = float(present.min()), float(present.max())
    # halves, so that neither the range nor what comes of rounding its parts need be a number
    is_vast = greatest / 2 - least / 2 > np.finfo(float).max / 4
    share = 2 if is_vast else 1
    edges = share * np.linspace(least / share, greatest / share, bins + 1)
    return tuple(edges[1:-1].tolist())


def stepped_edges(first: float, width: float, last: float) -> tuple[float, ...]:
    """first, first + width, ... up to and including ``last``."""
    count = int(np.floor((last - first) / width * (1 + 1e-12))) + 1
    return tuple((first + width * np.arange(count)).tolist())


def fit_binning(columns: Sequence[Column], edges: Mapping[str, tuple[float, ...]]) -> BinningTransformation:
    return BinningTransformation({column.name: column.type for column in columns}, dict(edges))


def _present(numbers: Any) -> Any:
    return numbers[np.isfinite(numbers)]


@lru_cache(maxsize=64)
def _bin_values(bins: int, scale: str) -> Column:
    """What stands for each bin, as the categories; kept, as a service asks for it row by row."""
    numbers = np.arange(1, bins + 1)
    if scale == INDEX:
        return column_of_fixed(ColumnAttributes("", "Integer"), numbers)
    shares = numbers / (bins + 1)
    return column_of_fixed(ColumnAttributes("", "Double"), shares * 100 if scale == PERCENT else shares)
