from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skyloom.data.missing import missing_count
from tests.modules.running import as_table, code_of, frame, run

NAME = "Normalize Data"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
any_number = st.floats(allow_nan=True, allow_infinity=True)
METHODS = ["ZScore", "MinMax", "Logistic", "LogNormal", "Tanh"]


def _normalized(table: Any, method: str, columns: Any = "all", zero: bool = True) -> tuple[Any, Any]:
    values = {"Transformation method": method, "Columns to transform": columns}
    if method in ("ZScore", "MinMax", "LogNormal"):
        values["Use 0 for constant columns when checked"] = zero
    made, transformation = run(NAME, table, values)
    return made, pickle.loads(pickle.dumps(transformation))


def _some(rows: int = 50) -> pd.DataFrame:
    random = np.random.RandomState(7)
    return pd.DataFrame({"a": random.gamma(2, 3, rows), "b": random.normal(-4, 9, rows)})


@pytest.mark.parametrize(("method", "scaler"), [("ZScore", StandardScaler()), ("MinMax", MinMaxScaler())])
def test_z_scores_and_ranges_are_those_of_scikit_learn(method: str, scaler: Any) -> None:
    table, later = _some(), _some(9) * 2
    made, transformation = _normalized(table, method)
    scaler.fit(table)
    np.testing.assert_allclose(frame(made), scaler.transform(table), rtol=1e-12, atol=1e-12)
    applied = frame(transformation.apply(as_table(later)))
    np.testing.assert_allclose(applied, scaler.transform(later), rtol=1e-12, atol=1e-12)


def test_logistic_and_tanh_are_functions_of_the_cell_alone() -> None:
    table = pd.DataFrame({"a": [-800.0, -1.0, 0.0, 2.0, 800.0]})
    logistic, _ = _normalized(table, "Logistic")
    assert frame(logistic)["a"].tolist() == pytest.approx([0, 1 / (1 + np.e), 0.5, 1 / (1 + np.exp(-2)), 1])
    tanh, _ = _normalized(table, "Tanh")
    assert frame(tanh)["a"].tolist() == pytest.approx(np.tanh(table["a"]).tolist())


def test_log_normal_is_the_distribution_that_scipy_fits_to_the_numbers_above_0() -> None:
    table = _some()
    made, _ = _normalized(table, "LogNormal")
    for name in table:
        positive = table[name][table[name] > 0]
        shape, location, scale = stats.lognorm.fit(positive, floc=0)
        wanted = stats.lognorm.cdf(table[name], shape, location, scale)
        np.testing.assert_allclose(frame(made)[name], wanted, rtol=1e-4, atol=1e-6)


def test_log_normal_without_a_number_above_0_is_0_and_knows_nothing_of_later_ones() -> None:
    made, transformation = _normalized(pd.DataFrame({"a": [-1.0, 0.0, np.nan]}), "LogNormal")
    assert frame(made)["a"].tolist()[:2] == [0, 0] and np.isnan(frame(made)["a"][2])
    later = frame(transformation.apply(as_table(pd.DataFrame({"a": [-3.0, 4.0]}))))["a"]
    assert later[0] == 0 and np.isnan(later[1])


@pytest.mark.parametrize("method", METHODS)
def test_infinite_numbers_become_missing_and_missing_ones_stay(method: str) -> None:
    made, _ = _normalized(pd.DataFrame({"a": [1.0, np.nan, np.inf, -np.inf, 3.0]}), method)
    assert frame(made)["a"].isna().tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("method", ["ZScore", "MinMax", "LogNormal"])
@pytest.mark.parametrize(("zero", "value"), [(True, 0.0), (False, np.nan)])
def test_a_column_of_one_number_is_0_or_missing(method: str, zero: bool, value: float) -> None:
    made, transformation = _normalized(pd.DataFrame({"a": [5, 5, 5]}), method, zero=zero)
    later = transformation.apply(as_table(pd.DataFrame({"a": [7.0, 8.0, 9.0]})))
    for table in (made, later):
        np.testing.assert_array_equal(frame(table)["a"], [value] * 3)


def test_a_column_without_numbers_is_passed_over() -> None:
    table = pd.DataFrame({"a": [np.nan, np.nan], "b": [1, 2]})
    made, transformation = _normalized(table, "ZScore")
    assert frame(made)["a"].isna().all() and frame(made)["b"].tolist() == [-1, 1]
    assert frame(transformation.apply(as_table(pd.DataFrame({"a": [3.0], "b": [1]}))))["a"].tolist() == [3]


def test_names_order_and_roles_stay_and_other_columns_are_not_touched() -> None:
    table = as_table(pd.DataFrame({"t": ["x", "y"], "n": [1, 3], "m": [5, 6]}))
    table = table.with_attributes({"n": table.column("n").attributes.as_label()})
    made, _ = _normalized(table, "MinMax", ["n"])
    assert made.names == ("t", "n", "m")
    assert made.column("n").attributes.label_role and made.column("n").type == "Double"
    assert made.column("m") == table.column("m") and frame(made)["m"].tolist() == [5, 6]


def test_a_column_that_is_no_number_is_error_17() -> None:
    values = {"Transformation method": "ZScore", "Columns to transform": "all"}
    assert code_of(NAME, pd.DataFrame({"t": ["x"], "n": [1]}), values) == "M0017"


def test_later_data_needs_the_columns_in_their_type() -> None:
    _, transformation = _normalized(_some(), "ZScore")
    with pytest.raises(Exception, match="was not found"):
        transformation.apply(as_table(pd.DataFrame({"a": [1.0]})))
    with pytest.raises(Exception, match="was made for Double"):
        transformation.apply(as_table(pd.DataFrame({"a": [1.0], "b": ["x"]})))


@quiet
@given(numbers=st.lists(any_number, min_size=1, max_size=20), method=st.sampled_from(METHODS))
def test_results_lie_in_the_range_of_their_method_whatever_the_numbers(
    numbers: list[float], method: str
) -> None:
    made, transformation = _normalized(pd.DataFrame({"a": numbers}, dtype=float), method)
    cells = frame(made)["a"].to_numpy()
    finite = np.isfinite(numbers)
    if finite.any():
        assert np.isnan(cells).tolist() == (~finite).tolist()
        least, greatest = {"ZScore": (-5, 5), "Tanh": (-1, 1)}.get(method, (0, 1))
        assert (cells[finite] >= least).all() and (cells[finite] <= greatest).all()
    again = transformation.apply(as_table(pd.DataFrame({"a": numbers}, dtype=float)))
    np.testing.assert_array_equal(frame(again)["a"], cells)
    order = np.argsort(np.array(numbers)[finite], kind="stable")
    if method != "LogNormal" and finite.any():
        assert (np.diff(cells[finite][order]) >= 0).all()


def test_an_empty_table_has_an_empty_result() -> None:
    made, transformation = _normalized(pd.DataFrame({"a": pd.Series([], dtype=float)}), "ZScore")
    assert made.rows == 0 and missing_count(made.column("a")) == 0
    assert transformation.apply(as_table(pd.DataFrame({"a": [1.0]}))).rows == 1
