"""The scripts of tests/vectors/usql: right ones against SQL by hand, wrong ones against their places."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.runner.usql.conftest import VECTORS, Ran

RIGHT = sorted((VECTORS / "right").glob("*.usql"))
WRONG = sorted((VECTORS / "wrong").glob("*.usql"))
_TABLES = {
    "searchlog": (
        "searchlog.tsv",
        "delim='\t', header=false, timestampformat='%m/%d/%Y %I:%M:%S %p', columns={'UserId': 'INT', "
        "'Start': 'TIMESTAMP', 'Region': 'VARCHAR', 'Query': 'VARCHAR', 'Duration': 'INT', "
        "'Urls': 'VARCHAR', 'Clicked': 'VARCHAR'}",
    ),
    "employees": (
        "employees.csv",
        "header=true, allow_quoted_nulls=false, columns={'EmpID': 'INT', 'EmpName': 'VARCHAR', "
        "'DeptID': 'INT', 'Salary': 'INT', 'StartDate': 'TIMESTAMP', 'Phones': 'VARCHAR'}",
    ),
    "departments": ("departments.csv", "header=false, columns={'DeptID': 'INT', 'DeptName': 'VARCHAR'}"),
    "tweets": ("tweets.csv", "header=false, columns={'author': 'VARCHAR', 'tweet': 'VARCHAR'}"),
}


@pytest.fixture(scope="module")
def by_hand() -> Callable[[str], list[tuple[Any, ...]]]:
    connection = duckdb.connect()
    for name, (file, options) in _TABLES.items():
        path = VECTORS / "data" / file
        connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', auto_detect=false, {options})"
        )

    def query(text: str) -> list[tuple[Any, ...]]:
        return connection.execute(text.replace("{data}", str(VECTORS / "data"))).fetchall()

    return query


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_script_gives_what_the_query_by_hand_gives(
    path: Path, run_usql: Callable[..., Ran], by_hand: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.match(r"/\* In (this|any) order, as DuckDB gives it:\n(.*?)\n\*/", text, re.DOTALL)
    assert found is not None
    ran = run_usql(text, least=200)
    assert [str(problem) for problem in ran.problems] == []
    rows = [[_plain(cell) for cell in row] for row in csv.reader(io.StringIO(ran.text(), newline=""))]
    wanted = [[_plain(_text(cell)) for cell in row] for row in by_hand(found.group(2))]
    assert wanted
    if found.group(1) == "any":
        rows, wanted = sorted(rows), sorted(wanted)
    assert rows == wanted


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_fault_is_told_with_its_line_and_column(path: Path, run_usql: Callable[..., Ran]) -> None:
    text = path.read_text(encoding="utf-8")
    ran = run_usql(text)
    assert ran.places == text.splitlines()[0].removeprefix("// expected: ").split(", ")
    assert all(problem.message.endswith((".", "?", ";")) or problem.message for problem in ran.problems)
    assert list(ran.folder.iterdir()) == [], "a script with a fault writes nothing"


def test_there_are_thirty_of_each() -> None:
    assert len(RIGHT) >= 30
    assert len(WRONG) >= 30


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="microseconds") + "0"
    return "" if cell is None else str(cell)


def _plain(text: str) -> str:
    """Numbers to nine digits, whatever wrote them."""
    try:
        return f"{float(text):.9g}"
    except ValueError:
        return text
