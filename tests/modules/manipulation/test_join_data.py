from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyloom.data.table import Table
from skyloom.modules.manipulation.join_data import LEFT_KEYS, RIGHT_KEYS
from tests.modules.running import as_table, problems_of, rows, run

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
PANDAS_WORDS: dict[str, Any] = {
    "Inner Join": "inner",
    "Left Outer Join": "left",
    "Full Outer Join": "outer",
}
KEEP = "Keep right key columns in joined table"
LEFT = pd.DataFrame({"id": [1, 2, 3, 2], "name": ["a", "b", "c", "d"]})
RIGHT = pd.DataFrame({"id": [2, 4, 2], "score": [0.5, 0.25, 1.5]})


def _values(kind: str, left: Any = "id", right: Any = "id", **more: Any) -> dict[str, Any]:
    return {LEFT_KEYS: left, RIGHT_KEYS: right, "Join type": kind, **more}


def _joined(left: Any, right: Any, values: dict[str, Any]) -> Table:
    made = run("Join Data", [left, right], values)[0]
    assert isinstance(made, Table)
    return made


def test_an_inner_join_keeps_matching_rows_in_the_order_of_the_left_then_of_the_right() -> None:
    made = _joined(LEFT, RIGHT, _values("Inner Join"))
    assert made.names == ("id", "name", "id (2)", "score")
    assert rows(made) == [(2, "b", 2, 0.5), (2, "b", 2, 1.5), (2, "d", 2, 0.5), (2, "d", 2, 1.5)]


def test_a_left_outer_join_keeps_every_left_row() -> None:
    made = _joined(LEFT, RIGHT.iloc[:1], _values("Left Outer Join"))
    assert rows(made) == [(1, "a", None, None), (2, "b", 2.0, 0.5), (3, "c", None, None), (2, "d", 2.0, 0.5)]


def test_a_full_outer_join_adds_the_right_rows_without_a_match_at_the_end() -> None:
    made = _joined(LEFT.iloc[:2], RIGHT.iloc[:2], _values("Full Outer Join"))
    assert rows(made) == [(1.0, "a", None, None), (2.0, "b", 2.0, 0.5), (None, None, 4.0, 0.25)]


def test_a_semi_join_keeps_left_rows_once_and_no_right_columns() -> None:
    made = _joined(LEFT, RIGHT, _values("Left Semi-Join"))
    assert rows(made) == [(2, "b"), (2, "d")]


def test_right_keys_can_be_left_out() -> None:
    made = _joined(LEFT, RIGHT, _values("Inner Join", **{KEEP: False}))
    assert made.names == ("id", "name", "score")


def test_designers_spelling_marks_repeated_names_on_the_right() -> None:
    made = _joined(LEFT, RIGHT, _values("Inner Join", Generation="Designer"))
    assert made.names == ("id", "name", "id_R", "score")


def test_repeated_names_get_a_blank_and_a_number_as_in_the_old_product() -> None:
    left = pd.DataFrame({"39": [1], "x": [1], "x (2)": [1]})
    right = pd.DataFrame({"39": [1], "x": [2]})
    assert _joined(left, right, _values("Inner Join", "39", "39")).names == (
        "39",
        "x",
        "x (2)",
        "39 (2)",
        "x (3)",
    )


@pytest.mark.parametrize("kind", ["Inner Join", "Left Outer Join", "Full Outer Join", "Left Semi-Join"])
def test_missing_keys_match_nothing(kind: str) -> None:
    left, right = pd.DataFrame({"k": ["x", None]}), pd.DataFrame({"k": [None, "x"], "v": [1, 2]})
    found = {
        "Inner Join": [("x", "x", 2)],
        "Left Outer Join": [("x", "x", 2.0), (None, None, None)],
        "Full Outer Join": [("x", "x", 2.0), (None, None, None), (None, None, 1.0)],
        "Left Semi-Join": [("x",)],
    }
    assert rows(_joined(left, right, _values(kind, "k", "k"))) == found[kind]


def test_a_row_missing_one_of_several_keys_matches_nothing() -> None:
    table = pd.DataFrame({"a": [1, 1], "b": ["x", None]})
    assert rows(_joined(table, table, _values("Inner Join", ["a", "b"], ["a", "b"], **{KEEP: False}))) == [
        (1, "x")
    ]


def test_case_matters_unless_told_otherwise() -> None:
    left, right = pd.DataFrame({"k": ["Ørsted", "Oslo"]}), pd.DataFrame({"K": ["ØRSTED", "OSLO"]})
    assert _joined(left, right, _values("Inner Join", "k", "K")).rows == 0
    assert _joined(left, right, _values("Inner Join", "k", "K", **{"Match case": False})).rows == 2


