from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.data.from_frame import table_from_frame
from skyloom.runner.sql_text import split_statements
from skyloom.runner.sqlite_dialect import _Database, _needed_columns, run_sqlite

Run = Callable[..., Any]
LEFT = pd.DataFrame({"id": [1, 2, 3], "name": ["a", None, "c"], "x": [0.5, np.nan, 2.5]})
RIGHT = pd.DataFrame({"id": [3, 1], "a b": [30, 10]})
DIALECTS = pytest.mark.parametrize("dialect", ["SQLite", "DuckDB"])


@DIALECTS
def test_inputs_are_t1_t2_t3_by_port(run_sql: Run, dialect: str) -> None:
    third = pd.DataFrame({"id": [3], "n": [9]})
    text = "select t1.id, t3.n from t1 join t3 on t1.id = t3.id"
    ran = run_sql(text, RIGHT, None, third, dialect=dialect)
    assert ran.frame().to_dict("list") == {"id": [3], "n": [9]}


@DIALECTS
def test_missing_values_are_null_and_come_back_missing(run_sql: Run, dialect: str) -> None:
    ran = run_sql("select name, x, name is null as gone from t1 order by id", LEFT, dialect=dialect)
    frame = ran.frame()
    assert frame["name"].isna().tolist() == [False, True, False]
    assert frame["x"].isna().tolist() == [False, True, False]
    assert [bool(gone) for gone in frame["gone"]] == [False, True, False]


@DIALECTS
def test_the_last_select_is_the_result(run_sql: Run, dialect: str) -> None:
    text = """
        -- make a helper; it holds a ';' in a comment
        create table helper as select id, x * 2 as y from t1 where x is not null;
        select 'not; this' as no;
        select id, y from helper order by id;
        drop table helper
        """
    assert run_sql(text, LEFT, dialect=dialect).frame().to_dict("list") == {"id": [1, 3], "y": [1.0, 5.0]}


@DIALECTS
def test_names_with_blanks_are_quoted(run_sql: Run, dialect: str) -> None:
    ran = run_sql('select "a b" from t1 where "a b" > 10', RIGHT, dialect=dialect)
    assert ran.frame()["a b"].tolist() == [30]


def test_square_brackets_quote_too(run_sql: Run) -> None:
    assert run_sql("select [a b] from t1", RIGHT).frame()["a b"].tolist() == [30, 10]


@DIALECTS
def test_equal_result_names_are_told_apart(run_sql: Run, dialect: str) -> None:
    ran = run_sql("select a.id, b.id from t1 a join t2 b on a.id = b.id", LEFT, RIGHT, dialect=dialect)
    assert ran.frame().columns.tolist() == ["id", "id(2)"]


@DIALECTS
def test_whole_sums_are_whole(run_sql: Run, dialect: str) -> None:
    ran = run_sql("select sum(id) as total, count(*) as n, avg(id) as mean from t1", LEFT, dialect=dialect)
    assert ran.frame().dtypes.astype(str).tolist() == ["int64", "int64", "float64"]
    assert ran.frame().iloc[0].tolist() == [6, 3, 2.0]


@DIALECTS
def test_a_result_without_rows_keeps_its_columns(run_sql: Run, dialect: str) -> None:
    frame = run_sql("select id, name from t1 where id > 100", LEFT, dialect=dialect).frame()
    assert frame.columns.tolist() == ["id", "name"] and len(frame) == 0


