"""Tables that pass from sandbox to sandbox."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given

from skyloom.core.problem import ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_bytes import table_bytes, table_from_bytes
from skyloom.data.to_frame import frame_from_table
from tests.strategies import frames


@given(frames())
def test_table_is_the_same_behind_the_passage(frame: pd.DataFrame) -> None:
    table = table_from_frame(frame)
    again = table_from_bytes(table_bytes(table))
    assert again.schema == table.schema
    pd.testing.assert_frame_equal(
        frame_from_table(again, load_objects=True), frame_from_table(table, load_objects=True)
    )


def test_cells_may_be_written_to() -> None:
    table = table_from_bytes(table_bytes(table_from_frame(pd.DataFrame({"a": [1.0]}))))
    frame = frame_from_table(table)
    frame.loc[0, "a"] = 2.0
    assert frame["a"].tolist() == [2.0]


@pytest.mark.parametrize("cut", [0, 5, 20, -1])
def test_torn_bytes_are_refused(cut: int) -> None:
    content = table_bytes(table_from_frame(pd.DataFrame({"a": [1.0], "s": ["x"]})))
    with pytest.raises(ProblemError) as caught:
        table_from_bytes(content[:cut])
    assert caught.value.problem.code in ("D020", "D021", "D023")
