from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.formats.csv import CHUNK_ROWS, read_csv, read_csv_folder, write_csv
from skyloom.data.formats.tsv import read_tsv, write_tsv
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table


def _read(tmp_path: Path, content: bytes, **options: Any) -> Table:
    (tmp_path / "file.csv").write_bytes(content)
    return read_csv(str(tmp_path / "file.csv"), **options)


def _rows(table: Table) -> list[list[Any]]:
    frame = frame_from_table(table).astype(object)
    return frame.where(frame.notna(), None).values.tolist()  # type: ignore[no-any-return]


def test_types_are_inferred(tmp_path: Path) -> None:
    table = _read(tmp_path, b"i,f,b,s,n\n1,1.5,True,x,\n2,2,False,y,\n")
    assert [column.type for column in table] == ["Integer", "Double", "Boolean", "String", "Double"]


def test_header_names_lose_blanks_and_become_distinct(tmp_path: Path) -> None:
    assert _read(tmp_path, b" a , b, a,\n1,2,3,4\n").names == ("a", "b", "a(2)", "Col4")


def test_quoted_header_names_may_hold_separators_and_line_ends(tmp_path: Path) -> None:
    table = _read(tmp_path, b'"a,\nx",b\n1,2\n')
    assert table.names == ("a,\nx", "b") and _rows(table) == [[1, 2]]


def test_without_header_names_count_the_widest_of_the_first_lines(tmp_path: Path) -> None:
    table = _read(tmp_path, b"1,2\n3,4,5\n6\n", header=False)
    assert table.names == ("Col1", "Col2", "Col3")
    assert _rows(table) == [[1, 2, None], [3, 4, 5], [6, None, None]]


def test_question_marks_and_blanks_after_separators(tmp_path: Path) -> None:
    assert _rows(_read(tmp_path, b"a,b\n1, ?\n?, x\nNA,\n")) == [[1, None], [None, "x"], [None, None]]


def test_short_rows_are_filled_and_long_rows_dropped_with_their_line(tmp_path: Path) -> None:
    notices: list[str] = []
    table = _read(tmp_path, b"a,b,c\n1,2,3\n4,5\n6,7,8,9,10\n", notices=notices)
    assert _rows(table) == [[1, 2, 3], [4, 5, None]]
    assert notices == ["Line 4 was dropped: it has 5 fields where 3 are expected."]


def test_a_long_row_right_after_the_header_is_dropped_too(tmp_path: Path) -> None:
    notices: list[str] = []
    table = _read(tmp_path, b"a,b\n1,2,3\n\n4,5,6\n7,8\n9,10,11\n", notices=notices)
    assert _rows(table) == [[7, 8]]
    assert [line.split()[1] for line in notices] == ["2", "4", "6"]


def test_many_dropped_rows_are_counted(tmp_path: Path) -> None:
    notices: list[str] = []
    _read(tmp_path, b"a\n1\n" + b"1,2\n" * 50, notices=notices)
    assert len(notices) == 6 and notices[-1].startswith("45 further lines")


def test_a_column_that_changes_its_kind_between_chunks_fails(tmp_path: Path) -> None:
    content = b"id,x\n" + b"1,1\n" * CHUNK_ROWS + b"1,text\n"
    with pytest.raises(ProblemError) as caught:
        _read(tmp_path, content)
    assert (caught.value.problem.code, caught.value.problem.where) == ("D043", "x")


@pytest.mark.parametrize("odd", [b"?", b""])
def test_a_chunk_with_nothing_but_missing_cells_fits_any_kind(tmp_path: Path, odd: bytes) -> None:
    content = b"id,x\n" + b"1,%s\n" % odd * CHUNK_ROWS + b"1,text\n"
    table = _read(tmp_path, content)
    assert table.column("x").type == "String" and table.rows == CHUNK_ROWS + 1


def test_numbers_widen_from_chunk_to_chunk(tmp_path: Path) -> None:
    table = _read(tmp_path, b"x\n" + b"1\n" * CHUNK_ROWS + b"1.5\n")
    assert table.column("x").type == "Double"


