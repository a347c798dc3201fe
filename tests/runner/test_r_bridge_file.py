"""A bridge file is read as hostile bytes: a table that keeps its promises, or error S209; nothing else."""

from __future__ import annotations

import io
import os
import struct
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tests.strategies import STABLE, frames

from skyloom.core.problem import ProblemError
from skyloom.data.buffer_checks import buffer_fault
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from skyloom.runner.r_bridge_file import BridgeTable, read_bridge
from skyloom.runner.r_columns import write_bridge
from skyloom.runner.r_tables import table_from_bridge

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=200)


def bytes_of(frame: pd.DataFrame) -> bytes:
    """A frame as R would write it: both directions have one form."""
    file = io.BytesIO()
    write_bridge(table_from_frame(frame), file, lambda text: None)
    return file.getvalue()


def read(content: bytes, most_bytes: int = 1 << 30) -> BridgeTable:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        bridge = read_bridge(file.name, most_bytes)
    assert bridge is not None
    return bridge


def table_of(content: bytes, *inputs: Table) -> Table:
    table = table_from_bridge(read(content), inputs, lambda text: None)
    faults = [buffer_fault(column.layout, column.flat_buffers) for column in table]
    assert faults == [None] * len(faults)
    frame_from_table(table, load_objects=True)
    return table


SAMPLE = pd.DataFrame(
    {
        "i": [1, 2],
        "x": [0.5, np.nan],
        "b": [True, False],
        "s": pd.Series(["ä", None], dtype="str"),
        "f": pd.Categorical(["v", "u"], categories=["u", "v"]),
        "t": pd.to_datetime(["2024-01-01", "NaT"]),
        "z": pd.to_datetime(["2024-01-01", "NaT"]).tz_localize("Europe/Berlin"),
        "d": pd.to_timedelta([1, 2], unit="s"),
        "o": pd.Series([b"\0x", None], dtype=object),
    }
)


@quiet
@given(frame=frames(kinds=sorted(set(STABLE) - {"objects"})))
def test_what_was_written_is_read(frame: pd.DataFrame) -> None:
    table = table_from_frame(frame)
    assert_frame_equal(
        frame_from_table(table_of(bytes_of(frame), table), load_objects=True),
        frame_from_table(table, load_objects=True),
    )


@quiet
@given(st.data())
def test_any_change_of_the_bytes_is_refused_or_gives_a_sound_table(data: st.DataObject) -> None:
    content = bytearray(bytes_of(SAMPLE))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.one_of(st.integers(0, 255), st.sampled_from([0, 1, 127, 128, 255])))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    try:
        table_of(bytes(content))
    except ProblemError as error:
        assert error.problem.code in ("S209", "D026")


def head(columns: int, rows: float) -> bytes:
    return b"SKYRTBL1" + struct.pack("<id", columns, rows)


def one(kind: int, rows: float, cells: bytes) -> bytes:
    """A file of one column called "x"."""
    return head(1, rows) + struct.pack("<i", kind) + b"x\0\0" + cells


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it ends too early"),
        (b"SKYRTBL2" + bytes(12), "it does not begin as it should"),
        (head(-1, 0), "it says it has -1 columns"),
        (head(1, 2.5), "a count is no whole number"),
        (head(1, float("nan")), "a count is no whole number"),
        (one(3, 1, b""), "it ends too early"),
        (one(3, 2.0**52, b""), "it ends too early"),
        (one(99, 1, b""), "no kind of column with the number 99"),
        (head(1, 1) + struct.pack("<i", 3) + b"x" * 9, "a name does not end"),
        (head(0, 0) + b"!", "there is more in it than it says"),
        (one(4, 1, struct.pack("<bbd", 0, 0, 4) + b"a\0b\0"), "a column has 2 texts for 1 rows"),
        (one(4, 1, struct.pack("<bbbd", 1, 0, 7, 1) + b"\0"), "presence other than 0 and 1"),
        (one(7, 1, struct.pack("<iibbd", 2, 1, 0, 0, 2) + b"a\0"), "a factor has codes without a level"),
        (one(7, 0, struct.pack("<ibbd", 2, 0, 0, 4) + b"a\0a\0"), "a factor has a level twice"),
        (one(8, 1, struct.pack("<bd", 0, -1)), "a length is no whole number"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, said: str) -> None:
    with pytest.raises(ProblemError, match="S209") as caught:
        read(content)
    assert said in caught.value.problem.message


def test_one_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ProblemError, match="bytes; 100 are allowed"):
        read(bytes_of(SAMPLE), most_bytes=100)


def test_a_link_or_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(bytes_of(SAMPLE))
    os.symlink(tmp_path / "real", tmp_path / "link")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(ProblemError, match="S209"):
            read_bridge(str(tmp_path / name), 1 << 30)


def test_none_is_none(tmp_path: Path) -> None:
    assert read_bridge(str(tmp_path / "nothing"), 1 << 30) is None
