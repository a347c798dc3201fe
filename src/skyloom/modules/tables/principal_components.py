"""Missing numbers estimated by probabilistic principal components (Tipping and Bishop, 1999).

Our own: half as many components as columns, fitted by estimating gaps and finding components in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.modules.tables.standard_scale import StandardScale, fit_scale


@dataclass(frozen=True)
class PrincipalComponents:
    """``projection`` takes a standardised row to what the components expect of it."""

    scale: StandardScale
    centre: tuple[float, ...]
    projection: tuple[tuple[float, ...], ...]  # (n_columns, n_columns)
    iterations: int

    def estimated(self, numbers: Any) -> Any:
        """The array (n_rows, n_columns) with an estimate in the place of every NaN."""
        incomplete = np.isnan(numbers).any(axis=1)
        standard = self.scale.standard(numbers[incomplete])
        centre, projection = np.array(self.centre), np.array(self.projection)
        current = np.where(np.isnan(standard), centre, standard)
        for _ in range(self.iterations):
            current = _with_expected(standard, current, centre, projection)
        result = numbers.copy()
        result[incomplete] = np.where(np.isnan(standard), self.scale.original(current), numbers[incomplete])
        return result


def fit_principal_components(numbers: Any, iterations: int) -> PrincipalComponents:
    """Components of (n_rows, n_columns); every column needs a number."""
    scale = fit_scale(numbers)
    standard = scale.standard(numbers)
    incomplete = np.isnan(standard).any(axis=1)
    # complete rows never change, so their sums are made once
    fixed, standard = _Sums.of(standard[~incomplete]), standard[incomplete]
    current = np.where(np.isnan(standard), 0.0, standard)
    centre, projection = _components(fixed.plus(_Sums.of(current)))
    for _ in range(iterations):
        current = _with_expected(standard, current, centre, projection)
        centre, projection = _components(fixed.plus(_Sums.of(current)))
    return PrincipalComponents(
        scale, tuple(centre.tolist()), tuple(map(tuple, projection.tolist())), iterations
    )


@dataclass(frozen=True)
class _Sums:
    """All that mean and covariance of some rows need."""

    rows: int
    totals: Any  # (n_columns,)
    products: Any  # (n_columns, n_columns)

    @classmethod
    def of(cls, values: Any) -> _Sums:
        return cls(len(values), values.sum(axis=0), values.T @ values)

    def plus(self, other: _Sums) -> _Sums:
        return _Sums(self.rows + other.rows, self.totals + other.totals, self.products + other.products)


def _with_expected(standard: Any, current: Any, centre: Any, projection: Any) -> Any:
    """The rows with what the components expect in the place of every NaN of ``standard``."""
    return np.where(np.isnan(standard), (current - centre) @ projection + centre, standard)


def _components(sums: _Sums) -> tuple[Any, Any]:
    """Centre and projection W (W'W + s I)^-1 W', s being the mean variance outside the components."""
    count = len(sums.totals)
    centre = sums.totals / sums.rows
    if count == 1:
        return centre, np.zeros((1, 1))
    # the columns are standardised, so that nothing is lost by taking the mean off the products
    variances, directions = np.linalg.eigh(sums.products / sums.rows - np.outer(centre, centre))
    kept = max(1, count // 2)
    noise = float(np.maximum(variances[:-kept], 0).mean())
    found = np.maximum(variances[-kept:], 0)
    shrunk = np.divide(found - noise, found, out=np.zeros_like(found), where=found > noise)
    return centre, np.ascontiguousarray((directions[:, -kept:] * shrunk) @ directions[:, -kept:].T)