@DIALECTS
def test_types_survive_a_plain_selection(run_sql: Run, dialect: str) -> None:
    given_frame = pd.DataFrame(
        {
            "i": [1, 2],
            "d": [1.5, np.nan],
            "s": ["x", None],
            "b": [True, False],
            "t": pd.Series([pd.Timestamp("2020-01-02 03:04:05"), pd.NaT]),
            "c": pd.Categorical(["u", "v"]),
        }
    )
    frame = run_sql("select * from t1", given_frame, dialect=dialect).frame()
    assert frame["i"].dtype == "int64" and frame["d"].dtype == "float64" and frame["b"].dtype == bool
    assert frame["t"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist()[0] == "2020-01-02 03:04:05"
    assert frame["t"].isna().tolist() == [False, True]
    assert frame["c"].astype(str).tolist() == ["u", "v"]


def test_sqlites_date_functions_read_our_dates(run_sql: Run) -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2020-01-02 03:04:05.25", "2021-06-07 00:00:00.00"])})
    ran = run_sql("select strftime('%Y', t) as y, max(t) over () as last, t from t1", frame)
    assert ran.frame()["y"].tolist() == ["2020", "2021"]
    assert ran.frame()["last"].tolist()[0].startswith("2021-06-07 00:00:00")
    assert ran.frame()["t"].tolist() == frame["t"].tolist()


def test_bytes_are_blobs_and_other_objects_are_refused_by_column(run_sql: Run) -> None:
    frame = pd.DataFrame({"raw": [b"\x00\xff", None], "odd": [{"k": 1}, None], "n": [1, 2]})
    assert run_sql("select raw, n from t1", frame).frame()["raw"].tolist() == [b"\x00\xff", None]
    problem = run_sql("select odd from t1", frame).problem
    assert problem.code == "S006" and problem.where == "odd" and "dict" in problem.message


def test_mixed_values_follow_the_data_rules(run_sql: Run) -> None:
    ran = run_sql(
        "select case id when 1 then 1 when 2 then 'two' else 3.5 end as m from t1 order by id", LEFT
    )
    assert ran.frame()["m"].tolist() == ["1", "two", "3.5"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("select id\nfrom t1\nwhere wrong = 1", 3, "no such column: wrong"),
        ("select 1 as one;\n\nselect id frm t1 x", 3, 'near "t1"'),
        ("select *\nfrom t9", 2, "no such table: t9"),
        ("select nofunc(id)\nfrom t1", 1, "no such function: nofunc"),
        ("select id from t1 where (", 1, "incomplete input"),
    ],
)
def test_sqlites_own_message_is_given_with_its_line(run_sql: Run, text: str, line: int, what: str) -> None:
    problem = run_sql(text, LEFT).problem
    assert problem.code == "S030" and what in problem.message
    assert problem.where == f"SQL Query Script:{line}"
    assert "t1 (id, name, x)" in problem.fix


def test_duckdbs_own_message_is_given_with_its_line(run_sql: Run) -> None:
    problem = run_sql("select 1;\nselect id\nfrom t1\nwhere wrong = 1", LEFT, dialect="DuckDB").problem
    assert problem.code == "S030" and "wrong" in problem.message and problem.where == "SQL Query Script:4"


@pytest.mark.parametrize(
    "text",
    [
        "attach '/tmp/stolen.db' as other",
        "detach main",
        "vacuum into '/tmp/stolen.db'",
        "pragma journal_mode=wal",
        "select load_extension('/tmp/x.so')",
    ],
)
def test_sqlite_reaches_nothing_outside(run_sql: Run, text: str) -> None:
    problem = run_sql(f"{text}; select 1", LEFT).problem
    assert problem.code == "S032" and "not allowed" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "attach '/tmp/stolen.db'",
        "copy t1 to '/tmp/stolen.csv'",
        "select * from read_csv('/etc/passwd')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access=true",
        "select * from LEFT_FRAME",
    ],
)
def test_duckdb_reaches_nothing_outside(run_sql: Run, text: str) -> None:
    assert run_sql(text, LEFT, dialect="DuckDB").problem.code in ("S030", "S032")


@DIALECTS
def test_a_text_without_a_select_is_refused(run_sql: Run, dialect: str) -> None:
    assert run_sql("create table x (a int)", LEFT, dialect=dialect).problem.code == "S031"


def test_an_empty_text_and_an_unknown_dialect_are_refused(run_sql: Run) -> None:
    assert run_sql(" ", LEFT).problem.code == "S004"
    assert run_sql("select 1", LEFT, dialect="Oracle").problem.code == "S034"


def test_a_node_without_inputs_may_compute(run_sql: Run) -> None:
    assert run_sql("select 1 + 1 as two").frame()["two"].tolist() == [2]


def needed(text: str) -> Any:
    tables = [("t1", table_from_frame(LEFT)), ("t2", table_from_frame(RIGHT))]
    found = _needed_columns(list(split_statements(text)), tables)
    return found and {name: columns & {"id", "name", "x", "a b"} for name, columns in found.items()}


