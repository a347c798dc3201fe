from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.modules.running import code_of, frame, run

NAME = "Clip Values"
TEN = pd.DataFrame({"a": np.arange(1.0, 11.0)})
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def _clip(table: Any, **values: Any) -> Any:
    return run(NAME, table, {name.replace("_", " "): value for name, value in values.items()})[0]


def _column(table: Any, name: str = "a") -> list[Any]:
    cells: list[Any] = frame(table)[name].tolist()
    return cells


def test_numbers_above_the_default_bound_of_99_become_99() -> None:
    assert _column(_clip(pd.DataFrame({"a": [98, 99, 100]}))) == [98.0, 99.0, 99.0]


def test_numbers_below_the_lower_bound_become_the_lower_bound() -> None:
    clipped = _clip(TEN, Set_of_thresholds="ClipSubpeaks", Constant_value_for_lower_threshold=3)
    assert _column(clipped) == [3.0, 3.0, *range(3, 11)]


def test_percentiles_are_those_of_numpy_and_both_bounds_hold_at_once() -> None:
    clipped = _clip(
        TEN,
        Set_of_thresholds="ClipPeaksAndSubpeaks",
        Threshold="Percentile",
        Percentile_value_for_upper_threshold=60,
        Percentile_value_for_lower_threshold=30,
    )
    low, high = np.percentile(TEN["a"], [30, 60])
    assert _column(clipped) == pytest.approx(TEN["a"].clip(low, high).tolist())


@pytest.mark.parametrize(
    ("substitute", "value"), [("Threshold", 8.0), ("Mean", 5.5), ("Median", 5.5), ("Missing", np.nan)]
)
def test_a_peak_is_replaced_by_a_figure_of_the_column_as_it_was(substitute: str, value: float) -> None:
    clipped = _clip(TEN, Constant_value_for_upper_threshold=8, Substitute_value_for_peaks=substitute)
    np.testing.assert_array_equal(_column(clipped), [*range(1, 9), value, value])


def test_numbers_on_a_bound_and_missing_ones_stay() -> None:
    table = pd.DataFrame({"a": [np.nan, 1.0, 5.0, np.inf, -np.inf]})
    clipped = _clip(table, Set_of_thresholds="ClipPeaksAndSubpeaks", Constant_value_for_upper_threshold=5)
    np.testing.assert_array_equal(_column(clipped), [np.nan, 1, 5, 5, 1])


def test_without_overwriting_clipped_numbers_and_marks_stand_right_of_their_column() -> None:
    table = pd.DataFrame({"a": [1, 200], "b": [300, 4], "t": ["x", "y"]})
    clipped = _clip(table, Overwrite_flag=False, Add_indicator_columns=True)
    assert clipped.names == ("a", "a_clipped_value", "a_clipped", "b", "b_clipped_value", "b_clipped", "t")
    assert _column(clipped) == [1, 200] and _column(clipped, "a_clipped_value") == [1.0, 99.0]
    assert _column(clipped, "a_clipped") == [False, True] and _column(clipped, "b_clipped") == [True, False]


def test_marks_stand_right_of_overwritten_columns_too() -> None:
    clipped = _clip(pd.DataFrame({"a": [1, 200], "b": [1, 2]}), Add_indicator_columns=True)
    assert clipped.names == ("a", "a_clipped", "b", "b_clipped")


def test_bounds_the_wrong_way_round_are_error_7() -> None:
    values = {"Set of thresholds": "ClipPeaksAndSubpeaks", "Constant value for upper threshold": 0}
    assert code_of(NAME, TEN, values) == "M0007"


def test_a_selected_column_that_is_no_number_is_error_17() -> None:
    assert code_of(NAME, pd.DataFrame({"t": ["x"]}), {"List of columns": "all"}) == "M0017"


@quiet
@given(st.lists(st.floats(allow_nan=True, allow_infinity=False, width=32), max_size=20))
def test_nothing_lies_beyond_the_bounds_afterwards_and_the_rest_is_unchanged(numbers: list[float]) -> None:
    table = pd.DataFrame({"a": numbers}, dtype=float)
    clipped = _column(_clip(table, Set_of_thresholds="ClipPeaksAndSubpeaks"))
    np.testing.assert_array_equal(clipped, table["a"].clip(1, 99))
