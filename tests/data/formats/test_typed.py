"""Columns of a file whose types are known beforehand (services.md 1.3; docs/scoring.md, cells)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.formats.typed import read_typed
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table


def read(folder: Path, text: str, *columns: tuple[str, str, list[str]], name: str = "t.csv") -> Table:
    (folder / name).write_text(text)
    return read_typed(str(folder / name), name, columns)


def test_types_are_the_services_and_not_the_files(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "code,x,n,yes,when,span,more\n007,1,2,true,2020-01-02T03:04:05,1.02:03:04,5\n08,2,,0,,,6\n",
        ("code", "String", []),
        ("x", "Double", []),
        ("n", "Integer", []),
        ("yes", "Boolean", []),
        ("when", "DateTime", []),
        ("span", "TimeSpan", []),
    )
    assert [column.type for column in table.columns] == [
        "String", "Double", "Double", "Boolean", "DateTime", "TimeSpan", "Integer",
    ]  # fmt: skip
    frame = frame_from_table(table)
    assert frame["code"].tolist() == ["007", "08"]
    assert frame["n"].isna().tolist() == [False, True]
    assert frame["span"][0] == pd.Timedelta("1 days 02:03:04")
    assert frame["when"].isna().tolist() == [False, True]


def test_categories_are_the_services_first_and_numbers_stay_numbers(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "color\tsize\nred\t2\nblue\t1\n",
        ("color", "Categorical", ["green", "red"]),
        ("size", "Categorical", ["1", "2"]),
        name="t.tsv",
    )
    frame = frame_from_table(table)
    assert list(frame["color"].cat.categories) == ["green", "red", "blue"]
    assert list(frame["size"].cat.categories) == [1, 2] and frame["size"].tolist() == [2, 1]


def test_columns_that_the_service_does_not_know_are_as_the_file_tells(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n1,x\n", ("c", "Double", []))
    assert [column.type for column in table.columns] == ["Integer", "String"]


def test_the_first_bad_cell_of_every_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read(tmp_path, "a,b\n1,2\nx,1_0\n", ("a", "Double", []), ("b", "Integer", []))
    assert [(one.code, one.where) for one in caught.value.problems] == [("W304", "a"), ("W304", "b")]
    assert "Row 2 of column 'a' does not read as Double: 'x'." in caught.value.problems[0].message