def test_only_named_columns_are_loaded() -> None:
    assert needed("select t1.x from t1 join t2 on t1.id = t2.id") == {"t1": {"x", "id"}, "t2": {"id"}}
    assert needed("create view v as select x from t1; select * from v") == {"t1": {"x"}, "t2": set()}
    assert needed("select * from t2") == {"t1": set(), "t2": {"id", "a b"}}


@pytest.mark.parametrize(
    "text",
    [
        "select * from t1 natural join t2",
        "select x from t1 join t2 using (id)",
        "insert into t1 (id) values (4); select * from t1",
        "update t1 set x = 1; select x from t1",
        "with n as (select 4 as id, 'd' as name, 1.5 as x) insert into t1 select * from n; select id from t1",
        "create table n as with recursive c(v) as (select 1 union all select v + 1 from c limit 9000000)"
        " select v from c",
    ],
)
def test_where_the_columns_cannot_be_known_all_are_loaded(text: str) -> None:
    assert needed(text) is None


def test_counting_rows_needs_no_column() -> None:
    assert run_sqlite("select count(*) as n from t1", [("t1", table_from_frame(LEFT))])["n"].tolist() == [3]


def test_statements_that_change_tables_work(run_sql: Run) -> None:
    ran = run_sql("delete from t1 where id = 2; update t1 set x = x + 1; select * from t1 order by id", LEFT)
    assert ran.frame()["x"].tolist() == [1.5, 3.5]


def test_a_with_may_end_in_a_change(run_sql: Run) -> None:
    new = "with n as (select 4 as id, 'd' as name, 1.5 as x)"
    ran = run_sql(
        f"{new} insert into t1 select * from n; {new} replace into t1 select * from n; select id from t1",
        LEFT,
    )
    assert ran.frame()["id"].tolist() == [1, 2, 3, 4, 4]


@pytest.mark.parametrize("text", ["a.id = b.id", "a.id = b.id and a.k = b.k"])
def test_joins_of_long_tables_get_an_index_ahead_and_the_same_answer(text: str) -> None:
    one = pd.DataFrame({"id": np.arange(3000) % 1000, "k": np.arange(3000) % 2, "x": np.arange(3000)})
    two = pd.DataFrame({"id": np.arange(1500), "k": np.arange(1500) % 2, "w": np.arange(1500) * 0.5})
    tables = [("t1", table_from_frame(one)), ("t2", table_from_frame(two))]
    result = run_sqlite(f"select sum(a.x * b.w) as s, count(*) as n from t1 a join t2 as b on {text}", tables)
    expected = one.merge(two, on=["id", "k"] if "k" in text else ["id"])
    assert result["n"].tolist() == [len(expected)]
    assert result["s"].tolist() == [float((expected["x"] * expected["w"]).sum())]


def test_the_automatic_index_is_replaced_by_a_sorted_one() -> None:
    frame = pd.DataFrame({"id": np.arange(2000), "w": np.arange(2000)})
    table = table_from_frame(frame)
    (statement,) = split_statements("select count(*) from t1 join t2 on t1.id = t2.id where t1.w + t2.w > 1")
    with _Database() as database:
        for name in ("t1", "t2"):
            database.create(name, table)
            database.load(name, table)
        database.prepare_joins(statement, {"t1": table, "t2": table})
        plan = str(database.connection.execute(f"explain query plan {statement.text}").fetchall())
    assert "AUTOMATIC" not in plan and "skyloom_" in plan


@given(
    st.lists(
        st.sampled_from(["select 1", "select ';'", "/* ; */ select 2", '-- ; x\nselect "a;b"', "values (3)"]),
        max_size=5,
    )
)
def test_statements_are_split_where_they_end(parts: list[str]) -> None:
    found = list(split_statements(";\n".join(parts)))
    assert len(found) == len(parts)
    assert all(statement.is_query for statement in found)


@given(st.text(alphabet="ab;'\"-/*\n ", max_size=30))
def test_splitting_any_text_loses_no_statement_and_counts_lines(text: str) -> None:
    for statement in split_statements(text):
        assert statement.text in text
        assert 1 <= statement.line <= 1 + text.count("\n")
