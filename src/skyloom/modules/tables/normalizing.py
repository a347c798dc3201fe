"""Columns of numbers brought to one scale, remembered for other data (studio.md 2.4, Normalize Data)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.data.table import Column, Table
from skyloom.modules.tables.numbers import check_types, column_of_numbers, numbers_of

Z_SCORE, MIN_MAX, LOGISTIC, LOG_NORMAL, TANH = "ZScore", "MinMax", "Logistic", "LogNormal", "Tanh"
METHODS = (Z_SCORE, MIN_MAX, LOGISTIC, LOG_NORMAL, TANH)


@dataclass(frozen=True)
class Scale:
    """What was fitted to one column: where its scale begins and how wide one unit of it is.

    ZScore has the mean and the population deviation, MinMax the least number and the range, LogNormal mean
    and population deviation of the logarithms of the numbers above 0. Logistic and Tanh need none of it.
    """

    start: float = 0.0
    width: float = 1.0
    is_constant: bool = False
    unit: float = 1.0  # numbers are divided by it first, so that a range has a number at all


@dataclass(frozen=True)
class NormalizingTransformation:
    """A method and each column's scale, in plain values.

    ``types`` has every column that was selected; those without any number have no scale and stay as they are.
    """

    types: Mapping[str, str]
    method: str
    scales: Mapping[str, Scale]
    constant_as_zero: bool = True

    def apply(self, table: Table) -> Table:
        """The table with the columns in the same scale. Infinite numbers become missing.

        Raises
        ------
        ProblemError
            D010 a column is not there (Studio error 0001), M0016 it is no number.
        """
        check_types(table, self.types)
        with np.errstate(over="ignore"):
            columns = [self._scaled(table.column(name), scale) for name, scale in self.scales.items()]
        return table.with_columns(columns)

    def _scaled(self, column: Column, scale: Scale) -> Column:
        numbers = _finite_or_missing(numbers_of(column))
        if scale.is_constant:
            value = 0.0 if self.constant_as_zero else np.nan
            return column_of_numbers(column.attributes, np.where(np.isnan(numbers), np.nan, value))
        return column_of_numbers(column.attributes, _transformed(numbers, self.method, scale))


def fit_normalizing(
    columns: Sequence[Column], method: str, constant_as_zero: bool
) -> NormalizingTransformation:
    """The scale of each numeric column; columns without a number are passed over."""
    scales: dict[str, Scale] = {}
    for column in columns:
        numbers = _finite_or_missing(numbers_of(column))
        present = numbers[~np.isnan(numbers)]
        if present.size:
            scales[column.name] = _fitted(present, method)
    return NormalizingTransformation({c.name: c.type for c in columns}, method, scales, constant_as_zero)


def _fitted(present: Any, method: str) -> Scale:
    if method == Z_SCORE:
        return _mean_and_deviation(present)
    if method == MIN_MAX:
        return _range(float(present.min()), float(present.max()))
    if method == LOG_NORMAL:
        positive = present[present > 0]
        # without any number above 0 there is nothing to fit: every cell is at the lower end
        return _mean_and_deviation(np.log(positive)) if positive.size else Scale(np.nan, np.nan)
    return Scale()


def _mean_and_deviation(present: Any) -> Scale:
    # by the greatest first: squares of numbers near the greatest there are would overflow
    unit = float(np.abs(present).max()) or 1.0
    parts = present / unit
    deviation = float(parts.std()) * unit
    is_constant = bool(present.min() == present.max()) or deviation == 0
    return Scale(float(parts.mean()) * unit, deviation, is_constant)


def _range(least: float, greatest: float) -> Scale:
    unit = 1.0 if np.isfinite(greatest - least) else 2.0
    return Scale(least / unit, greatest / unit - least / unit, least == greatest, unit)


def _transformed(numbers: Any, method: str, scale: Scale) -> Any:
    if method in (Z_SCORE, MIN_MAX):
        parts = numbers if scale.unit == 1.0 else numbers / scale.unit
        return (parts - scale.start) / scale.width
    if method == LOGISTIC:
        return _logistic(numbers)
    return np.tanh(numbers) if method == TANH else _log_normal(numbers, scale)


def _logistic(numbers: Any) -> Any:
    """1 / (1 + e^-x), computed from the side where the exponential stays small."""
    small = np.exp(-np.abs(numbers))
    return np.where(numbers < 0, small, 1.0) / (1.0 + small)


def _log_normal(numbers: Any, scale: Scale) -> Any:
    """The distribution function: 0 up to 0, then that of a log-normal with location 0."""
    from scipy.special import ndtr  # here, because loading it takes longer than most transformations

    is_positive = numbers > 0
    logarithms = np.log(np.where(is_positive, numbers, 1.0))
    shares = ndtr((logarithms - scale.start) / scale.width)
    return np.where(is_positive, shares, np.where(np.isnan(numbers), np.nan, 0.0))


def _finite_or_missing(numbers: Any) -> Any:
    return np.where(np.isfinite(numbers), numbers, np.nan)
