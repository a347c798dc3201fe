from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from skyloom.data.table import Table
from tests.modules.running import as_table, code_of, frame, problems_of, rows, run
from tests.strategies import frames

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def _below(upper: object, lower: object) -> Table:
    made = run("Add Rows", [upper, lower])[0]
    assert isinstance(made, Table)
    return made


def test_rows_of_the_second_follow_those_of_the_first() -> None:
    made = _below(pd.DataFrame({"a": [1], "b": ["x"]}), pd.DataFrame({"a": [2], "b": [None]}))
    assert rows(made) == [(1, "x"), (2, None)]
    assert made.column("a").type == "Integer"


def test_whole_and_broken_numbers_are_one_type() -> None:
    made = _below(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [0.5]}))
    assert made.column("a").type == "Double"
    assert rows(made) == [(1.0,), (0.5,)]


def test_categories_of_both_are_joined() -> None:
    upper = pd.DataFrame({"a": pd.Categorical(["x", None], categories=["y", "x"])})
    lower = pd.DataFrame({"a": pd.Categorical(["z", "y", None])})
    made = frame(_below(upper, lower))["a"]
    assert list(made.cat.categories) == ["y", "x", "z"]
    assert made.astype(object).where(made.notna(), None).tolist() == ["x", None, "z", "y", None]


def test_times_take_the_finer_unit() -> None:
    upper = pd.DataFrame({"t": pd.Series(["2020-01-01"], dtype="M8[s]")})
    lower = pd.DataFrame({"t": pd.Series(["2020-01-01T00:00:00.000001", None], dtype="M8[us]")})
    made = _below(upper, lower)
    assert made.column("t").attributes.unit == "us"
    assert frame(made)["t"].tolist()[:2] == [
        pd.Timestamp("2020-01-01"),
        pd.Timestamp("2020-01-01 00:00:00.000001"),
    ]


def test_times_that_do_not_fit_the_finer_unit_are_refused() -> None:
    upper = pd.DataFrame({"t": pd.Series(["9999-01-01"], dtype="M8[s]")})
    lower = pd.DataFrame({"t": pd.Series(["2020-01-01"], dtype="M8[ns]")})
    assert code_of("Add Rows", [upper, lower]) == "M0042"


def test_roles_are_those_of_the_first() -> None:
    upper, lower = as_table(pd.DataFrame({"a": [1]})), as_table(pd.DataFrame({"a": [2]}))
    upper = upper.with_attributes({"a": upper.column("a").attributes.as_label()})
    assert _below(upper, lower).column("a").attributes.label_role == "True Labels"
    assert _below(lower, upper).column("a").attributes.label_role == ""
    nothing = as_table(pd.DataFrame({"a": []}))
    nothing = nothing.with_attributes({"a": nothing.column("a").attributes.as_label()})
    assert _below(nothing, lower).column("a").attributes.label_role == "True Labels"


def test_a_column_without_rows_suits_any_type() -> None:
    made = _below(pd.DataFrame({"a": []}), pd.DataFrame({"a": ["x"]}))
    assert rows(made) == [("x",)]


def test_another_number_of_columns_is_error_61() -> None:
    assert code_of("Add Rows", [pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1], "b": [1]})]) == "M0061"


def test_every_column_of_another_name_is_told_as_error_10() -> None:
    upper, lower = (
        pd.DataFrame({"a": [1], "b": [1], "c": [1]}),
        pd.DataFrame({"b": [1], "a": ["x"], "c": [1]}),
    )
    found = problems_of("Add Rows", [upper, lower])
    assert [code for code, _, _ in found] == ["M0010", "M0010"]
    assert "Column 1 is 'a'" in found[0][1]


def test_every_column_of_another_type_is_told_as_error_16() -> None:
    upper = pd.DataFrame({"a": [1], "b": ["x"], "c": pd.Categorical(["x"])})
    lower = pd.DataFrame({"a": ["x"], "b": ["y"], "c": pd.Categorical([1])})
    assert [code for code, _, _ in problems_of("Add Rows", [upper, lower])] == ["M0016", "M0016"]


@quiet
@given(frames(), st.data())
def test_a_table_taken_apart_and_put_together_is_the_same(whole: pd.DataFrame, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole)))
    table = as_table(whole)
    upper = run(
        "Partition and Sample", table, {"Partition or sample mode": "Head", "Number of rows to select": cut}
    )[0]
    lower = as_table(whole.iloc[cut:].reset_index(drop=True))
    if any(a.type != b.type for a, b in zip(upper, lower)) and cut and cut < len(whole):
        return  # a part of a column of objects may be text
    assert_frame_equal(
        frame(_below(upper, lower)),
        frame(table),
        check_dtype=False,
        check_categorical=False,
        check_column_type=False,
    )
