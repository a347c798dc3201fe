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
        missing = np.isnan(numbers)
        standard, centre = self.scale.standard(numbers), np.array(self.centre)
        current = np.where(missing, centre, standard)
        for _ in range(self.iterations):
            expected = (current - centre) @ np.array(self.projection) + centre
            current = np.where(missing, expected, standard)
        return np.where(missing, self.scale.original(current), numbers)


def fit_principal_components(numbers: Any, iterations: int) -> PrincipalComponents:
    """Components of (n_rows, n_columns); every column needs a number."""
    scale = fit_scale(numbers)
    missing = np.isnan(numbers)
    standard = scale.standard(numbers)
    current = np.where(missing, 0.0, standard)
    centre, projection = _components(current)
    for _ in range(iterations):
        expected = (current - centre) @ projection + centre
        current = np.where(missing, expected, standard)
        centre, projection = _components(current)
    return PrincipalComponents(
        scale, tuple(centre.tolist()), tuple(map(tuple, projection.tolist())), iterations
    )


def _components(values: Any) -> tuple[Any, Any]:
    """Centre and projection W (W'W + s I)^-1 W', s being the mean variance outside the components."""
    centre = values.mean(axis=0)
    centred = values - centre
    count = values.shape[1]
    if count == 1:
        return centre, np.zeros((1, 1))
    variances, directions = np.linalg.eigh(centred.T @ centred / max(len(values), 1))
    kept = max(1, count // 2)
    noise = float(np.maximum(variances[:-kept], 0).mean())
    found = np.maximum(variances[-kept:], 0)
    shrunk = np.divide(found - noise, found, out=np.zeros_like(found), where=found > noise)
    return centre, (directions[:, -kept:] * shrunk) @ directions[:, -kept:].T
