from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.runner import sqlite_dialect
from skyloom.runner.sql_text import split_statements
from skyloom.runner.sqlite_dialect import _lookup_keys, run_sqlite

ROWS = 1200
RANDOM = np.random.default_rng(7)
ONE = pd.DataFrame({"id": RANDOM.integers(0, 2 * ROWS, ROWS), "x": RANDOM.standard_normal(ROWS)})
TWO = pd.DataFrame({"id": RANDOM.permutation(ROWS), "w": RANDOM.standard_normal(ROWS)})
JOIN = "select t1.x, t2.w from t1 join t2 on t1.id = t2.id"


def tables(one: pd.DataFrame = ONE, two: pd.DataFrame = TWO) -> dict[str, Table]:
    return {"t1": table_from_frame(one), "t2": table_from_frame(two)}


def keys(text: str, two: pd.DataFrame = TWO) -> dict[str, str]:
    return dict(_lookup_keys(list(split_statements(text)), tables(two=two)))


def answer(text: str, one: pd.DataFrame = ONE, two: pd.DataFrame = TWO) -> Any:
    return run_sqlite(text, list(tables(one, two).items()))


@pytest.mark.parametrize(
    "text",
    [
        JOIN,
        "select a.x from t1 a left join t2 as b on b.id = a.id",
        f"select 1; {JOIN} order by w",
    ],
)
def test_a_table_that_is_only_looked_up_is_kept_by_its_key(text: str) -> None:
    assert keys(text) == {"t2": "id"}


@pytest.mark.parametrize(
    "text",
    [
        f"{JOIN}; select * from t2",
        f"{JOIN} union all select 0, w from t2",
        "select t1.x, (select group_concat(w) from t2) as all_of from t1 join t2 on t1.id = t2.id",
        "select t2.rowid, t1.x from t1 join t2 on t1.id = t2.id",
        "create view v as select * from t2; select * from v",
        "select t1.x from t1 join t2 on t1.x = t2.w",
        f"with n as (select * from t2) insert into t2 select * from n; {JOIN}",
    ],
)
def test_where_its_order_or_its_own_numbers_can_be_seen_it_is_not(text: str) -> None:
    assert keys(text) == {}


def test_numbers_that_repeat_are_no_key() -> None:
    assert keys(JOIN, TWO.assign(id=TWO["id"] // 2)) == {}
    assert keys(JOIN, TWO.assign(id=TWO["id"].astype(float))) == {}


def test_short_tables_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_dialect, "lookup_keys", lambda *_: {"t2": "id"})
    short = {name: table_from_frame(frame.head(20)) for name, frame in (("t1", ONE), ("t2", TWO))}
    assert _lookup_keys(list(split_statements(JOIN)), short) == {}


def test_the_greatest_and_the_least_number_are_keys_like_others() -> None:
    ends = [-(2**63), -1, 0, 2**63 - 1]
    two = TWO.assign(id=[*ends, *range(10, ROWS + 6)])
    one = pd.DataFrame({"id": [*ends[::-1], *[5] * ROWS], "x": np.arange(ROWS + 4.0)})
    assert keys(JOIN, two) == {"t2": "id"}
    assert answer(JOIN, one, two)["w"].tolist() == two["w"].tolist()[3::-1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-5, 40), min_size=1, max_size=30),
    st.lists(st.integers(-5, 40), min_size=1, max_size=30, unique=True),
    st.sampled_from(["join", "left join"]),
    st.sampled_from(["", " where b.w > 3", " and a.x + b.w > 4", " order by b.w desc"]),
)
def test_rows_and_their_order_are_those_without_a_key(
    left: list[int], right: list[int], join: str, rest: str
) -> None:
    one = pd.DataFrame({"id": left, "x": np.arange(len(left), dtype=float)})
    two = pd.DataFrame({"id": right, "w": np.arange(len(right), dtype=float)})
    text = f"select * from t1 a {join} t2 b on a.id = b.id{rest}"
    plain = answer(text, one, two)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_dialect, "_INDEX_ROWS", 0)
        keyed = answer(text, one, two)
    pd.testing.assert_frame_equal(keyed, plain)
