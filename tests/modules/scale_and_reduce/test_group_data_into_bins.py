from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.modules.running import as_table, code_of, frame, run

NAME = "Group Data into Bins"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
RANDOM = np.random.RandomState(3)
NUMBERS = pd.DataFrame({"a": RANDOM.gamma(2, 3, 200)})


def _bin(table: Any, mode: str, columns: Any = "all", **values: Any) -> tuple[Any, Any]:
    given = {name.replace("_", " "): value for name, value in values.items()}
    binned, transformation = run(NAME, table, {"Binning mode": mode, "Columns to bin": columns, **given})
    return binned, pickle.loads(pickle.dumps(transformation))


def _cells(table: Any, name: str = "a_quantized") -> list[Any]:
    cells: list[Any] = frame(table)[name].astype(object).tolist()
    return cells


@pytest.mark.parametrize("bins", [1, 2, 7, 10])
def test_quantile_bins_are_those_of_pandas_numbered_from_1(bins: int) -> None:
    binned, _ = _bin(NUMBERS, "Quantiles", Number_of_bins=bins, Quantile_normalization="QuantileIndex")
    assert _cells(binned) == (pd.qcut(NUMBERS["a"], bins, labels=False) + 1).tolist()


@pytest.mark.parametrize("bins", [1, 2, 7, 10])
def test_bins_of_one_width_are_those_of_pandas_numbered_from_1(bins: int) -> None:
    binned, _ = _bin(NUMBERS, "EqualWidth", Number_of_bins=bins)
    assert _cells(binned) == (pd.cut(NUMBERS["a"], bins, labels=False) + 1).tolist()


def test_quantiles_that_coincide_count_once() -> None:
    table = pd.DataFrame({"a": [1, 1, 1, 1, 1, 2, 3, 4]})
    binned, _ = _bin(table, "Quantiles", Number_of_bins=4, Quantile_normalization="QuantileIndex")
    assert _cells(binned) == (pd.qcut(table["a"], 4, labels=False, duplicates="drop") + 1).tolist()


@pytest.mark.parametrize(
    ("normalization", "values"),
    [("Percent", [20, 40, 60, 80]), ("PQuantile", [0.2, 0.4, 0.6, 0.8]), ("QuantileIndex", [1, 2, 3, 4])],
)
def test_what_stands_for_a_quantile_bin(normalization: str, values: list[float]) -> None:
    table = pd.DataFrame({"a": [10, 20, 30, 40]})
    binned, _ = _bin(table, "Quantiles", Number_of_bins=4, Quantile_normalization=normalization)
    assert _cells(binned) == pytest.approx(values)


def test_edges_of_ones_own_belong_to_the_bin_below_them() -> None:
    table = pd.DataFrame({"a": [-5.0, 0.0, 0.1, 3.0, 99.0, np.nan]})
    binned, _ = _bin(table, "CustomEdges", **{"Comma-separated_list_of_bin_edges": " 0, 3"})
    assert _cells(binned)[:5] == [1, 1, 2, 2, 3] and pd.isna(_cells(binned)[5])


def test_steps_from_a_start_to_a_stop() -> None:
    table = pd.DataFrame({"a": [-1.0, 0.0, 0.2, 0.5, 0.7, 1.0, 1.1]})
    binned, _ = _bin(table, "EqualWidthCustomStartAndStop")
    assert _cells(binned) == [1, 1, 2, 2, 3, 3, 4]


def test_a_step_that_does_not_divide_the_range_exactly_in_binary_reaches_the_last_edge() -> None:
    _, transformation = _bin(NUMBERS, "EqualWidthCustomStartAndStop", Bin_width=0.1)
    assert len(transformation.edges["a"]) == 11 and transformation.edges["a"][-1] == pytest.approx(1)


def test_entropy_cuts_where_the_label_changes() -> None:
    table = as_table(pd.DataFrame({"a": np.arange(60.0), "y": ["n"] * 20 + ["p"] * 20 + ["q"] * 20}))
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    binned, transformation = _bin(table, "EntropyMDL", ["a"])
    assert transformation.edges["a"] == (19.5, 39.5)
    assert _cells(binned) == [1] * 20 + [2] * 20 + [3] * 20
    assert len(_bin(table, "EntropyMDL", ["a"], Number_of_bins=2)[1].edges["a"]) == 1


def test_entropy_makes_no_cut_that_tells_nothing() -> None:
    table = as_table(pd.DataFrame({"a": np.arange(40.0), "y": [0, 1] * 20}))
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    assert _bin(table, "EntropyMDL", ["a"])[1].edges["a"] == ()


