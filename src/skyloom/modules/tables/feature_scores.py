"""How much a column tells of a target, by seven measures (studio.md 2.4, Filter Based Feature Selection)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.data.missing import missing_mask
from skyloom.data.table import Column
from skyloom.modules.tables.keys import MISSING_KEY, row_keys
from skyloom.modules.tables.numbers import numbers_of

_BINS = 10


@dataclass(frozen=True)
class _Cells:
    """A column in both of its readings: numbers, where it has any, and whole numbers for equal cells.

    Missing and infinite cells are NaN in ``numbers`` and ``MISSING_KEY`` in ``keys``.
    """

    numbers: Any | None
    keys: Any
    is_categorical: bool

    def binned(self) -> Any:
        """The keys; for numbers those of ten bins of one width."""
        if self.numbers is None or self.is_categorical:
            return self.keys
        return _even_bins(self.numbers)


def score_of(feature: Column, target: Column, method: str) -> float:
    """The measure, never negative; 0 where it is not defined, such as for text or a constant column.

    FisherScore is infinite for a column that is constant within each class, but not over all.
    """
    one, other = _cells(feature), _cells(target)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = float(_MEASURES[method](one, other))
    return 0.0 if np.isnan(score) else abs(score)


def count_of(feature: Column) -> int:
    """Cells that are neither missing nor 0."""
    missing = missing_mask(feature)
    if feature.attributes.is_numeric or feature.type == "Boolean":
        missing = missing | (numbers_of(feature) == 0)
    return int(feature.rows - np.count_nonzero(missing))


def _cells(column: Column) -> _Cells:
    keys = row_keys([column])
    if column.attributes.is_numeric or column.type == "Boolean":
        numbers = numbers_of(column)
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        return _Cells(numbers, np.where(np.isnan(numbers), MISSING_KEY, keys), False)
    return _Cells(None, keys, column.type == "Categorical")


def _even_bins(numbers: Any) -> Any:
    present = ~np.isnan(numbers)
    bins = np.full(len(numbers), MISSING_KEY)
    if present.any():
        least, greatest = numbers[present].min(), numbers[present].max()
        edges = np.linspace(least / 2, greatest / 2, _BINS + 1)[1:-1] * 2
        bins[present] = np.searchsorted(edges, numbers[present], side="left") if least < greatest else 0
    return bins


def _pairs(one: _Cells, other: _Cells) -> tuple[Any, Any] | None:
    """Both as numbers, of the rows that have both; categories as the mean of the other column in each.

    None for text and for two columns of categories.
    """
    first, second = one.numbers, other.numbers
    if first is None and second is not None and one.is_categorical:
        first = _conditional_means(one.keys, second)
    elif second is None and first is not None and other.is_categorical:
        second = _conditional_means(other.keys, first)
    if first is None or second is None:
        return None
    both = ~(np.isnan(first) | np.isnan(second))
    return first[both], second[both]


def _conditional_means(keys: Any, numbers: Any) -> Any:
    """The mean of ``numbers`` among the rows of one key, for each row; NaN without a key."""
    usable = (keys != MISSING_KEY) & ~np.isnan(numbers)
    size = int(keys.max(initial=-1)) + 1
    sums = np.bincount(keys[usable], numbers[usable], size)
    means = np.append(sums / np.bincount(keys[usable], minlength=size), np.nan)
    return means[keys]  # -1, no key, takes the last


def _pearson(one: _Cells, other: _Cells) -> float:
    pairs = _pairs(one, other)
    if pairs is None or len(pairs[0]) < 2:
        return 0.0
    first, second = (numbers - numbers.mean() for numbers in pairs)
    first, second = (numbers / (np.abs(numbers).max() or 1.0) for numbers in (first, second))
    return float((first @ second) / np.sqrt((first @ first) * (second @ second)))


def _spearman(one: _Cells, other: _Cells) -> float:
    from scipy.stats import rankdata  # scipy is loaded when a measure needs it

    pairs = _pairs(one, other)
    if pairs is None or len(pairs[0]) < 2:
        return 0.0
    ranks = [_Cells(rankdata(numbers), None, False) for numbers in pairs]
    return _pearson(ranks[0], ranks[1])


def _kendall(one: _Cells, other: _Cells) -> float:
    from scipy.stats import kendalltau  # scipy is loaded when a measure needs it

    pairs = _pairs(one, other)
    if pairs is None or len(pairs[0]) < 2:
        return 0.0
    return float(kendalltau(pairs[0], pairs[1]).statistic)


def _chi_squared(one: _Cells, other: _Cells) -> float:
    counts, expected = _contingency(one, other)
    return float(((counts - expected) ** 2 / np.where(expected > 0, expected, 1)).sum())


def _mutual_information(one: _Cells, other: _Cells) -> float:
    """In natural units."""
    counts, expected = _contingency(one, other)
    total = counts.sum()
    found = counts > 0
    return float((counts[found] / total * np.log(counts[found] / expected[found])).sum()) if total else 0.0


def _contingency(one: _Cells, other: _Cells) -> tuple[Any, Any]:
    """Rows counted by both columns, and the counts that independence would give."""
    first, second = one.binned(), other.binned()
    both = (first != MISSING_KEY) & (second != MISSING_KEY)
    first, second = first[both], second[both]
    width = int(second.max(initial=-1)) + 1
    height = int(first.max(initial=-1)) + 1
    counts = np.bincount(first * width + second, minlength=height * width).reshape(height, width).astype("f8")
    total = counts.sum() or 1.0
    return counts, counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / total


def _fisher(one: _Cells, other: _Cells) -> float:
    """The spread of the class means over the spread within the classes; for numbers only."""
    if one.numbers is None:
        return 0.0
    classes = other.keys
    usable = (classes != MISSING_KEY) & ~np.isnan(one.numbers)
    numbers, classes = one.numbers[usable], classes[usable]
    if not len(numbers):
        return 0.0
    sizes = np.bincount(classes)
    means = np.bincount(classes, numbers) / np.maximum(sizes, 1)
    within = ((numbers - means[classes]) ** 2).sum()
    return float((sizes * (means - numbers.mean()) ** 2).sum() / within)


_MEASURES: Mapping[str, Callable[[_Cells, _Cells], float]] = {
    "PearsonCorrelation": _pearson,
    "MutualInformation": _mutual_information,
    "KendallCorrelation": _kendall,
    "SpearmanCorrelation": _spearman,
    "ChiSquared": _chi_squared,
    "FisherScore": _fisher,
}
