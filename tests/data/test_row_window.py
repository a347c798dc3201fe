from __future__ import annotations

import json

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from skyloom.data.from_frame import table_from_frame
from skyloom.data.profile import cell_code
from skyloom.data.row_window import MOST_ROWS, row_window, rows_between, sample_blocks, sampled
from skyloom.data.to_frame import series_from_column
from tests.strategies import STABLE, frames


@settings(max_examples=60, deadline=None)
@given(frames(STABLE), st.integers(0, 12), st.integers(0, 12))
def test_a_window_shows_what_lies_there(frame: pd.DataFrame, start: int, length: int) -> None:
    table = table_from_frame(frame)
    for column in table.columns:
        whole = [cell_code(value) for value in series_from_column(column)]
        window = [
            cell_code(value) for value in series_from_column(rows_between(column, start, start + length))
        ]
        assert window == whole[start : start + length]


def test_a_page_is_strict_json_with_the_true_totals() -> None:
    table = table_from_frame(pd.DataFrame({"a": [1.5, None, float("inf")], "b": ["x", None, "z"]}))
    page = row_window(table, 1, 2)
    json.dumps(page, allow_nan=False)
    assert (page["offset"], page["numberOfRows"], page["numberOfColumns"]) == (1, 3, 2)
    assert page["records"] == [[{"isNan": True}, {"isNan": True}], ["inf", "z"]]


def test_columns_are_chosen_by_place_and_those_beyond_are_left_out() -> None:
    table = table_from_frame(pd.DataFrame({"a": [1], "b": [2], "c": [3]}))
    page = row_window(table, 0, 1, [2, 0, 7])
    assert [feature["index"] for feature in page["features"]] == [2, 0]
    assert page["records"] == [[3, 1]]


def test_an_offset_behind_the_end_gives_no_rows() -> None:
    table = table_from_frame(pd.DataFrame({"a": ["x", "y"]}))
    assert row_window(table, 9, 5)["records"] == []


def test_a_page_has_at_most_a_thousand_rows() -> None:
    table = table_from_frame(pd.DataFrame({"a": range(3000)}))
    assert len(row_window(table, 10, 2**40)["records"]) == MOST_ROWS


@settings(max_examples=60, deadline=None)
@given(frames(STABLE), st.integers(1, 6))
def test_a_sample_is_spread_over_the_rows_in_their_order(frame: pd.DataFrame, rows: int) -> None:
    table = table_from_frame(frame)
    starts, length = sample_blocks(table.rows, rows)
    wanted = starts if len(starts) * length < table.rows else list(range(table.rows))
    for column, of_sample in zip(table.columns, sampled(table, rows).columns, strict=True):
        whole = [cell_code(value) for value in series_from_column(column)]
        assert [cell_code(value) for value in series_from_column(of_sample)] == [whole[at] for at in wanted]


def test_a_large_sample_is_made_of_blocks_and_no_row_is_in_it_twice() -> None:
    texts = [f"row {place}" if place % 7 else None for place in range(100_000)]
    table = table_from_frame(pd.DataFrame({"n": range(100_000), "t": texts}))
    found = sampled(table, 30_000)
    numbers = series_from_column(found.columns[0]).tolist()
    assert found.rows == len(set(numbers)) and 29_000 < found.rows <= 30_000
    assert numbers == sorted(numbers) and numbers[0] == 0 and numbers[-1] > 99_000
    said = [cell_code(value) for value in series_from_column(found.columns[1])]
    assert said == [texts[place] or {"isNan": True} for place in numbers]
