"""How near forecasts come to numbers (studio.md 2.4, Evaluate Model)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def regression_measures(truth: Any, predicted: Any) -> dict[str, float]:
    """One number a measure, under Designer's names.

    Relative errors compare with always forecasting the mean; of labels that are all alike they are NaN.
    """
    error = truth - predicted
    spread = truth - truth.mean() if len(truth) else truth
    relative_squared = _over(float(np.sum(error**2)), float(np.sum(spread**2)))
    return {
        "Mean_Absolute_Error": _mean(np.abs(error)),
        "Root_Mean_Squared_Error": float(np.sqrt(_mean(error**2))),
        "Relative_Squared_Error": relative_squared,
        "Relative_Absolute_Error": _over(float(np.sum(np.abs(error))), float(np.sum(np.abs(spread)))),
        "Coefficient_of_Determination": 1 - relative_squared,
    }


def average_quantile_loss(truth: Any, forecasts: Any, quantiles: Sequence[float]) -> float:
    """The mean over rows and quantiles of the pinball loss; ``forecasts`` is (n_rows, n_quantiles)."""
    asked = np.asarray(quantiles)
    error = truth[:, None] - forecasts
    return _mean(np.maximum(asked * error, (asked - 1) * error))


def residual_bins(truth: Any, predicted: Any, bins: int = 10) -> dict[str, Any]:
    """How often errors of each size occur."""
    counts, edges = np.histogram(truth - predicted, bins=bins) if len(truth) else (np.zeros(0), np.zeros(1))
    return {"From": edges[:-1], "To": edges[1:], "Frequency": counts}


def _mean(values: Any) -> float:
    return float(values.mean()) if values.size else float("nan")


def _over(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
