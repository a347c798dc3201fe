from __future__ import annotations

import json

import pandas as pd
import pytest

from skyloom.data.compare_columns import MOST_POINTS, compare_columns
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table


@pytest.fixture
def table() -> Table:
    frame = pd.DataFrame(
        {
            "n": [1.0, 2.0, 3.0, None, 5.0, float("inf")],
            "m": [10, 20, 30, 40, 50, 60],
            "c": ["x", "y", "x", "x", None, "y"],
            "k": pd.Categorical(["p", "p", "q", "q", "p", "q"]),
        }
    )
    return table_from_frame(frame)


def test_two_numbers_give_points_without_rows_that_miss_one(table: Table) -> None:
    told = compare_columns(table, 0, 1)
    assert (told["kind"], told["x"], told["y"], told["numberOfRows"]) == ("scatter", "n", "m", 5)
    assert told["points"][0] == [1.0, 10] and told["points"][-1] == ["inf", 60]
    json.dumps(told, allow_nan=False)


def test_a_long_scatter_is_thinned_evenly_from_the_first_row_to_the_last() -> None:
    long = table_from_frame(pd.DataFrame({"a": range(5000), "b": range(5000)}))
    points = compare_columns(long, 0, 1)["points"]
    assert len(points) == MOST_POINTS
    assert (points[0], points[-1]) == ([0, 0], [4999, 4999])


@pytest.mark.parametrize(("x", "y"), [(1, 2), (2, 1)])
def test_a_number_and_classes_give_a_box_for_each_class(table: Table, x: int, y: int) -> None:
    told = compare_columns(table, x, y)
    assert (told["kind"], told["numbers"], told["classes"]) == ("boxes", "m", "c")
    assert [(box["class"], box["count"]) for box in told["boxes"]] == [("x", 3), ("y", 2)]
    assert told["boxes"][0]["box"]["median"] == 30


def test_two_classes_give_a_table_of_counts(table: Table) -> None:
    told = compare_columns(table, 2, 3)
    assert told["kind"] == "crosstab"
    at = {
        (row, column): told["counts"][i][j]
        for i, row in enumerate(told["rows"])
        for j, column in enumerate(told["columns"])
    }
    assert at == {("p", "x"): 1, ("p", "y"): 1, ("q", "x"): 2, ("q", "y"): 1}


def test_a_column_against_itself_is_no_fault(table: Table) -> None:
    assert compare_columns(table, 0, 0)["kind"] == "scatter"
    assert compare_columns(table, 2, 2)["counts"] == [[3, 0], [0, 2]]
