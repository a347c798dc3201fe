"""How the columns of a dataset become the numbers that an estimator sees (studio.md 2.4, Train Model).

Numbers, truth values and times come first, one place each, scaled where the learner wants it; what is missing
or infinite is 0 after the scaling. Then every column of words takes a place for each of its levels, sorted. A
missing word is the level ``#NAN``; a level that training did not see is nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from skyloom.modules.machine_learning.models.plain_cells import Coded, as_numbers, as_words
from skyloom.modules.studio_error import studio_error

MISSING_LEVEL = "#NAN"
MIN_MAX, GAUSSIAN, AS_IS = "Min-Max normalizer", "Gaussian normalizer", "Do not normalize"

_MANY_LEVELS = 1000  # beyond this a column may not have a level for nearly every row
_NEARLY_ALL = 0.97


@dataclass(frozen=True)
class Features:
    """The rows of a dataset as an estimator of this encoding sees them.

    ``numbers`` is (n_numeric, n_rows); ``places`` is (n_word_columns, n_rows): the place of each row's level
    behind the numbers, counted from 0 over all levels of all columns, or ``n_levels`` for an unknown level.
    """

    numbers: Any
    places: Any
    n_levels: int

    @property
    def rows(self) -> int:
        return int(self.numbers.shape[1])

    def dense(self, dtype: Any = np.float64) -> Any:
        """(n_rows, n_features), C order."""
        count = len(self.numbers)
        matrix = np.zeros((self.rows, count + self.n_levels + 1), dtype)
        matrix[:, :count] = self.numbers.T
        row = np.arange(self.rows)
        for places in self.places:
            matrix[row, count + places] = 1
        return np.ascontiguousarray(matrix[:, :-1])

    def matrix(self) -> Any:
        """What an estimator is fitted to: dense while all features are numbers, else CSR."""
        if not len(self.places):
            return np.ascontiguousarray(self.numbers.T)
        from scipy import sparse  # slow to load

        row = np.tile(np.arange(self.rows), len(self.places))
        places = self.places.ravel()
        known = places < self.n_levels
        ones = np.ones(int(known.sum()))
        words = sparse.csr_matrix((ones, (row[known], places[known])), shape=(self.rows, self.n_levels))
        return sparse.hstack([sparse.csr_matrix(self.numbers.T), words], format="csr")

    def part(self, start: int, stop: int) -> Features:
        """Some neighbouring rows."""
        return Features(self.numbers[:, start:stop], self.places[:, start:stop], self.n_levels)


@dataclass(frozen=True)
class FeatureEncoding:
    """What training learnt about its feature columns, in plain arrays.

    ``scale`` and ``shift`` are (n_numeric,): a number becomes ``x * scale + shift``. ``levels`` has the
    sorted levels of each column of words.
    """

    numeric: tuple[str, ...]
    scale: Any
    shift: Any
    words: tuple[str, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    _column_scale: Any = field(init=False, repr=False, compare=False)
    _column_shift: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_column_scale", np.asarray(self.scale, np.float64).reshape(-1, 1))
        object.__setattr__(self, "_column_shift", np.asarray(self.shift, np.float64).reshape(-1, 1))

    @cached_property
    def n_levels(self) -> int:
        return sum(map(len, self.levels))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """A name for each place that an estimator sees."""
        return self.numeric + tuple(
            f"{name}-{level}" for name, levels in zip(self.words, self.levels) for level in levels
        )

    def encode(self, columns: Mapping[str, Any]) -> Features:
        """The features of rows given as one array a column; further columns are not looked at."""
        return Features(self._numbers(columns), self._places(columns), self.n_levels)

    def blank_row(self) -> Features:
        """One row of zeros and unknown levels."""
        places = np.full((len(self.words), 1), self.n_levels)
        return Features(np.zeros((len(self.numeric), 1)), places, self.n_levels)

    def _numbers(self, columns: Mapping[str, Any]) -> Any:
        if not self.numeric:
            return np.empty((0, len(columns[self.words[0]]) if self.words else 0))
        try:
            numbers = np.array([columns[name] for name in self.numeric])
        except TypeError:  # times beside numbers have no common type
            numbers = np.empty(0, object)
        if numbers.dtype != np.float64:
            numbers = np.array([as_numbers(columns[name]) for name in self.numeric])
        numbers *= self._column_scale  # the order of scikit-learn's own transform, so that results are equal
        numbers += self._column_shift
        finite = np.isfinite(numbers)
        if not finite.all():
            numbers[~finite] = 0
        return numbers

    def _places(self, columns: Mapping[str, Any]) -> Any:
        if not self.words:
            return np.empty((0, len(columns[self.numeric[0]])), np.int64)
        rows = []
        for name, known in zip(self.words, self._known_levels):
            coded = as_words(columns[name])
            # the last entry is found by the code -1
            table = [known.get(word, self.n_levels) for word in (*coded.words, MISSING_LEVEL)]
            rows.append(np.array(table, np.int64)[coded.codes])
        return np.array(rows)

    @cached_property
    def _known_levels(self) -> list[dict[str, int]]:
        found, place = [], 0
        for levels in self.levels:
            found.append({level: place + number for number, level in enumerate(levels)})
            place += len(levels)
        return found


def fit_features(
    columns: Mapping[str, Any], numeric: Sequence[str], words: Sequence[str], normalizer: str
) -> FeatureEncoding:
    """The encoding of a training dataset.

    Parameters
    ----------
    columns
        Float64 arrays for the numeric names and ``Coded`` for the words, all of one length.
    normalizer
        One of the constants of this file.

    Raises
    ------
    ProblemError
        M0014 a column of words has more than 1000 distinct values, different in nearly every row.
    """
    scales = [_SCALES[normalizer](columns[name][np.isfinite(columns[name])]) for name in numeric]
    scale, shift = np.array(scales, np.float64).reshape(-1, 2).T
    levels = tuple(_levels(name, columns[name]) for name in words)
    return FeatureEncoding(tuple(numeric), scale.copy(), shift.copy(), tuple(words), levels)


def _min_max(values: Any) -> tuple[float, float]:
    """To 0..1, as scikit-learn's MinMaxScaler does it; a constant column becomes 0."""
    if not len(values):
        return 0.0, 0.0
    low, high = values.min(), values.max()
    width = high - low
    scale = 1.0 / (1.0 if width < 10 * np.finfo(np.float64).eps else width)
    return scale, 0.0 - low * scale


def _gaussian(values: Any) -> tuple[float, float]:
    """To mean 0 and standard deviation 1."""
    if not len(values):
        return 0.0, 0.0
    deviation = float(values.std())
    scale = 1.0 / (deviation if deviation > 10 * np.finfo(np.float64).eps else 1.0)
    return scale, -float(values.mean()) * scale


def _as_is(values: Any) -> tuple[float, float]:
    return 1.0, 0.0


_SCALES = {MIN_MAX: _min_max, GAUSSIAN: _gaussian, AS_IS: _as_is}


def _levels(name: str, coded: Coded) -> tuple[str, ...]:
    occurring = np.bincount(coded.codes + 1, minlength=len(coded.words) + 1) > 0
    levels = {word for word, found in zip(coded.words, occurring[1:]) if found}
    if len(levels) > _MANY_LEVELS and len(levels) > _NEARLY_ALL * len(coded):
        raise studio_error(
            14,
            f"Column '{name}' has {len(levels)} distinct values in {len(coded)} rows; as a feature of words "
            "it would tell the rows apart and nothing else.",
            name,
            "Leave the column out with Select Columns in Dataset.",
        )
    return tuple(sorted(levels | ({MISSING_LEVEL} if occurring[0] else set())))
