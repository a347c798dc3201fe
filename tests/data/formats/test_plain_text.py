from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.data.formats.plain_text import read_plain_text
from skyloom.data.to_frame import frame_from_table


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"\xef\xbb\xbfa\r\n\r\nNA,\x0cb", ["a", "", "NA,\x0cb"]),
        (b"one", ["one"]),
    ],
)
def test_each_line_is_a_cell(tmp_path: Path, content: bytes, lines: object) -> None:
    (tmp_path / "f").write_bytes(content)
    table = read_plain_text(str(tmp_path / "f"))
    assert table.names == ("Col1",) and frame_from_table(table)["Col1"].tolist() == lines


def test_an_empty_text_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    assert read_plain_text(str(tmp_path / "f")).rows == 0
