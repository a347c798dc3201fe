from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.formats.svmlight import read_svmlight, write_svmlight
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table


def _read(tmp_path: Path, text: str, budget_bytes: int = 1 << 20) -> Table:
    (tmp_path / "f").write_text(text)
    return read_svmlight(str(tmp_path / "f"), budget_bytes=budget_bytes)


def test_rows_become_dense_columns_and_a_label(tmp_path: Path) -> None:
    table = _read(tmp_path, "# head\n1 1:0.5 3:2 # note\n-1 qid:7 2:-1e3\n\n0\n")
    assert table.names == ("Col1", "Col2", "Col3", "Labels")
    assert table.column("Labels").attributes.label_role == "True Labels"
    assert frame_from_table(table).values.tolist() == [[0.5, 0, 2, 1], [0, -1000, 0, -1], [0, 0, 0, 0]]


@pytest.mark.parametrize("text", ["one 1:2\n", "1 a:2\n", "1 1\n", "1 0:5\n", "1 1:x\n"])
def test_what_is_no_svmlight_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProblemError, match=r"D041.*line 2"):
        _read(tmp_path, "1 1:1\n" + text)


def test_a_line_cannot_ask_for_unlimited_columns(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="D005"):
        _read(tmp_path, "1 999999999:1\n")
    with pytest.raises(ProblemError, match="D006"):
        _read(tmp_path, "1 90000:1\n" * 100)


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="D042"):
        _read(tmp_path, "# nothing\n")


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    table = table_from_frame(
        pd.DataFrame({"y": [1.0, 0.5], "a": [0, 3], "b": [0.1, np.nan], "c": [True, False]})
    )
    table = table.with_attributes({"y": table.column("y").attributes.as_label()})
    write_svmlight(table, str(tmp_path / "out"))
    assert (tmp_path / "out").read_text().splitlines()[0] == "1 2:0.1 3:1.0"
    back = frame_from_table(read_svmlight(str(tmp_path / "out")))
    np.testing.assert_array_equal(back.to_numpy(), [[0, 0.1, 1, 1], [3, np.nan, 0, 0.5]])


def test_writing_needs_a_label_and_numbers(tmp_path: Path) -> None:
    table = table_from_frame(pd.DataFrame({"y": [1], "s": ["x"], "t": ["y"]}))
    with pytest.raises(ProblemError, match="D045"):
        write_svmlight(table, str(tmp_path / "out"))
    label = table.with_attributes({"y": table.column("y").attributes.as_label()})
    with pytest.raises(ProblemError) as caught:
        write_svmlight(label, str(tmp_path / "out"))
    assert [problem.where for problem in caught.value.problems] == ["s", "t"]