def test_entropy_without_a_label_column_is_error_24() -> None:
    assert code_of(NAME, NUMBERS, {"Binning mode": "EntropyMDL", "Columns to bin": "all"}) == "M0024"


def test_later_data_falls_into_the_same_bins_and_beyond_them_into_the_outer_ones() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})
    _, transformation = _bin(table, "Quantiles", Number_of_bins=2, Quantile_normalization="QuantileIndex")
    later = transformation.apply(as_table(pd.DataFrame({"a": [-100.0, 2.4, 2.6, 900.0, np.nan, np.inf]})))
    assert _cells(later)[:4] == [1, 1, 2, 2] and pd.isna(_cells(later)[4]) and _cells(later)[5] == 2


@pytest.mark.parametrize(
    ("output", "names"),
    [("Append", ("t", "a", "a_quantized")), ("Inplace", ("t", "a")), ("ResultOnly", ("a",))],
)
def test_where_the_bins_are_put(output: str, names: tuple[str, ...]) -> None:
    table = pd.DataFrame({"t": ["x", "y"], "a": [1, 2]})
    binned, transformation = _bin(table, "EqualWidth", ["a"], Output_mode=output, Number_of_bins=2)
    assert binned.names == names and _cells(binned, names[-1]) == [1, 2]
    assert transformation.apply(as_table(table)).names == names


def test_bins_are_categories_or_numbers() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, np.nan]})
    categories, _ = _bin(table, "EqualWidth", Number_of_bins=2)
    assert categories.column("a_quantized").type == "Categorical"
    assert categories.column("a_quantized").attributes.underlying == "Integer"
    numbers, _ = _bin(table, "EqualWidth", Number_of_bins=2, Tag_columns_as_categorical=False)
    assert numbers.column("a_quantized").type == "Double"
    whole, _ = _bin(table[:2], "EqualWidth", Number_of_bins=2, Tag_columns_as_categorical=False)
    assert whole.column("a_quantized").type == "Integer"


@pytest.mark.parametrize(
    ("code", "mode", "values"),
    [
        ("M0002", "CustomEdges", {"Comma-separated list of bin edges": "1, two"}),
        ("M0019", "CustomEdges", {"Comma-separated list of bin edges": "2, 1"}),
        ("M0019", "CustomEdges", {"Comma-separated list of bin edges": "1, 1"}),
        ("M0019", "CustomEdges", {"Comma-separated list of bin edges": "1, inf"}),
        ("M0004", "EqualWidthCustomStartAndStop", {"Bin width": 0}),
        ("M0007", "EqualWidthCustomStartAndStop", {"Last edge position": -1}),
        ("M0007", "EqualWidthCustomStartAndStop", {"Bin width": 1e-9}),
    ],
)
def test_edges_that_cannot_be_used_are_told(code: str, mode: str, values: dict[str, Any]) -> None:
    assert code_of(NAME, NUMBERS, {"Binning mode": mode, "Columns to bin": "all", **values}) == code


def test_a_column_without_numbers_stays_missing() -> None:
    for mode in ("Quantiles", "EqualWidth"):
        binned, _ = _bin(pd.DataFrame({"a": [np.nan, np.nan]}), mode)
        assert all(map(pd.isna, _cells(binned)))


@quiet
@given(
    numbers=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30),
    mode=st.sampled_from(["Quantiles", "EqualWidth"]),
    bins=st.integers(1, 12),
)
@example([0.0, sys.float_info.max], "EqualWidth", 3)  # the last edge is rounded up, to more than there is
def test_greater_numbers_never_have_lower_bins_and_only_missing_ones_have_none(
    numbers: list[float], mode: str, bins: int
) -> None:
    values = {"Quantile_normalization": "QuantileIndex"} if mode == "Quantiles" else {}
    table = pd.DataFrame({"a": numbers}, dtype=float)
    binned, _ = _bin(
        table, mode, Number_of_bins=bins, Output_mode="Inplace", Tag_columns_as_categorical=False, **values
    )
    cells = np.array(_cells(binned, "a"), float)
    missing = np.isnan(numbers)
    assert np.isnan(cells).tolist() == missing.tolist()
    order = np.argsort(np.array(numbers)[~missing], kind="stable")
    assert (np.diff(cells[~missing][order]) >= 0).all()
    assert not (~missing).any() or (cells[~missing].min() >= 1 and cells[~missing].max() <= bins)
