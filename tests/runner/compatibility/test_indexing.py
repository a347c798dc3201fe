"""``.ix`` is label-based on whole numbers and positional elsewhere."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.runner.compatibility.pandas_indexing import Ix

VALUES = st.lists(st.integers(-5, 5), min_size=1, max_size=6)


def texts(values: list[int]) -> Any:
    return pd.DataFrame({"a": values, "b": values}, index=[f"row{i}" for i in range(len(values))])


@given(VALUES, st.data())
def test_whole_numbers_are_positions_among_text_labels(values: list[int], data: st.DataObject) -> None:
    frame = texts(values)
    place = data.draw(st.integers(-len(values), len(values) - 1))
    assert Ix(frame)[place].equals(frame.iloc[place])
    assert Ix(frame)[place, "b"] == frame["b"].iloc[place]
    assert Ix(frame)[0:place].equals(frame.iloc[0:place])
    assert Ix(frame["a"])[[place]].equals(frame["a"].iloc[[place]])


@given(VALUES, st.data())
def test_whole_numbers_are_labels_among_whole_numbers(values: list[int], data: st.DataObject) -> None:
    frame = texts(values).set_axis(range(10, 10 + len(values)))
    label = data.draw(st.sampled_from(list(frame.index)))
    assert Ix(frame)[label].equals(frame.loc[label])
    assert Ix(frame)[10:label].equals(frame.loc[10:label])
    with pytest.raises(KeyError):
        Ix(frame)[0]


@given(VALUES, st.data())
def test_what_was_set_is_read_back(values: list[int], data: st.DataObject) -> None:
    frame = texts(values)
    place = data.draw(st.integers(0, len(values) - 1))
    Ix(frame)[place, "a"] = 99
    assert Ix(frame)[place, "a"] == 99
    Ix(frame)[frame["a"] == 99, "b"] = -99
    assert set(frame.loc[frame["a"] == 99, "b"]) == {-99}


def test_setting_a_new_column_and_a_new_row_adds_them() -> None:
    frame = texts([1, 2])
    Ix(frame)[0, "new"] = "text"
    assert frame["new"].iloc[0] == "text" and frame["new"].isna().iloc[1]
    Ix(frame)["row9", "a"] = 5
    assert frame.loc["row9", "a"] == 5


def test_mixture_of_position_and_label_works_for_slices_and_lists() -> None:
    frame = texts([1, 2, 3])
    assert Ix(frame)[:2, ["b"]].equals(frame[["b"]].iloc[:2])
    assert Ix(frame)[:, 0].equals(frame["a"])
    assert Ix(frame)[frame["a"] > 1, 0].tolist() == [2, 3]
    assert Ix(frame)["row1":"row2", 1].tolist() == [2, 3]


def test_levels_are_indexed_by_label() -> None:
    frame = texts([1, 2, 3]).set_index(pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", 1)]))
    assert Ix(frame)["x"].shape == (2, 2)
    assert Ix(frame)[("x", 2)]["a"] == 2
