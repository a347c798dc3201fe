"""Columns of numbers brought to mean 0 and deviation 1, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class StandardScale:
    """Mean and deviation of each column."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]

    def standard(self, numbers: Any) -> Any:
        return (numbers - np.array(self.means)) / np.array(self.deviations)

    def original(self, standard: Any) -> Any:
        return standard * np.array(self.deviations) + np.array(self.means)


def fit_scale(numbers: Any) -> StandardScale:
    """The scale of (n_rows, n_columns), NaN left out; a column of equal numbers keeps its unit."""
    with np.errstate(over="ignore", invalid="ignore"):  # numbers near the greatest there are
        means = np.nanmean(numbers, axis=0)
        deviations = np.nanstd(numbers, axis=0)
    deviations[(deviations == 0) | ~np.isfinite(deviations)] = 1.0
    means[~np.isfinite(means)] = 0.0
    return StandardScale(tuple(means.tolist()), tuple(deviations.tolist()))
