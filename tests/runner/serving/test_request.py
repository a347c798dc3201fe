"""Bodies of classic requests (services.md 1.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skyloom.core.problem import ProblemError
from skyloom.runner.serving.request import RawTable, read_call

ROWS = [["1.5", "2"], ["-3e2", "4"]]


def body_of(table: Any, **top: Any) -> bytes:
    return json.dumps({"Inputs": {"input1": table}, **top}).encode()


def table_of(table: Any) -> RawTable:
    return read_call(body_of(table), ["input1"]).inputs["input1"]


def code_of(body: bytes, *inputs: str) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        read_call(body, list(inputs) or ["input1"])
    return [problem.code for problem in caught.value.problems]


def test_lists_of_values() -> None:
    assert table_of({"ColumnNames": ["a", "b"], "Values": ROWS})[:2] == (("a", "b"), ROWS)


def test_rows_as_objects_keep_the_order_of_the_first_ones_keys() -> None:
    rows = [{"b": 1, "a": None}, {"a": "x", "b": 2}]
    assert table_of(rows)[:2] == (("b", "a"), [[1, None], [2, "x"]])


def test_object_of_columns_as_r_sends_it() -> None:
    assert table_of({"a": [1, 2], "b": ["x", "y"]})[:2] == (("a", "b"), [[1, "x"], [2, "y"]])


def test_object_of_one_row() -> None:
    assert table_of({"a": 1, "b": "x"})[:2] == (("a", "b"), [[1, "x"]])


def test_answer_of_another_service_is_taken_as_input() -> None:
    table = {"type": "table", "value": {"ColumnNames": ["a"], "Values": [["1"]]}}
    assert table_of(table)[:2] == (("a",), [["1"]])


def test_bare_nan_is_read() -> None:
    body = b'{"Inputs":{"input1":[{"a":NaN}]}}'
    ((cell,),) = read_call(body, ["input1"]).inputs["input1"].rows
    assert cell != cell


def test_no_rows_keep_their_columns() -> None:
    assert table_of({"ColumnNames": ["a"], "Values": []})[:2] == (("a",), [])


def test_parameters_may_be_null_or_missing() -> None:
    assert read_call(body_of([]), ["input1"]).parameters == {}
    assert read_call(body_of([], GlobalParameters=None), ["input1"]).parameters == {}
    assert read_call(body_of([], GlobalParameters={"p": 1}), ["input1"]).parameters == {"p": 1}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "W221"),
        (b"  ", "W221"),
        (b"{", "W220"),
        (b"\xff", "W220"),
        (b"[]", "W220"),
        (b"[" * 100_000, "W220"),
        (b'{"Inputs": 3}', "W220"),
        (b'{"Inputs": {}}', "W222"),
        (body_of(5), "W220"),
        (body_of({"ColumnNames": ["a"], "Values": {}}), "W220"),
        (body_of({"ColumnNames": [1], "Values": []}), "W220"),
        (body_of({"ColumnNames": ["a"], "Values": [["1", "2"]]}), "W225"),
        (body_of({"ColumnNames": ["a", "b"], "Values": ["ab"]}), "W220"),
        (body_of([{"a": 1}, {"b": 1}]), "W225"),
        (body_of([{"a": 1}, {"a": 1, "b": 1}]), "W225"),
        (body_of([{"a": 1}, 5]), "W220"),
        (body_of({"a": [1], "b": [1, 2]}), "W220"),
        (body_of([], GlobalParameters=[]), "W220"),
    ],
)
def test_body_that_does_not_read_is_told(body: bytes, code: str) -> None:
    assert code_of(body) == [code]


def test_missing_and_unknown_inputs_are_told_together_with_close_names() -> None:
    with pytest.raises(ProblemError) as caught:
        read_call(b'{"Inputs":{"inptu1":[]}}', ["input1"])
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("W222", "input1"),
        ("W223", "inptu1"),
    ]
    assert "input1" in caught.value.problems[1].fix


def large(values: Any, names: tuple[str, ...] = ("a", "b")) -> bytes:
    """A body that is long enough to be read the quick way."""
    return body_of({"ColumnNames": list(names), "Values": values}) + b" " * 3000


def test_long_body_of_numbers_comes_as_a_matrix() -> None:
    table = read_call(large(ROWS), ["input1"]).inputs["input1"]
    assert table.matrix is not None
    assert table.matrix.tolist() == [[1.5, 2.0], [-300.0, 4.0]]
    assert table.again is not None
    assert table.again()[:2] == (("a", "b"), ROWS)


def test_numbers_without_quotes_come_as_a_matrix_too() -> None:
    table = read_call(large([[1, 2.5]]), ["input1"]).inputs["input1"]
    assert table.matrix is not None
    assert table.matrix.tolist() == [[1.0, 2.5]]


@pytest.mark.parametrize(
    "values",
    [
        [["1", "2"], ["3", None]],
        [["1", "2"], ["3", ""]],
        [["1", "x"]],
        [["1", 2]],  # half quoted
        [["1,2", "3"], ["4"]],
        [["01", "2"]],
        [["1_0", "2"]],
        [["1", "2"], ["3"]],
        [],
    ],
)
def test_anything_unusual_is_read_cell_by_cell(values: Any) -> None:
    try:
        table = read_call(large(values), ["input1"]).inputs["input1"]
    except ProblemError as error:
        assert error.problem.code == "W225"
    else:
        assert (table.matrix, table.rows) == (None, values)


def test_column_called_values_does_not_confuse() -> None:
    table = read_call(large([["1"]], ("Values",)), ["input1"]).inputs["input1"]
    assert (table.names, table.height) == (("Values",), 1)


def test_rows_of_the_wrong_width_are_told_for_numbers_too() -> None:
    assert code_of(large([["1"]])) == ["W225"]
