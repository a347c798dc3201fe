"""The page on U-SQL names all that is understood, and nothing else; its script runs."""

from __future__ import annotations

import re
from pathlib import Path

from skyloom.runner.usql.aggregates import AGGREGATES, WINDOW_ONLY
from skyloom.runner.usql.call import call_usql
from skyloom.runner.usql.clr_type import SQL_TYPES
from skyloom.runner.usql.members import METHODS, PROPERTIES, SPECIAL, STATIC
from skyloom.runner.usql.options import EXTRACT_OPTIONS, OUTPUT_OPTIONS
from skyloom.runner.usql.places import Places

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "u-sql.md").read_text(encoding="utf-8")
STATIC_SPECIAL = {"Convert": {"ToString"}, "string": {"Concat", "Format"}, "DateTime": {"ParseExact"}}


def _row(start: str) -> set[str]:
    """The words in backticks of the first line that begins so."""
    line = next(line for line in PAGE.splitlines() if line.startswith(start))
    return set(re.findall(r"`([^`]*)`", line[len(start) :]))


def _rows(head: str) -> dict[str, set[str]]:
    table = PAGE.split(head)[1].split("\n\n")[0].splitlines()[2:]
    cells = [line.strip("| ").split(" | ") for line in table]
    return {kind.replace("`", ""): set(re.findall(r"`([^`]*)`", names)) for kind, names in cells}


def test_every_member_of_values_is_named() -> None:
    kinds = {kind for kind, _ in (*PROPERTIES, *METHODS)} | SPECIAL.keys() - {"Convert"}
    known = {
        kind: {name for owner, name in (*PROPERTIES, *METHODS) if owner == kind} | set(SPECIAL.get(kind, ()))
        for kind in kinds
    }
    assert _rows("| of values of | members |") == known


def test_every_static_member_is_named() -> None:
    known = {kind: {name for owner, name in STATIC if owner == kind} for kind, _ in STATIC}
    assert _rows("| static, of | members |") == {
        kind: names | STATIC_SPECIAL.get(kind, set()) for kind, names in known.items()
    }


def test_every_option_type_and_aggregate_is_named() -> None:
    names = ("Csv", "Tsv", "Text")
    for room, options in (("Extractors", EXTRACT_OPTIONS), ("Outputters", OUTPUT_OPTIONS)):
        assert _row(f"| `{room}.Csv`") - {f"{room}.{name}" for name in names} == set(options)
    types = {"SQL.ARRAY<T>", "T[]", "SQL.MAP<K, V>", "?"}
    assert _row("Types: ") - types == SQL_TYPES.keys() - {"null", "DayOfWeek", "StringComparison"}
    words = _row("Aggregates: ") - {"OVER (...)", "WITHIN GROUP (ORDER BY ...)"}
    assert words == {*AGGREGATES, *WINDOW_ONLY}


def test_the_script_of_the_page_runs(tmp_path: Path) -> None:
    found = re.search(r"```usql\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (tmp_path / "staff.csv").write_text("Name,Dept,Days\nAmy,HR,\nNoah,IT,9\nLiam,IT,2\n")
    places = Places({"staff": str(tmp_path / "staff.csv")}, {"totals": str(tmp_path / "totals.csv")})
    call_usql(found.group(1), "page.usql", places, {"least": 5}, work=str(tmp_path))
    assert (tmp_path / "totals.csv").read_text() == '"Dept","Days","People"\n"HR",0,1\n"IT",9,1\n'
