from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyloom.data.missing import missing_count
from skyloom.modules.tables.cleaning import CleaningTransformation
from tests.modules.running import as_table, code_of, problems_of, rows, run
from tests.strategies import frames

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
NAME = "Clean Missing Data"
NUMBERS = pd.DataFrame({"a": [1.0, np.nan, 3.0, 3.0], "b": [10, 20, 30, 40]})
FILLING = ["Custom substitution value", "Replace with mean", "Replace with median", "Replace with mode"]
FILLING += ["Replace using MICE", "Replace using Probabilistic PCA"]


def _clean(table: Any, columns: Any = "all", **values: Any) -> tuple[Any, CleaningTransformation]:
    given = {name.replace("_", " "): value for name, value in values.items()}
    cleaned, transformation = run(NAME, table, {"Columns to be cleaned": columns, **given})
    return cleaned, pickle.loads(pickle.dumps(transformation))


def _first(table: Any) -> list[Any]:
    return [row[0] for row in rows(table)]


@pytest.mark.parametrize(
    ("mode", "value"),
    [("Replace with mean", 7 / 3), ("Replace with median", 3.0), ("Replace with mode", 3.0)],
)
def test_a_number_is_replaced_by_a_figure_of_its_column(mode: str, value: float) -> None:
    cleaned, _ = _clean(NUMBERS, Cleaning_mode=mode)
    assert _first(cleaned) == pytest.approx([1.0, value, 3.0, 3.0])


def test_the_mode_of_numbers_with_several_is_their_mean_and_of_text_the_first() -> None:
    table = pd.DataFrame({"n": [1.0, 2.0, np.nan], "t": ["b", "a", None]})
    cleaned, _ = _clean(table, Cleaning_mode="Replace with mode")
    assert rows(cleaned)[2] == (1.5, "a")


def test_a_custom_value_is_put_in_the_type_of_each_column() -> None:
    table = pd.DataFrame(
        {
            "n": [np.nan, 1.5],
            "t": [None, "x"],
            "f": pd.Series([None, True], dtype=object),
            "c": pd.Categorical([None, "x"]),
            "k": pd.Categorical([None, 2]),
        }
    )
    cleaned, _ = _clean(table)
    assert rows(cleaned)[0] == (0.0, "0", False, "0", 0)
    assert [column.type for column in cleaned] == [
        "Double",
        "String",
        "Boolean",
        "Categorical",
        "Categorical",
    ]
    assert cleaned.column("k").attributes.underlying == "Integer"


def test_a_custom_value_that_does_not_suit_is_error_42() -> None:
    ((code, message, _),) = problems_of(
        NAME, NUMBERS, {"Columns to be cleaned": "all", "Replacement value": "none"}
    )
    assert code == "M0042"
    assert "'none'" in message and "'a' of type Double" in message


def test_only_columns_with_a_share_of_missing_cells_within_the_bounds_are_cleaned() -> None:
    table = pd.DataFrame({"half": [np.nan, 1.0], "all": [np.nan, np.nan], "t": ["x", "y"]})
    cleaned, _ = _clean(table, Minimum_missing_value_ratio=0.5, Maximum_missing_value_ratio=0.5)
    assert rows(cleaned) == [(0.0, None, "x"), (1.0, None, "y")]


def test_bounds_the_wrong_way_round_are_error_7() -> None:
    values = {
        "Columns to be cleaned": "all",
        "Minimum missing value ratio": 0.6,
        "Maximum missing value ratio": 0.5,
    }
    assert code_of(NAME, NUMBERS, values) == "M0007"


def test_columns_that_are_not_selected_stay() -> None:
    table = pd.DataFrame({"a": [np.nan, 1.0], "b": [np.nan, 1.0]})
    cleaned, _ = _clean(table, ["b"])
    assert rows(cleaned) == [(None, 0.0), (1.0, 1.0)]


def test_rows_with_a_missing_cell_are_removed() -> None:
    cleaned, transformation = _clean(NUMBERS, Cleaning_mode="Remove entire row")
    assert rows(cleaned) == [(1.0, 10), (3.0, 30), (3.0, 40)]
    assert transformation.apply(as_table(NUMBERS.iloc[1:2])).rows == 0


def test_columns_with_a_missing_cell_are_removed_also_from_later_data() -> None:
    cleaned, transformation = _clean(NUMBERS, Cleaning_mode="Remove entire column")
    assert cleaned.names == ("b",)
    assert transformation.apply(as_table(NUMBERS.iloc[:1])).names == ("b",)


@pytest.mark.parametrize(("choice", "names"), [("Remove", ("b",)), ("Propagate", ("a", "b"))])
def test_columns_without_any_value_are_removed_or_kept(choice: str, names: tuple[str, ...]) -> None:
    table = pd.DataFrame({"a": [np.nan, np.nan], "b": [1.0, np.nan]})
    for mode in ("Replace with mean", "Replace with mode", "Replace using MICE"):
        cleaned, _ = _clean(table, Cleaning_mode=mode, Cols_with_all_missing_values=choice)
        assert cleaned.names == names
        assert missing_count(cleaned.column("b")) == 0


