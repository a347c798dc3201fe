from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.modules.running import code_of, rows, run
from tests.strategies import frames

quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80)
KEYS = "Key column selection filter expression"
FRAME = pd.DataFrame({"key": ["a", "b", "a", None, None, "b"], "n": range(6)})


def _kept(table: Any, keys: Any, first: bool = True) -> list[tuple[Any, ...]]:
    return rows(run("Remove Duplicate Rows", table, {KEYS: keys, "Retain first duplicate row": first})[0])


def test_the_first_of_equal_rows_stays_and_rows_without_a_key_all_do() -> None:
    assert [n for _, n in _kept(FRAME, ["key"])] == [0, 1, 3, 4]


def test_the_last_of_equal_rows_stays_when_asked_for() -> None:
    assert [n for _, n in _kept(FRAME, ["key"], first=False)] == [2, 3, 4, 5]


def test_a_row_missing_one_of_several_keys_stays() -> None:
    table = pd.DataFrame({"a": [1, 1, 1], "b": [2.0, None, None]})
    assert len(_kept(table, "all")) == 3


def test_text_is_compared_with_its_case() -> None:
    assert len(_kept(pd.DataFrame({"a": ["x", "X"]}), ["a"])) == 2


@pytest.mark.parametrize("size", [0, 1])
def test_a_table_of_one_row_or_none_stays_as_it_is(size: int) -> None:
    assert _kept(FRAME.iloc[:size], ["key"]) == rows(FRAME.iloc[:size])


def test_a_key_that_is_not_there_is_an_error() -> None:
    assert code_of("Remove Duplicate Rows", FRAME, {KEYS: ["nokey"]}) == "D010"


@quiet
@given(
    frames(kinds=["integers", "text", "categories", "times", "missing booleans"], max_columns=3),
    st.booleans(),
)
def test_the_rows_that_stay_are_those_of_pandas(table: pd.DataFrame, first: bool) -> None:
    if not table.shape[1]:
        return
    complete = table.notna().all(axis=1)
    repeated = table.astype(object).duplicated(keep="first" if first else "last")
    expected = table[~(complete & repeated)]
    assert rows(expected.reset_index(drop=True)) == _kept(table, "all", first)
