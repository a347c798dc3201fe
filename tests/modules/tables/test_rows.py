from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from skyloom.data.table_file import verify_table
from skyloom.modules.tables.keys import MISSING_KEY, row_keys
from skyloom.modules.tables.rows import NO_ROW, keep_rows, take_rows
from tests.data.stored import store, stored
from tests.modules.running import as_table, frame
from tests.strategies import frames

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)


@quiet
@given(frames(), st.data())
def test_taken_rows_are_those_that_pandas_takes(source: pd.DataFrame, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(source) - 1), max_size=10)) if len(source) else []
    taken = take_rows(as_table(source), places)
    expected = frame(as_table(source)).iloc[places].reset_index(drop=True)
    if places:
        assert_frame_equal(frame(taken), expected, check_dtype=False)
    assert (taken.rows, taken.names) == (len(places), as_table(source).names)


@quiet
@given(frames(), st.data())
def test_a_taken_table_can_be_stored(source: pd.DataFrame, data: st.DataObject) -> None:
    places = data.draw(
        st.lists(st.integers(NO_ROW if len(source) else 0, max(len(source) - 1, 0)), max_size=10)
    )
    taken = take_rows(as_table(source), places if len(source) else [NO_ROW] * len(places))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        store(taken, path)
        assert verify_table(str(path), {}) == ()


@quiet
@given(frames(), st.integers(1, 4))
def test_a_row_that_is_nowhere_is_missing_in_every_column(source: pd.DataFrame, count: int) -> None:
    table = take_rows(as_table(source), [NO_ROW] * count)
    assert frame(table).isna().all(axis=None)
    assert "Integer" not in {column.type for column in table}


@quiet
@given(frames(), st.integers(0, 8), st.integers(0, 8))
def test_neighbouring_rows_are_the_same_taken_one_by_one(source: pd.DataFrame, start: int, stop: int) -> None:
    table = as_table(source)
    inside = range(min(start, len(source)), min(stop, len(source)))
    once, twice = (
        take_rows(table, inside),
        take_rows(take_rows(table, [*inside, *inside]), range(len(inside))),
    )
    assert_frame_equal(frame(once), frame(twice))


def test_all_rows_in_their_order_are_the_table_itself(tmp_path: Path) -> None:
    table, _ = stored(pd.DataFrame({"a": ["x", "y"]}), tmp_path / "table")
    assert take_rows(table, [0, 1]) is table
    assert keep_rows(table, np.array([True, True])) is table


@quiet
@given(frames(kinds=["integers", "text", "booleans", "categories", "bytes"], max_columns=3))
def test_rows_have_one_key_when_they_are_equal_and_none_when_a_cell_is_missing(source: pd.DataFrame) -> None:
    if not source.shape[1]:
        return
    keys = row_keys(as_table(source).columns)
    cells: list[tuple[Any, ...]] = [tuple(row) for row in frame(as_table(source)).itertuples(index=False)]
    missing = source.isna().any(axis=1)
    assert [key == MISSING_KEY for key in keys] == missing.tolist()
    for first in range(len(cells)):
        for second in range(first):
            if keys[first] != MISSING_KEY and keys[second] != MISSING_KEY:
                assert (keys[first] == keys[second]) == (cells[first] == cells[second])
    present = set(keys.tolist()) - {MISSING_KEY}
    assert present == set(range(len(present)))