def test_indicators_are_added_on_the_right_under_free_names() -> None:
    table = pd.DataFrame({"a": [np.nan, 1.0], "a_IsMissing": ["x", "y"], "a_IsMissing (1)": ["x", "y"]})
    cleaned, _ = _clean(table, ["a"], Generate_missing_value_indicator_column=True)
    assert cleaned.names[3:] == ("a_IsMissing (2)",)
    assert [row[3] for row in rows(cleaned)] == [True, False]


def test_nothing_happens_where_nothing_is_missing() -> None:
    table = as_table(NUMBERS[["b"]])
    cleaned, transformation = _clean(table, Generate_missing_value_indicator_column=True)
    assert cleaned is table
    # later data always get the same columns
    assert transformation.apply(table).names == ("b", "b_IsMissing")


def test_the_replacement_is_remembered_and_not_computed_anew() -> None:
    _, transformation = _clean(NUMBERS, Cleaning_mode="Replace with mean")
    later = as_table(pd.DataFrame({"b": [np.nan, 5], "a": [100.0, np.nan], "c": [1, 2]}))
    assert rows(transformation.apply(later)) == [(25.0, 100.0, 1), (5.0, pytest.approx(7 / 3), 2)]


def test_later_data_need_the_columns_in_their_types() -> None:
    _, transformation = _clean(NUMBERS)
    for table, code in ((NUMBERS[["b"]], "D010"), (NUMBERS.assign(a="x"), "M0016")):
        with pytest.raises(Exception, match=code):
            transformation.apply(as_table(table))


@pytest.mark.parametrize("mode", ["Replace with mean", "Replace with median", "Replace using MICE"])
def test_text_with_gaps_has_no_mean_which_is_error_17(mode: str) -> None:
    table = NUMBERS.assign(t=pd.Series(["x", None, "y", "z"], dtype="str"))
    ((code, message, _),) = problems_of(NAME, table, {"Columns to be cleaned": "all", "Cleaning mode": mode})
    assert code == "M0017" and "'t' (String)" in message
    assert _clean(NUMBERS.assign(t="x"), Cleaning_mode=mode)[0].rows == 4


@pytest.mark.parametrize("mode", ["Replace using MICE", "Replace using Probabilistic PCA"])
def test_estimates_follow_the_other_columns(mode: str) -> None:
    random = np.random.RandomState(0)
    x = random.normal(size=400)
    whole = pd.DataFrame({"x": x, "y": 3 * x + 1 + random.normal(scale=0.1, size=400), "z": -x})
    gaps = whole.mask(random.rand(400, 3) < 0.1)
    cleaned, transformation = _clean(gaps, Cleaning_mode=mode)
    found = np.array(rows(cleaned))
    is_gap = gaps.isna().to_numpy()
    assert np.abs(found - whole.to_numpy())[is_gap].mean() < 0.5
    assert (found[~is_gap] == whole.to_numpy()[~is_gap]).all()
    later = pd.DataFrame({"x": [1.0], "y": [np.nan], "z": [-1.0]})
    assert rows(transformation.apply(as_table(later)))[0][1] == pytest.approx(4, abs=0.7)


@pytest.mark.parametrize("mode", ["Replace using MICE", "Replace using Probabilistic PCA"])
def test_one_column_alone_is_estimated_by_its_mean(mode: str) -> None:
    cleaned, _ = _clean(NUMBERS, ["a"], Cleaning_mode=mode)
    assert _first(cleaned) == pytest.approx([1.0, 7 / 3, 3.0, 3.0])


@pytest.mark.parametrize("mode", ["Replace using MICE", "Replace using Probabilistic PCA"])
def test_infinite_numbers_are_error_33(mode: str) -> None:
    table = NUMBERS.assign(c=[np.inf, 1, 2, 3])
    assert code_of(NAME, table, {"Columns to be cleaned": "all", "Cleaning mode": mode}) == "M0033"


@quiet
@given(frames(kinds=["integers", "floats"]), st.sampled_from(FILLING))
def test_filled_columns_have_no_gaps_left_and_other_cells_stay(table: pd.DataFrame, mode: str) -> None:
    if not table.shape[1]:
        return
    finite = table.where(table.abs() < 1e100)
    cleaned, transformation = _clean(finite, Cleaning_mode=mode)
    before = as_table(finite)
    for column in cleaned:
        assert missing_count(column) == 0 or missing_count(column) == column.rows
    for name in cleaned.names:
        present = finite[name].notna().to_numpy()
        after = np.array([row[0] for row in rows(cleaned.select([name]))], dtype=object)
        assert (after[present] == finite[name].to_numpy(dtype=object)[present]).all()
    if transformation.has_work:
        assert rows(transformation.apply(before)) == rows(cleaned)


@quiet
@given(frames(kinds=["text", "categories", "missing booleans", "times", "bytes"], max_columns=3))
def test_the_mode_fills_any_type(table: pd.DataFrame) -> None:
    if table.shape[1]:
        cleaned, _ = _clean(table, Cleaning_mode="Replace with mode")
        assert all(missing_count(column) == 0 for column in cleaned)
