from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import table_from_frame
from skyloom.data.object_cells import PickledObject
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import frame_from_table
from tests.data.stored import stored
from tests.strategies import MODERN_STRINGS, MODERN_TIMES


def test_numbers_keep_the_memory_of_the_table(tmp_path: Path) -> None:
    table, _ = stored(pd.DataFrame({"a": np.arange(1000), "b": np.arange(1000.0)}), tmp_path / "t")
    frame = frame_from_table(table)
    for column in table:
        address = np.frombuffer(column.buffers[0], "u1").__array_interface__["data"][0]
        assert frame[column.name].to_numpy().__array_interface__["data"][0] == address


def test_writing_in_place_changes_the_frame_and_never_the_file(tmp_path: Path) -> None:
    table, _ = stored(pd.DataFrame({"a": np.arange(1000.0)}), tmp_path / "t")
    before = (tmp_path / "t").read_bytes()
    frame = frame_from_table(table)
    frame.loc[0, "a"] = 99.0
    assert frame["a"][0] == 99.0
    assert (tmp_path / "t").read_bytes() == before


def test_missing_text_is_nan_in_pandas_3_and_none_before() -> None:
    values = frame_from_table(table_from_frame(pd.DataFrame({"s": ["x", None]})))["s"]
    assert values.dtype == ("str" if MODERN_STRINGS else object)
    assert values.isna().tolist() == [False, True]


def test_pickled_cells_stay_closed_unless_asked() -> None:
    table = table_from_frame(pd.DataFrame({"o": pd.Series([{"k": 1}, None], dtype=object)}))
    cells = frame_from_table(table)["o"].tolist()
    assert isinstance(cells[0], PickledObject) and cells[1] is None
    assert frame_from_table(table, load_objects=True)["o"].tolist() == [{"k": 1}, None]


def test_closed_cells_are_stored_as_the_same_bytes() -> None:
    table = table_from_frame(pd.DataFrame({"o": pd.Series([{"k": 1}], dtype=object)}))
    again = table_from_frame(frame_from_table(table))
    assert [bytes(buffer) for buffer in again.columns[0].buffers] == [
        bytes(b) for b in table.columns[0].buffers
    ]


def test_a_pickle_of_an_unknown_class_is_a_problem() -> None:
    content = b"cno_such_module\nThing\n."
    table = table_from_frame(pd.DataFrame({"o": pd.Series([PickledObject(content)], dtype=object)}))
    with pytest.raises(ProblemError, match="D032"):
        frame_from_table(table, load_objects=True)


def test_times_beyond_nanoseconds_are_kept() -> None:
    ticks: Any = np.array([-62135596800, -(2**63)], "<i8").view("u1")  # year 1, and missing
    column = Column(ColumnAttributes("t", "DateTime", unit="s"), 2, (memoryview(ticks),))
    values = frame_from_table(Table(2, (column,)))["t"]
    assert values[0].year == 1 and values.isna()[1]
    assert (values.dtype == "M8[s]") if MODERN_TIMES else (values.dtype == object)


def test_an_unknown_time_zone_gives_utc_and_a_notice() -> None:
    ticks: Any = np.zeros(1, "<i8").view("u1")
    attributes = ColumnAttributes("t", "DateTime", unit="ns", time_zone="Mars/Olympus")
    notices: list[str] = []
    table = Table(1, (Column(attributes, 1, (memoryview(ticks),)),))
    frame = frame_from_table(table, notices=notices)
    assert frame["t"][0] == pd.Timestamp(0, tz="UTC") and "Mars/Olympus" in notices[0]


def test_repeated_categories_are_a_problem() -> None:
    names = table_from_frame(pd.DataFrame({"": ["x", "x"]})).columns[0]
    codes = memoryview(bytes(4))
    table = Table(1, (Column(ColumnAttributes("c", "Categorical"), 1, (codes,), names),))
    with pytest.raises(ProblemError, match="D026"):
        frame_from_table(table)


def test_wide_small_tables_are_one_block_so_that_adding_a_column_is_quiet() -> None:
    table = table_from_frame(pd.DataFrame(np.zeros((3, 150))))
    frame = frame_from_table(table)
    frame["new"] = 1  # a fragmented frame would warn, and warnings are errors here
    assert frame.shape == (3, 151)


def test_a_table_without_columns_keeps_its_rows() -> None:
    assert frame_from_table(table_from_frame(pd.DataFrame(index=range(3)))).shape == (3, 0)


def test_no_descriptor_is_left_open_by_a_table_that_is_gone(tmp_path: Path) -> None:
    table, _ = stored(pd.DataFrame({"a": [1.0]}), tmp_path / "t")
    before = len(os.listdir("/proc/self/fd"))
    again, _ = stored(pd.DataFrame({"a": [1.0]}), tmp_path / "u")
    frame_from_table(again)
    del again
    assert len(os.listdir("/proc/self/fd")) == before
    assert table.rows == 1
