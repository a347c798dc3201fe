"""A whole script: order of evaluation, all outputs or none, files larger than memory, encodings."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runner.usql.conftest import Ran

Run = Callable[..., Ran]
READ = '@d = EXTRACT k int, s string FROM "@@data@@/d.csv" USING Extractors.Csv({});\n'
WRITE = 'OUTPUT @r TO "@@out@@/r.csv" {}USING Outputters.Csv({});\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_a_filter_of_an_earlier_rowset_guards_the_expressions_behind_it(run_usql: Run, data: Path) -> None:
    rows = ((i, "" if i % 3 else "x" * (i % 7)) for i in range(30_000))
    (data / "d.csv").write_text("".join(f"{i},{s}\n" for i, s in rows))
    ran = run_usql(
        READ.format("")
        + "@a = SELECT k, s FROM @d WHERE s != null;\n"
        + "@r = SELECT k, s.Length / s.Length AS one FROM @a WHERE s.Length > 0 && 100 / s.Length > 20;\n"
        + WRITE.format("", ""),
        data,
    )
    assert ran.places == []
    wanted = [i for i in range(30_000) if i % 3 == 0 and 0 < i % 7 < 5]
    assert sorted(int(line.partition(",")[0]) for line in ran.text().split()) == wanted


def test_rows_larger_than_memory_are_sorted_grouped_and_joined(run_usql: Run, data: Path) -> None:
    count, memory = 420_000, 100_000_000
    with open(data / "d.csv", "w") as file:
        file.writelines(f"{i * 7919 % count},{'word' * 20}{i}\n" for i in range(count))
    ran = run_usql(
        READ.format("")
        + "@twice = SELECT a.k, a.s, b.s AS t FROM @d AS a INNER JOIN @d AS b ON a.k == b.k;\n"
        + "@r = SELECT k, s, t FROM @twice;\n"
        + WRITE.format("ORDER BY k ", "quoting: false"),
        data,
        limits={"memory_bytes": memory},
    )
    assert ran.places == []
    assert ran.said == [f"OUTPUT @@out@@/r.csv: {count} rows"]
    assert (ran.folder / "r.csv").stat().st_size > 0.7 * memory, "it would have fitted"
    with open(ran.folder / "r.csv") as file:
        assert [next(file).partition(",")[0] for _ in range(3)] == ["0", "1", "2"]


def test_a_script_that_fails_late_leaves_what_was_there(run_usql: Run, data: Path) -> None:
    (data / "d.csv").write_text("1,a\n2,b\n")
    good = READ.format("") + "@r = SELECT k FROM @d;\n" + WRITE.format("", "")
    assert run_usql(good, data).text() == "1\r\n2\r\n"
    bad = good + '@f = SELECT 1 / (k - 2) AS x FROM @d;\nOUTPUT @f TO "@@out@@/f.csv" USING Outputters.Csv();'
    ran = run_usql(bad.replace("SELECT k FROM", "SELECT k + 1 AS k FROM"), data)
    assert ran.places == ["U042 4:15"]
    assert ran.text() == "1\r\n2\r\n"
    assert [path.name for path in ran.folder.iterdir()] == ["r.csv"]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Encoding.Unicode", "utf-16-le"),
        ("Encoding.UTF8", "utf-8-sig"),
        ('Encoding.GetEncoding("windows-1252")', "cp1252"),
    ],
)
def test_files_of_other_encodings_are_read(name: str, encoding: str, run_usql: Run, data: Path) -> None:
    (data / "d.csv").write_bytes("1,café\r\n".encode(encoding))
    ran = run_usql(
        READ.format(f"encoding: {name}") + "@r = SELECT k, s FROM @d;\n" + WRITE.format("", ""), data
    )
    assert (ran.places, ran.text()) == ([], '1,"café"\r\n')


def test_files_of_other_encodings_and_line_ends_are_written(run_usql: Run, data: Path) -> None:
    (data / "d.csv").write_text("1,é\n")
    options = r'encoding: Encoding.Unicode, rowDelimiter: "|", outputHeader: true'
    ran = run_usql(READ.format("") + "@r = SELECT k, s FROM @d;\n" + WRITE.format("", options), data)
    assert (ran.folder / "r.csv").read_bytes() == '\ufeff"k","s"|1,"é"|'.encode("utf-16-le")


def test_packed_files_are_read_as_they_are(run_usql: Run, data: Path) -> None:
    (data / "d.csv.gz").write_bytes(gzip.compress(b'1,"a\nb"\n'))
    text = READ.format("").replace("d.csv", "d.csv.gz") + "@r = SELECT s FROM @d;\n" + WRITE.format("", "")
    assert run_usql(text, data).text() == '"a\nb"\r\n'


def test_empty_cells_are_null_and_quoted_ones_are_empty_text(run_usql: Run, data: Path) -> None:
    (data / "d.csv").write_text('1,\n2,""\n')
    text = READ.format("") + '@r = SELECT s == null AS n, s == "" AS e FROM @d;\n' + WRITE.format("", "")
    assert run_usql(text, data).text() == "True,False\r\nFalse,True\r\n"


def test_a_file_set_without_files_is_an_empty_rowset(run_usql: Run, data: Path) -> None:
    text = READ.format("").replace("d.csv", "{*}.csv") + "@r = SELECT COUNT(*) AS n FROM @d;\n"
    assert run_usql(text + WRITE.format("", ""), data).text() == "0\r\n"


def test_a_path_does_not_lead_out_of_its_port(run_usql: Run, data: Path) -> None:
    text = (
        READ.format("").replace("d.csv", "../secret.csv") + "@r = SELECT k FROM @d;\n" + WRITE.format("", "")
    )
    assert run_usql(text, data).places == ["U024 1:35"]


def test_places_are_those_of_the_text_before_its_parameters_were_filled_in(run_usql: Run, data: Path) -> None:
    (data / "d.csv").write_text("1,a\n")
    text = READ.format("") + '@r = SELECT "@@word@@" AS w, kk FROM @d;\n' + WRITE.format("", "")
    given: dict[str, Any] = {"word": "of\\n two lines, and long"}
    assert run_usql(text, data, **given).places == ["U008 2:30"]


def test_a_parameter_with_a_quote_cannot_hide_a_fault(run_usql: Run, data: Path) -> None:
    (data / "d.csv").write_text("1,a\n")
    text = READ.format("") + '@r = SELECT "@@word@@" AS w FROM @d;\n' + WRITE.format("", "")
    assert run_usql(text, data, word='a" + missing + "').places == ["U008 2:14"]


def test_deep_nesting_is_refused_with_words(run_usql: Run) -> None:
    deep = "(" * 5000 + "1" + ")" * 5000
    assert run_usql(f"DECLARE @x int = {deep};").places == ["U002 1:58"]
    assert run_usql(f"DECLARE @x int = {'1 + ' * 5000} 1;").problems[0].code == "U002"
