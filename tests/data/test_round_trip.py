"""The rule of the room: frame -> table -> file -> frame gives the same cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import open_table, verify_table
from skyloom.data.to_frame import frame_from_table
from tests.data.stored import store
from tests.strategies import CHANGING, STABLE, frames

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)


def _through_file(frame: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        store(table_from_frame(frame), path)
        assert verify_table(str(path), {}) == ()
        return frame_from_table(open_table(str(path)), load_objects=True)


@quiet
@given(frames())
def test_stable_types_come_back_as_they_went(frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    back = _through_file(frame)
    assert_frame_equal(back, before, check_column_type=False)
    assert_frame_equal(frame, before)


@quiet
@given(frames(kinds=[*CHANGING, *STABLE]))
def test_what_came_back_once_comes_back_the_same_ever_after(frame: pd.DataFrame) -> None:
    once = _through_file(frame)
    assert_frame_equal(_through_file(once), once)


@quiet
@given(frames(kinds=[*CHANGING, *STABLE]))
def test_equal_frames_have_equal_digests(frame: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = store(table_from_frame(frame), Path(folder) / "1")
        two = store(table_from_frame(frame.copy(deep=True)), Path(folder) / "2")
        assert one.content_digest == two.content_digest


@quiet
@given(frames(kinds=[*CHANGING, *STABLE]))
def test_a_frame_given_back_untouched_stores_nothing(frame: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        sealed = store(table_from_frame(frame), path)
        table = open_table(str(path))
        again = table_from_frame(frame_from_table(table, load_objects=True), [table])
        if table.rows:
            kept = {column.name for column in again if column.origin is not None}
            pickled = {column.name for column in table if column.attributes.encoding == "pickle"}
            odd = {column.name for column in table if column.attributes.underlying == "Object"}
            assert kept >= set(table.names) - pickled - odd
        files = {sealed.content_digest: str(path)}
        assert store(again, Path(folder) / "again", files).content_digest == sealed.content_digest
