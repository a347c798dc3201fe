from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from skyloom.data.table import Table
from tests.data.stored import stored
from tests.modules.running import as_table, frame, rows, run
from tests.strategies import frames

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def _beside(left: object, right: object) -> Table:
    made = run("Add Columns", [left, right])[0]
    assert isinstance(made, Table)
    return made


def test_the_left_keeps_its_names_and_repeated_ones_on_the_right_get_a_number() -> None:
    left = pd.DataFrame({"x": [1], "y": [2]})
    right = pd.DataFrame({"x": [3], "x(2)": [4], "z": [5]})
    assert _beside(left, right).names == ("x", "y", "x(3)", "x(2)", "z")


def test_designers_spelling_renames_both() -> None:
    left, right = pd.DataFrame({"x": [1], "y": [2]}), pd.DataFrame({"x": [3]})
    (made,) = run("Add Columns", [left, right], {"Generation": "Designer"})
    assert made.names == ("x_1", "y", "x_2")


def test_the_shorter_one_is_filled_up_with_missing_values() -> None:
    made = _beside(pd.DataFrame({"a": [1, 2, 3]}), pd.DataFrame({"b": [7], "c": ["x"], "d": [True]}))
    assert rows(made) == [(1, 7.0, "x", True), (2, None, None, None), (3, None, None, None)]
    assert [column.type for column in made] == ["Integer", "Double", "String", "Boolean"]


def test_an_empty_dataset_gives_columns_of_missing_values() -> None:
    made = _beside(pd.DataFrame({"a": [1.5, 2.5]}), pd.DataFrame({"b": pd.Series([], dtype="int64")}))
    assert rows(made) == [(1.5, None), (2.5, None)]


def test_the_label_of_the_left_wins() -> None:
    left, right = as_table(pd.DataFrame({"a": [1]})), as_table(pd.DataFrame({"b": [1], "c": [2]}))
    left = left.with_attributes({"a": left.column("a").attributes.as_label()})
    right = right.with_attributes(
        {"b": right.column("b").attributes.as_label(), "c": right.column("c").attributes.as_score("Scores")}
    )
    made = _beside(left, right)
    assert [column.attributes.label_role for column in made] == ["True Labels", "", ""]
    assert made.column("b").attributes.is_feature
    assert made.column("c").attributes.score_role == "Scores"


def test_columns_of_equal_length_are_not_copied(tmp_path: Path) -> None:
    table, _ = stored(pd.DataFrame({"a": ["x", "y"]}), tmp_path / "table")
    made = _beside(table, table)
    assert [column.origin is not None for column in made] == [True, True]


@quiet
@given(frames(), frames())
def test_every_cell_is_where_pandas_puts_it(left: pd.DataFrame, right: pd.DataFrame) -> None:
    made = _beside(left, right)
    size = max(len(left), len(right))
    assert (made.rows, len(made.columns)) == (size, left.shape[1] + right.shape[1])
    names = list(made.names)
    for part, part_names in ((left, names[: left.shape[1]]), (right, names[left.shape[1] :])):
        stored_part = frame(as_table(part))
        stored_part.columns = part_names
        top = frame(made)[part_names].iloc[: len(part)].reset_index(drop=True)
        assert_frame_equal(top, stored_part, check_dtype=len(part) == size, check_column_type=False)
        assert frame(made)[part_names].iloc[len(part) :].isna().all(axis=None)
