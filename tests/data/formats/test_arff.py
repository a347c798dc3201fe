from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.problem import ProblemError
from skyloom.data.formats.arff import read_arff, write_arff
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from tests.strategies import encodable, times

HEAD = """% comment
@RELATION 'weather data'

@attribute outlook {sunny, 'very rainy', "dull"}
@attribute 'air temperature' REAL
@ATTRIBUTE note string
@attribute day date "yyyy-MM-dd"
@data
"""


def _read(tmp_path: Path, text: str) -> Table:
    (tmp_path / "f.arff").write_text(text)
    return read_arff(str(tmp_path / "f.arff"))


def test_types_come_from_the_declarations(tmp_path: Path) -> None:
    table = _read(tmp_path, HEAD + "sunny,1.5,'a, b',2020-01-02\n'very rainy', ?, ?, ?\n% end\n\n")
    assert [(column.name, column.type) for column in table] == [
        ("outlook", "Categorical"), ("air temperature", "Double"), ("note", "String"), ("day", "DateTime"),
    ]  # fmt: skip
    frame = frame_from_table(table)
    assert list(frame["outlook"].cat.categories) == ["sunny", "very rainy", "dull"]
    assert frame["note"][0] == "a, b" and frame.isna().iloc[1].tolist() == [False, True, True, True]
    assert frame["day"][0] == pd.Timestamp("2020-01-02")


def test_sparse_rows_fill_in_zero_and_the_first_value(tmp_path: Path) -> None:
    head = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@attribute c numeric\n"
    text = head + "@data\n{0 5, 2 ?}\n{1 y}\n{}\n"
    frame = frame_from_table(_read(tmp_path, text))
    assert frame["a"].tolist() == [5.0, 0.0, 0.0] and frame["b"].tolist() == ["x", "y", "x"]
    assert np.isnan(frame["c"][0])


@pytest.mark.parametrize(
    "text",
    [
        "@relation x\n@attribute a {1,2\n@attribute b nominal-ish\n@data\n1\n%\n,,,\n",
        "@relation x\n@attribute a numeric\n@data\n1,2\n",
        "@relation x\n@attribute a numeric\n@data\nx\n",
        "@relation x\n@attribute a {u}\n@data\nv\n",
        "@relation x\n@attribute a numeric\n",
        "@relation x\n@attribute\n@data\n",
        "@attribute a relational\n@data\n",
        "@attribute a numeric\n@data\n{7 1}\n",
        "@attribute a numeric\n@data\n{0 1\n",
        "@attribute a date\n@data\nyesterday\n",
        "hello\n",
        "@attribute a string\n@data\n'open\n",
    ],
)
def test_what_is_no_arff_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProblemError, match="D041"):
        _read(tmp_path, text)


def test_no_attributes_is_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="D042"):
        _read(tmp_path, "@data\n")


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": [1.5, np.nan],
            "it's": ["a 'quoted', \\ one", "?"],
            "c": pd.Categorical(["x y", None], categories=["x y", "z"]),
            "t": times("2020-01-02 03:04:05", None),
        }
    )
    write_arff(table_from_frame(frame), str(tmp_path / "out"))
    back = frame_from_table(read_arff(str(tmp_path / "out")))
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)


@given(st.text(encodable, max_size=200))
def test_any_text_is_a_table_or_a_problem(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("arff") / "f"
    path.write_bytes(b"@attribute a string\n@attribute b {x}\n@data\n" + text.encode())
    try:
        read_arff(str(path))
    except ProblemError as error:
        assert error.problem.code == "D041"
