"""Tables as answers: every cell a string or null (services.md 1.1)."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import table_from_frame
from skyloom.runner.serving.reply import output_json
from skyloom.runner.serving.rows import Rows, rows_of_table


def answered(frame: pd.DataFrame, swagger: bool = False, details: bool = True) -> Any:
    table = table_from_frame(frame)
    found = [
        json.loads(b"{" + output_json("out", rows, swagger, details) + b"}")["out"]
        for rows in (Rows.of_table(table), rows_of_table(table))
    ]
    assert found[0] == found[1]  # as a table and as arrays
    return found[0]


def cells(values: Any) -> list[str | None]:
    return [row[0] for row in answered(pd.DataFrame({"a": values}))["value"]["Values"]]


def test_table_form_with_and_without_types() -> None:
    frame = pd.DataFrame({"x": [1.5], "n": [2], "b": [True], "s": ["t"]})
    assert answered(frame) == {
        "type": "table",
        "value": {
            "ColumnNames": ["x", "n", "b", "s"],
            "ColumnTypes": ["Double", "Int64", "Boolean", "String"],
            "Values": [["1.5", "2", "True", "t"]],
        },
    }
    assert "ColumnTypes" not in answered(frame, details=False)["value"]


def test_swagger_form_is_a_list_of_objects_in_column_order() -> None:
    frame = pd.DataFrame({"z": [1.5, None], "a": ["x", 'qu"ote']})
    assert answered(frame, swagger=True) == [{"z": "1.5", "a": "x"}, {"z": None, "a": 'qu"ote'}]


def test_no_rows_keep_columns() -> None:
    assert answered(pd.DataFrame({"a": np.empty(0)}))["value"]["Values"] == []
    assert answered(pd.DataFrame({"a": np.empty(0)}), swagger=True) == []


@given(st.lists(st.floats(), min_size=1, max_size=12))
def test_numbers_come_back_as_they_were(values: list[float]) -> None:
    for value, cell in zip(values, cells(values), strict=True):
        if math.isnan(value):
            assert cell is None
        else:
            assert cell is not None
            assert json.loads(cell) == value  # what the old client does with every cell


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=12))
def test_whole_numbers_come_back_as_they_were(values: list[int]) -> None:
    assert [int(cell or "x") for cell in cells(pd.Series(values, dtype="int64"))] == values


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6))
def test_text_comes_back_as_it_was(values: list[str]) -> None:
    assert cells(pd.Series(values, dtype="str")) == values


def test_times_spans_categories_and_missing_cells() -> None:
    assert cells(pd.to_datetime(pd.Series(["2020-02-29 12:30:00", None]))) == ["2020-02-29T12:30:00", None]
    assert cells(pd.to_datetime(["2020-02-29T12:30:00.25+02:00"]))[0] == "2020-02-29T10:30:00.250000Z"
    assert cells(pd.to_timedelta(["1 days 02:03:04.5", "-00:00:01", None])) == [
        "1.02:03:04.5000000",
        "-00:00:01",
        None,
    ]
    assert cells(pd.Categorical(["x", None, "y"])) == ["x", None, "y"]
    assert cells(pd.Categorical([3, 5])) == ["3", "5"]
    assert cells(pd.Series([True, None], dtype=object)) == ["True", None]
    assert cells(pd.Series(["x", None])) == ["x", None]


def test_objects_are_told_as_text_and_bytes_in_base64() -> None:
    assert cells([b"\x00\x01", None]) == ["AAE=", None]
    assert cells([[1], None]) == ["[1]", None]


@pytest.mark.parametrize("count", [1, 2, 9])
def test_heads_are_not_mixed_up_between_schemas(count: int) -> None:
    for name in ("a", "b", "a"):
        attributes = (ColumnAttributes(name, "Double"),)
        rows = Rows(count, attributes, [np.ones(count)])
        value = json.loads(b"{" + output_json("out", rows, False, True) + b"}")["out"]["value"]
        assert (value["ColumnNames"], len(value["Values"])) == ([name], count)