def test_truth_values_with_missing_cells_are_not_text(tmp_path: Path) -> None:
    table = _read(tmp_path, b"i,x\n" + b"1,True\n1,\n" * (CHUNK_ROWS // 2) + b"1,False\n")
    assert table.column("x").type == "Boolean"


def test_latin_text_is_recognised_with_a_notice(tmp_path: Path) -> None:
    notices: list[str] = []
    text = "name,city\n" + "José,Málaga\nÁngel,Cádiz\n" * 20
    table = _read(tmp_path, text.encode("latin-1"), notices=notices)
    assert _rows(table)[0] == ["José", "Málaga"] and "not UTF-8" in notices[0]


def test_a_byte_order_mark_is_no_part_of_the_name(tmp_path: Path) -> None:
    assert _read(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n").names == ("a", "b")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_a_problem(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ProblemError, match="D042"):
        _read(tmp_path, content)


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    table = _read(tmp_path, b"a,b\n")
    assert (table.names, table.rows) == (("a", "b"), 0)


def test_a_header_of_a_million_columns_is_refused_quickly(tmp_path: Path) -> None:
    started = time.perf_counter()
    with pytest.raises(ProblemError, match="D005"):
        _read(tmp_path, ",".join(f"c{i}" for i in range(1_000_000)).encode())
    assert time.perf_counter() - started < 10


def test_a_quote_that_never_closes_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="D041"):
        _read(tmp_path, b'a,b\n1,"never closed\nx,y\n')


def test_nul_bytes_and_broken_marks_never_crash(tmp_path: Path) -> None:
    _read(tmp_path, b"\xff\xfea,b\n1,\x00\n\xe9,\xc3\xa9\n")
    _read(tmp_path, b"a,b\n1,\x00\n")


def test_carriage_returns_end_lines(tmp_path: Path) -> None:
    assert _rows(_read(tmp_path, b"a,b\r\n1,x\r\n2,y\r\n")) == [[1, "x"], [2, "y"]]


def test_a_descriptor_is_read_from_its_beginning_and_stays_open(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\n1\n")
    descriptor = os.open(str(tmp_path / "f"), os.O_RDONLY)
    assert read_csv(descriptor).rows == read_csv(descriptor).rows == 1
    os.close(descriptor)


def test_files_of_a_folder_are_joined_in_order(tmp_path: Path) -> None:
    for name, content in (("1", b"a,b\n1,x\n"), ("2", b"a,b\n2,\n3,y\n")):
        (tmp_path / name).write_bytes(content)
    table = read_csv_folder([str(tmp_path / "1"), str(tmp_path / "2")])
    assert _rows(table) == [[1, "x"], [2, None], [3, "y"]]


def test_files_of_other_columns_do_not_join(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(b"a\n1\n")
    (tmp_path / "2").write_bytes(b"b\n1\n")
    with pytest.raises(ProblemError, match="D044"):
        read_csv_folder([str(tmp_path / "1"), str(tmp_path / "2")])


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"i": [1, 2], "f": [0.1, np.nan], "s": ["a,b", 'q"\n'], "b": [True, False]})
    for write, read in ((write_csv, read_csv), (write_tsv, read_tsv)):
        write(table_from_frame(frame), str(tmp_path / "out"))
        pd.testing.assert_frame_equal(frame_from_table(read(str(tmp_path / "out"))), frame)


def test_floats_read_back_to_the_last_digit(tmp_path: Path) -> None:
    frame = pd.DataFrame({"f": np.random.default_rng(1).standard_normal(5000)})
    write_csv(table_from_frame(frame), str(tmp_path / "out"))
    assert frame_from_table(read_csv(str(tmp_path / "out")))["f"].tolist() == frame["f"].tolist()


def test_formulas_are_guarded_when_asked(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=x": ['=HYPERLINK("x")', "-1+1"], "n": [-1, 2]})
    write_csv(table_from_frame(frame), str(tmp_path / "plain"))
    assert b'"=HYPERLINK' in (tmp_path / "plain").read_bytes()
    write_csv(table_from_frame(frame), str(tmp_path / "guarded"), guard_formulas=True)
    assert (tmp_path / "guarded").read_text() == '\'=x,n\n"\'=HYPERLINK(""x"")",-1\n\'-1+1,2\n'
