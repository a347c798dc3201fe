"""Cells of a request by the schema of the input (studio.md 4.4, services.md 1.1)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import table_from_frame
from skyloom.data.to_frame import frame_from_table
from skyloom.runner.serving.coercion import Coercion, InputSchema
from skyloom.runner.serving.request import RawTable


def schema_of(**columns: str) -> InputSchema:
    made = []
    for name, kind in columns.items():
        unit = "ns" if kind in ("DateTime", "TimeSpan") else None
        made.append(
            ColumnAttributes(name, kind, unit=unit, underlying="String" if kind == "Categorical" else None)
        )
    return InputSchema("input1", tuple(made))


def column(kind: str, *cells: Any) -> Any:
    """What cells of one column become."""
    rows = Coercion(schema_of(a=kind)).rows(RawTable(("a",), [[cell] for cell in cells]))
    return frame_from_table(rows.table)["a"]


def problems_of(kind: str, *cells: Any) -> list[tuple[str, str]]:
    with pytest.raises(ProblemError) as caught:
        column(kind, *cells)
    return [(problem.code, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("missing", [None, "", "NaN", float("nan")])
def test_missing_number(missing: Any) -> None:
    found = column("Double", "1.5", missing, 2)
    assert found.isna().tolist() == [False, True, False]
    assert found.dropna().tolist() == [1.5, 2.0]


def test_whole_numbers_stay_exact() -> None:
    assert column("Integer", "9007199254740993", 4, "5.0").tolist() == [9007199254740993, 4, 5]


def test_whole_numbers_with_a_missing_one_are_doubles() -> None:
    assert column("Integer", "1", None).dtype == "float64"


def test_truth_values_in_every_spelling() -> None:
    assert column("Boolean", "True", "false", True, 0, "1").tolist() == [True, False, True, False, True]
    assert column("Boolean", "True", None).isna().tolist() == [False, True]


def test_text_keeps_what_looks_like_something_else() -> None:
    assert column("String", "01", "NaN", "", 5, True).tolist() == ["01", "NaN", "", "5", "True"]
    assert column("String", "x", None).isna().tolist() == [False, True]


def test_times_in_iso_form() -> None:
    found = column("DateTime", "2020-02-29T12:30:00", "NaT", None)
    assert found[0] == pd.Timestamp(2020, 2, 29, 12, 30)
    assert found.isna().tolist() == [False, True, True]


@pytest.mark.parametrize("text", ["1.02:03:04.5", "1 days 02:03:04.5"])
def test_spans_as_dotnet_and_pandas_write_them(text: str) -> None:
    assert column("TimeSpan", text)[0] == pd.Timedelta(days=1, hours=2, minutes=3, seconds=4.5)


def test_negative_span() -> None:
    assert column("TimeSpan", "-00:00:01")[0] == pd.Timedelta(seconds=-1)


def test_unseen_category_is_a_further_one() -> None:
    table = table_from_frame(pd.DataFrame({"a": pd.Categorical(["x", "y"])}))
    categories = {"a": table.columns[0].categories}
    schema = InputSchema("input1", table.schema, categories)  # type: ignore[arg-type]
    rows = Coercion(schema).rows(RawTable(("a",), [["y"], ["z"], [None]]))
    found = frame_from_table(rows.table)["a"]
    assert found.cat.categories.tolist() == ["x", "y", "z"]
    assert found.astype(object).where(found.notna(), None).tolist() == ["y", "z", None]


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("Double", "abc"),
        ("Double", "1,5"),
        ("Double", "1_0"),
        ("Double", []),
        ("Integer", "1.5"),
        ("Integer", "1_0"),
        ("Integer", "99999999999999999999"),
        ("Integer", "inf"),
        ("Boolean", "maybe"),
        ("DateTime", "yesterday-ish"),
        ("DateTime", 5),
        ("TimeSpan", "long"),
        ("String", {}),
    ],
)
def test_cell_that_does_not_read_names_its_row_and_column(kind: str, cell: Any) -> None:
    ((code, message),) = problems_of(kind, None, cell)
    assert code == "W224"
    assert "Row 2 of column 'a'" in message


def test_first_bad_cell_of_every_column_is_told() -> None:
    coercion = Coercion(schema_of(a="Double", b="Integer"))
    with pytest.raises(ProblemError) as caught:
        coercion.rows(RawTable(("a", "b"), [["x", "y"], ["z", "1"]]))
    assert [problem.where for problem in caught.value.problems] == ["input1.a", "input1.b"]


def test_columns_are_matched_by_name() -> None:
    coercion = Coercion(schema_of(a="Double", b="String"))
    for _ in range(2):
        frame = frame_from_table(coercion.rows(RawTable(("b", "a"), [["x", "1"]])).table)
        assert frame.to_dict("list") == {"a": [1.0], "b": ["x"]}


@pytest.mark.parametrize("names", [("a",), ("a", "c"), ("a", "b", "c"), ("a", "a")])
def test_other_columns_are_refused(names: tuple[str, ...]) -> None:
    coercion = Coercion(schema_of(a="Double", b="Double"))
    with pytest.raises(ProblemError) as caught:
        coercion.rows(RawTable(names, [["1"] * len(names)]))
    assert caught.value.problem.code == "W226"


def test_rows_as_objects_without_any_row_have_the_schemas_columns() -> None:
    rows = Coercion(schema_of(a="Double", b="String")).rows(RawTable((), ()))
    assert (rows.names, rows.count) == (["a", "b"], 0)
    assert frame_from_table(rows.table).shape == (0, 2)


def test_without_a_schema_a_column_is_what_its_cells_are() -> None:
    rows = Coercion(InputSchema("input1", None)).rows(
        RawTable(("n", "t", "b", "f"), [[1, "1", True, 0.5], [2, None, False, None]])
    )
    kinds = {column.name: column.type for column in rows.attributes}
    assert kinds == {"n": "Integer", "t": "String", "b": "Boolean", "f": "Double"}


def test_numbers_have_one_schema_on_every_call() -> None:
    """What a step prepared is found again by the identity of the schema."""
    coercion = Coercion(schema_of(a="Double", b="Integer"))
    first = coercion.rows(RawTable(("a", "b"), [["1", "2"]]))
    second = coercion.rows(RawTable(("b", "a"), [["1", "2"]]))
    assert first.attributes is second.attributes
