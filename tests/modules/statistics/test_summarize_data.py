from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.modules.running import frame, run

NAME = "Summarize Data"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
COLUMNS = [
    *(
        "Feature",
        "Count",
        "Unique Value Count",
        "Missing Value Count",
        "Min",
        "Max",
        "Mean",
        "Mean Deviation",
    ),
    *("1st Quartile", "Median", "3rd Quartile", "Mode", "Range", "Sample Variance"),
    *("Sample Standard Deviation", "Sample Skewness", "Sample Kurtosis"),
    *("P0.5", "P1", "P5", "P95", "P99", "P99.5"),
]


def _summary(table: Any) -> Any:
    return frame(run(NAME, table)[0]).set_index("Feature")


def test_there_is_a_row_for_each_column_and_a_column_for_each_figure() -> None:
    made = frame(run(NAME, pd.DataFrame({"b": [1], "a": ["x"]}))[0])
    assert list(made) == COLUMNS and made["Feature"].tolist() == ["b", "a"]


def test_figures_are_those_of_pandas() -> None:
    numbers = pd.Series(np.random.RandomState(2).gamma(2, 3, 200))
    row = _summary(pd.DataFrame({"a": numbers})).loc["a"]
    wanted = {
        "Min": numbers.min(),
        "Max": numbers.max(),
        "Mean": numbers.mean(),
        "Mean Deviation": (numbers - numbers.mean()).abs().mean(),
        "1st Quartile": numbers.quantile(0.25),
        "Median": numbers.median(),
        "3rd Quartile": numbers.quantile(0.75),
        "Range": numbers.max() - numbers.min(),
        "Sample Variance": numbers.var(),
        "Sample Standard Deviation": numbers.std(),
        "Sample Skewness": numbers.skew(),
        "Sample Kurtosis": numbers.kurt(),
        "P0.5": numbers.quantile(0.005),
        "P1": numbers.quantile(0.01),
        "P5": numbers.quantile(0.05),
        "P95": numbers.quantile(0.95),
        "P99": numbers.quantile(0.99),
        "P99.5": numbers.quantile(0.995),
    }
    for name, value in wanted.items():
        assert row[name] == pytest.approx(value), name


def test_values_distinct_and_missing_ones_are_counted_for_every_type() -> None:
    table = pd.DataFrame({"n": [1.0, np.nan, 1.0, np.inf], "t": ["x", None, "y", "x"], "f": [True] * 4})
    made = _summary(table)
    assert made.loc["n"][["Count", "Unique Value Count", "Missing Value Count"]].tolist() == [3, 2, 1]
    assert made.loc["t"][["Count", "Unique Value Count", "Missing Value Count"]].tolist() == [3, 2, 1]
    assert made.loc["f"][["Count", "Unique Value Count", "Missing Value Count"]].tolist() == [4, 1, 0]
    assert made.loc["n", "Max"] == 1 and np.isnan(made.loc["t", "Mean"])


def test_of_several_most_frequent_numbers_the_least_is_the_mode() -> None:
    assert _summary(pd.DataFrame({"a": [3, 1, 3, 1, 2]})).loc["a", "Mode"] == 1


def test_columns_without_numbers_and_tables_without_rows_have_missing_figures() -> None:
    for table in (pd.DataFrame({"a": [np.nan, np.nan]}), pd.DataFrame({"a": pd.Series([], dtype=float)})):
        row = _summary(table).loc["a"]
        assert row["Count"] == 0 and np.isnan(row["Mean"]) and np.isnan(row["P99"])


@quiet
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=12))
def test_figures_are_in_their_order_whatever_the_numbers(numbers: list[float]) -> None:
    row = _summary(pd.DataFrame({"a": numbers}, dtype=float)).loc["a"]
    assert row["Count"] + row["Missing Value Count"] == len(numbers)
    if np.isfinite(numbers).any():
        assert row["Min"] <= row["P1"] <= row["Median"] <= row["P99"] <= row["Max"]
        assert row["Mode"] in numbers
