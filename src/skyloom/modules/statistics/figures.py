"""One figure of some numbers: finite ones, at least one of them, (n,)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def mean_deviation(numbers: Any) -> float:
    """The mean distance from the mean."""
    return float(np.abs(numbers - numbers.mean()).mean())


def median_deviation(numbers: Any) -> float:
    """The median distance from the median."""
    return float(np.median(np.abs(numbers - np.median(numbers))))


def least_mode(numbers: Any) -> float:
    """The most frequent number; of several the least."""
    values, counts = np.unique(numbers, return_counts=True)
    return float(values[np.argmax(counts)])


def sample_variance(numbers: Any) -> float:
    return float(numbers.var(ddof=1)) if len(numbers) > 1 else np.nan


def sample_deviation(numbers: Any) -> float:
    return float(numbers.std(ddof=1)) if len(numbers) > 1 else np.nan


def sample_skewness(numbers: Any) -> float:
    """The adjusted coefficient, as spreadsheets have it; missing for fewer than three numbers."""
    count = len(numbers)
    if count < 3 or not numbers.std():
        return np.nan
    standard = (numbers - numbers.mean()) / numbers.std(ddof=1)
    return float(count / ((count - 1) * (count - 2)) * (standard**3).sum())


def sample_kurtosis(numbers: Any) -> float:
    """The adjusted excess, 0 for a normal distribution; missing for fewer than four numbers."""
    count = len(numbers)
    if count < 4 or not numbers.std():
        return np.nan
    standard = (numbers - numbers.mean()) / numbers.std(ddof=1)
    scale = count * (count + 1) / ((count - 1) * (count - 2) * (count - 3))
    return float(scale * (standard**4).sum() - 3 * (count - 1) ** 2 / ((count - 2) * (count - 3)))


def central_moment(numbers: Any, order: int) -> float:
    return float(((numbers - numbers.mean()) ** order).mean())


def _geometric_mean(numbers: Any) -> float:
    """Missing when there is a number below 0."""
    if (numbers < 0).any():
        return np.nan
    with np.errstate(divide="ignore"):
        return float(np.exp(np.log(numbers).mean()))


def _harmonic_mean(numbers: Any) -> float:
    """Missing unless every number is above 0."""
    return float(len(numbers) / (1 / numbers).sum()) if (numbers > 0).all() else np.nan


# the words of Compute Elementary Statistics; "Kth Central Moment" needs an order and stands apart
FIGURES: Mapping[str, Callable[[Any], float]] = {
    "DeviationSquared": lambda numbers: float(((numbers - numbers.mean()) ** 2).sum()),
    "GeometricMean": _geometric_mean,
    "HarmonicMean": _harmonic_mean,
    "InterquartileDistance": lambda numbers: float(np.subtract(*np.percentile(numbers, [75, 25]))),
    "Max": lambda numbers: float(numbers.max()),
    "Mean": lambda numbers: float(numbers.mean()),
    "MeanDeviation": mean_deviation,
    "Median": lambda numbers: float(np.median(numbers)),
    "MedianDeviation": median_deviation,
    "Min": lambda numbers: float(numbers.min()),
    "Mode": least_mode,
    "PopulationStandardDeviation": lambda numbers: float(numbers.std()),
    "PopulationVariance": lambda numbers: float(numbers.var()),
    "Product": lambda numbers: float(numbers.prod()),
    "Range": lambda numbers: float(numbers.max() - numbers.min()),
    "SampleKurtosis": sample_kurtosis,
    "SampleSkewness": sample_skewness,
    "SampleStandardDeviation": sample_deviation,
    "SampleVariance": sample_variance,
    "Sum": lambda numbers: float(numbers.sum()),
}