def test_several_keys_are_paired_in_the_order_of_the_selection() -> None:
    left = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    right = pd.DataFrame({"b": [2, 9], "a": [1, 9], "v": [7, 8]})
    assert rows(_joined(left, right, _values("Inner Join", ["a", "b"], ["a", "b"], **{KEEP: False}))) == [
        (1, 2, 7)
    ]
    assert rows(_joined(left, right, _values("Inner Join", ["b", "a"], ["a", "b"], **{KEEP: False}))) == [
        (2, 1, 7)
    ]


def test_whole_numbers_match_broken_ones_and_categories_what_they_stand_for() -> None:
    left = pd.DataFrame({"n": [1, 2], "c": pd.Categorical(["x", "y"])})
    right = pd.DataFrame({"n": [2.0, 3.5], "c": ["y", "x"]})
    assert _joined(left, right, _values("Inner Join", "n", "n")).rows == 1
    assert _joined(left, right, _values("Inner Join", "c", "c")).rows == 2


def test_large_whole_numbers_are_not_taken_for_one_another() -> None:
    table = pd.DataFrame({"n": [2**53, 2**53 + 1]})
    assert _joined(table, table, _values("Inner Join", "n", "n")).rows == 2


def test_times_match_across_units_and_time_zones() -> None:
    left = pd.DataFrame({"t": pd.to_datetime(["2020-01-01 12:00"]).tz_localize("UTC").as_unit("s")})
    right = pd.DataFrame(
        {"t": pd.to_datetime(["2020-01-01 13:00"]).tz_localize("Europe/Madrid").as_unit("ns")}
    )
    assert _joined(left, right, _values("Inner Join", "t", "t")).rows == 1


def test_roles_and_extras_are_lost_and_types_stay() -> None:
    left = as_table(pd.DataFrame({"id": [1], "c": pd.Categorical(["x"])})).with_extras({"note": 1})
    left = left.with_attributes({"id": left.column("id").attributes.as_label()})
    made = _joined(left, pd.DataFrame({"id": [1]}), _values("Inner Join"))
    assert all(column.attributes.is_feature and not column.attributes.label_role for column in made)
    assert made.column("c").type == "Categorical"
    assert made.extras == {}


def test_different_numbers_of_keys_are_error_27() -> None:
    ((code, message, _),) = problems_of(
        "Join Data", [LEFT, RIGHT], _values("Inner Join", ["id", "name"], ["id"])
    )
    assert code == "M0027"
    assert "2 key columns" in message


def test_keys_of_types_that_do_not_compare_are_error_154() -> None:
    ((code, message, fix),) = problems_of("Join Data", [LEFT, RIGHT], _values("Inner Join", "name", "score"))
    assert code == "M0154"
    assert "String" in message and "Numeric" in message and "Edit Metadata" in fix


@pytest.mark.parametrize("kind", ["Inner Join", "Left Outer Join", "Full Outer Join", "Left Semi-Join"])
def test_empty_datasets_join_to_what_the_kind_keeps(kind: str) -> None:
    nothing = RIGHT.iloc[:0]
    expected = {"Inner Join": 0, "Left Outer Join": 4, "Full Outer Join": 4, "Left Semi-Join": 0}[kind]
    assert _joined(LEFT, nothing, _values(kind)).rows == expected
    assert _joined(nothing, LEFT, _values(kind)).rows == (4 if kind == "Full Outer Join" else 0)


@st.composite
def _sides(draw: Any) -> list[pd.DataFrame]:
    """Two frames with a key column of one type, few distinct keys and some missing."""
    dtype, keys = draw(st.sampled_from([("float64", [0.0, 1.0, 2.0]), ("str", ["a", "b", "c"])]))
    sides = []
    for name in ("left", "right"):
        cells = draw(st.lists(st.sampled_from([*keys, None]), max_size=6))
        sides.append(pd.DataFrame({"key": pd.Series(cells, dtype=dtype), name: range(len(cells))}))
    return sides


def _with_own_missing_keys(side: pd.DataFrame, name: str) -> pd.DataFrame:
    """Pandas lets missing keys match; here each gets a key that nothing else has."""
    return side.assign(k=[f"{name}{i}" if pd.isna(k) else f"={k}" for i, k in enumerate(side["key"])])


@quiet
@given(_sides(), st.sampled_from(sorted(PANDAS_WORDS)))
def test_the_rows_are_those_of_pandas(sides: list[pd.DataFrame], kind: str) -> None:
    made = rows(_joined(sides[0], sides[1], _values(kind, "key", "key")))
    marked = [_with_own_missing_keys(side, name) for side, name in zip(sides, "LR")]
    oracle = marked[0].merge(marked[1], on="k", how=PANDAS_WORDS[kind])[["key_x", "left", "key_y", "right"]]
    assert sorted(made, key=repr) == sorted(rows(oracle), key=repr)
