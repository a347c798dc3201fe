"""Multivariate imputation by chained equations: each column estimated from all the others, in turn.

Our own, with linear ridge regression for each column. It draws no random numbers: the estimate is the
expected value, so that equal data have equal results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.modules.tables.standard_scale import StandardScale, fit_scale

_RIDGE = 1e-3  # of the number of rows: keeps columns that say the same from exploding


@dataclass(frozen=True)
class ChainedEquations:
    """Linear equations in standardised columns: ``weights[j]`` estimates column j from the others."""

    scale: StandardScale
    weights: tuple[tuple[float, ...], ...]  # (n_columns, n_columns), 0 on the diagonal
    intercepts: tuple[float, ...]
    iterations: int

    def estimated(self, numbers: Any) -> Any:
        """The array (n_rows, n_columns) with an estimate in the place of every NaN."""
        missing = np.isnan(numbers)
        current = np.where(missing, 0.0, self.scale.standard(numbers))
        columns = np.flatnonzero(missing.any(axis=0))
        for _ in range(self.iterations):
            for column in columns:
                rows = missing[:, column]
                current[rows, column] = current[rows] @ self.weights[column] + self.intercepts[column]
        return np.where(missing, self.scale.original(current), numbers)


def fit_chained_equations(numbers: Any, iterations: int) -> ChainedEquations:
    """Equations fitted to (n_rows, n_columns), each column with a number; fewer gaps come first."""
    scale = fit_scale(numbers)
    missing = np.isnan(numbers)
    current = np.where(missing, 0.0, scale.standard(numbers))
    count = numbers.shape[1]
    weights, intercepts = np.zeros((count, count)), np.zeros(count)
    gaps = missing.sum(axis=0)
    incomplete = [column for column in np.argsort(gaps, kind="stable").tolist() if gaps[column]]
    for _ in range(iterations):
        for column in incomplete:
            rows = missing[:, column]
            weights[column], intercepts[column] = _regression(current[~rows], column)
            current[rows, column] = current[rows] @ weights[column] + intercepts[column]
    for column in np.flatnonzero(gaps == 0).tolist():  # new data may have gaps where these had none
        weights[column], intercepts[column] = _regression(current, column)
    return ChainedEquations(
        scale, tuple(map(tuple, weights.tolist())), tuple(intercepts.tolist()), iterations
    )


def _regression(values: Any, column: int) -> tuple[Any, float]:
    """Weights (n_columns,) and intercept of one column on the others."""
    means = values.mean(axis=0)
    centred = values - means
    products = centred.T @ centred
    others = np.delete(np.arange(values.shape[1]), column)
    matrix = products[np.ix_(others, others)] + _RIDGE * len(values) * np.eye(len(others))
    weights = np.zeros(values.shape[1])
    weights[others] = np.linalg.solve(matrix, products[others, column])
    return weights, float(means[column] - means @ weights)
