from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skyloom.modules.statistics.compute_elementary_statistics import METHODS
from skyloom.modules.statistics.figures import FIGURES
from tests.modules.running import code_of, frame, run

NAME = "Compute Elementary Statistics"
NUMBERS = np.random.RandomState(4).gamma(2, 3, 50)


def _figure(numbers: Any, method: str, **values: Any) -> float:
    (made,) = run(NAME, pd.DataFrame({"a": numbers}), {"Method": method, **values})
    assert made.names == (f"{method}(a)",) and made.rows == 1
    return float(frame(made).iloc[0, 0])


def test_every_figure_that_can_be_chosen_is_there() -> None:
    assert sorted(METHODS) == sorted([*FIGURES, "KthCentralMoment"])


@pytest.mark.parametrize(
    ("method", "function"),
    [
        ("DeviationSquared", lambda x: x.var() * len(x)),
        ("GeometricMean", stats.gmean),
        ("HarmonicMean", stats.hmean),
        ("InterquartileDistance", stats.iqr),
        ("Max", np.max),
        ("Mean", np.mean),
        ("MeanDeviation", lambda x: np.abs(x - x.mean()).mean()),
        ("Median", np.median),
        ("MedianDeviation", stats.median_abs_deviation),
        ("Min", np.min),
        ("PopulationStandardDeviation", np.std),
        ("PopulationVariance", np.var),
        ("Product", np.prod),
        ("Range", np.ptp),
        ("SampleKurtosis", lambda x: stats.kurtosis(x, bias=False)),
        ("SampleSkewness", lambda x: stats.skew(x, bias=False)),
        ("SampleStandardDeviation", lambda x: np.std(x, ddof=1)),
        ("SampleVariance", lambda x: np.var(x, ddof=1)),
        ("Sum", np.sum),
    ],
)
def test_figures_are_those_of_numpy_and_scipy(method: str, function: Any) -> None:
    assert _figure(NUMBERS, method) == pytest.approx(float(function(NUMBERS)))


def test_a_central_moment_has_an_order() -> None:
    assert _figure(NUMBERS, "KthCentralMoment") == pytest.approx(stats.moment(NUMBERS, 3))
    assert _figure(NUMBERS, "KthCentralMoment", Order=4) == pytest.approx(stats.moment(NUMBERS, 4))


def test_missing_and_infinite_numbers_count_for_nothing() -> None:
    assert _figure([1.0, np.nan, 3.0, np.inf], "Mean") == 2
    assert np.isnan(_figure([np.nan], "Sum"))


def test_means_that_are_not_defined_are_missing() -> None:
    assert np.isnan(_figure([-1.0, 2.0], "GeometricMean")) and np.isnan(_figure([0.0, 2.0], "HarmonicMean"))
    assert np.isnan(_figure([5.0], "SampleVariance")) and np.isnan(_figure([5.0] * 9, "SampleKurtosis"))


def test_by_default_all_numeric_columns_are_taken_and_others_are_error_17() -> None:
    table = pd.DataFrame({"a": [1], "t": ["x"], "b": [2]})
    assert run(NAME, table)[0].names == ("Mean(a)", "Mean(b)")
    assert code_of(NAME, table, {"Column set": "all"}) == "M0017"
