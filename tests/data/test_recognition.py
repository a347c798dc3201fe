"""What a script left alone is not stored again; what it wrote in place always is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyloom.data import pages
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.table_file import open_table
from skyloom.data.to_frame import frame_from_table
from tests.data.stored import store, stored

ROWS = 5000


@pytest.fixture(params=["page map", "comparison"])
def watched(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "comparison":
        monkeypatch.setattr(pages, "open_page_map", lambda: None)
    elif pages.open_page_map() is None:
        pytest.skip("this system has no page map")
    return str(request.param)


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "i": np.arange(ROWS),
            "f": np.linspace(0, 1, ROWS),
            "b": np.arange(ROWS) % 2 == 0,
            "bm": pd.Series([True, None, False, True, True] * (ROWS // 5), dtype=object),
            "s": [f"text {i}" if i % 7 else None for i in range(ROWS)],
            "c": pd.Categorical(["x", "y"] * (ROWS // 2)),
            "t": pd.date_range("2020", periods=ROWS, freq="h"),
            "tz": pd.date_range("2020", periods=ROWS, freq="h", tz="Europe/Madrid"),
            "d": pd.to_timedelta(np.arange(ROWS), unit="s"),
            "raw": pd.Series([b"x", None] * (ROWS // 2), dtype=object),
        }
    )


def _new(frame: Any, table: Table) -> set[str]:
    return {column.name for column in table_from_frame(frame, [table]) if column.origin is None}


def _mapped(tmp_path: Path) -> tuple[Table, dict[str, str]]:
    return stored(_frame(), tmp_path / "input")


def test_an_untouched_frame_is_all_known(tmp_path: Path, watched: str) -> None:
    table, _ = _mapped(tmp_path)
    assert _new(frame_from_table(table), table) == set()


@pytest.mark.parametrize("name", list(_frame().columns))
def test_one_cell_written_in_place_is_noticed(tmp_path: Path, watched: str, name: str) -> None:
    table, files = _mapped(tmp_path)
    frame = frame_from_table(table)
    # the row before the last holds another value than the last in every column but these two
    frame.loc[ROWS - 2, name] = {"bm": False, "raw": b"other"}.get(name, frame[name][ROWS - 1])
    expected = frame.copy(deep=True)
    assert _new(frame, table) == {name}
    again = store(table_from_frame(frame, [table]), tmp_path / "output", files)
    back = frame_from_table(open_table(str(tmp_path / "output"), files))
    pd.testing.assert_frame_equal(back, expected, check_freq=False)
    assert again.size < 200_000


def test_a_write_behind_the_back_of_pandas_is_noticed(tmp_path: Path, watched: str) -> None:
    table, _ = _mapped(tmp_path)
    frame = frame_from_table(table)
    np.frombuffer(table.column("f").buffers[0], "f8")[17] = -1.0
    assert _new(frame, table) == {"f"}


def test_a_value_written_over_itself_changes_nothing(tmp_path: Path, watched: str) -> None:
    table, _ = _mapped(tmp_path)
    frame = frame_from_table(table)
    frame.loc[10, "f"] = frame["f"][10]
    assert _new(frame, table) == set()


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=30)
@given(st.lists(st.tuples(st.integers(0, ROWS - 1), st.floats(2, 3)), max_size=5))
def test_the_table_always_holds_what_the_frame_holds(tmp_path: Path, writes: Any) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))  # mapped files are never written again
    folder.mkdir()
    table, files = _mapped(folder)
    frame = frame_from_table(table)
    for row, value in writes:
        frame.loc[row, "f"] = value
    store(table_from_frame(frame, [table]), folder / "output", files)
    back = frame_from_table(open_table(str(folder / "output"), files))
    assert back["f"].tolist() == frame["f"].tolist()


def test_a_deep_copy_is_known_by_its_content(tmp_path: Path, watched: str) -> None:
    table, _ = _mapped(tmp_path)
    assert _new(frame_from_table(table).copy(deep=True), table) == set()


def test_renamed_and_reordered_columns_stay_known(tmp_path: Path) -> None:
    table, _ = _mapped(tmp_path)
    frame = frame_from_table(table)[["t", "f", "i"]].rename(columns={"f": "other"})
    assert _new(frame, table) == set()


def test_fewer_rows_are_new_columns(tmp_path: Path) -> None:
    table, _ = _mapped(tmp_path)
    assert _new(frame_from_table(table).head(10), table) == set(table.names)


def test_the_same_bytes_under_another_type_are_new(tmp_path: Path) -> None:
    table, _ = _mapped(tmp_path)
    frame = frame_from_table(table)
    same_bytes = pd.DataFrame({"i": frame["i"].to_numpy().view("f8")}, copy=False)
    assert _new(same_bytes, table) == {"i"}


def test_another_time_zone_shares_the_instants(tmp_path: Path) -> None:
    table, files = _mapped(tmp_path)
    frame = frame_from_table(table)[["tz"]]
    frame["tz"] = frame["tz"].dt.tz_convert("UTC")
    result = table_from_frame(frame, [table])
    assert result.columns[0].origin is not None
    store(result, tmp_path / "output", files)
    assert str(frame_from_table(open_table(str(tmp_path / "output"), files))["tz"].dt.tz) == "UTC"


def test_a_column_of_the_second_input_is_known_too(tmp_path: Path) -> None:
    first, _ = stored(pd.DataFrame({"a": np.arange(ROWS)}), tmp_path / "1")
    second, _ = stored(pd.DataFrame({"a": np.arange(ROWS) * 2}), tmp_path / "2")
    assert second.columns[0].origin is not None
    (column,) = table_from_frame(frame_from_table(second).copy(deep=True), [first, second])
    assert column.origin == second.columns[0].origin
