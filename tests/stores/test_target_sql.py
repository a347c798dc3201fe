from __future__ import annotations

import datetime
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.stores.source_web import WebLimits
from skyloom.stores.target_file import ExportRoots
from skyloom.stores.target_sql import write_rows
from skyloom.stores.web_address import AllowedHosts
from tests.postgresql import PostgresServer
from tests.postgresql import postgres_server as postgres_server
from tests.strategies import times

FRAME = pd.DataFrame(
    {
        "n": [1, 2],
        "x": [0.5, np.nan],
        "f": pd.Series([True, None], dtype=object),
        "t": ['it\'s; "q"', None],
        "d": times("2020-01-02 03:04:05.678901", None),
        "s": pd.to_timedelta(["1 days 02:00:00", None]),
        "c": pd.Categorical(["k", None]),
        "b": [b"\x00\xff", None],
        "odd name%(a)s:b": [7, 8],
    }
)


def write(path: Path, frame: Any, mode: str = "Append", name: str = "t", **more: Any) -> None:
    table = frame if isinstance(frame, Table) else table_from_frame(frame)
    roots = more.pop("roots", ExportRoots([path.parent]))
    write_rows(f"sqlite:///{path}", name, mode, table, roots, AllowedHosts(), WebLimits(**more))


def code_for(path: Path, frame: Any, mode: str = "Append", name: str = "t", **more: Any) -> str:
    with pytest.raises(ProblemError) as told:
        write(path, frame, mode, name, **more)
    return told.value.problem.code


def rows(path: Path, query: str = "SELECT * FROM t") -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_every_type_is_written_and_missing_cells_are_null(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    write(path, FRAME)
    first, second = rows(path)
    assert first == (
        *(1, 0.5, 1, 'it\'s; "q"', "2020-01-02 03:04:05.678901", "1 days 02:00:00", "k", b"\x00\xff", 7),
    )
    assert second == (2, *[None] * 7, 8)
    assert [row[1] for row in rows(path, "PRAGMA table_info(t)")] == list(FRAME)


def test_rows_are_added_to_a_table_or_take_its_place_or_it_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    for _ in range(2):
        write(path, FRAME[["n"]])
    assert rows(path) == [(1,), (2,), (1,), (2,)]
    assert code_for(path, FRAME[["n"]], "Error") == "M0057"
    write(path, FRAME[["t"]][:1], "Replace")
    assert rows(path) == [('it\'s; "q"',)]


def test_all_rows_are_written_or_none(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (n INTEGER CHECK (n < 9000))")
    connection.commit()
    connection.close()
    assert code_for(path, pd.DataFrame({"n": range(10_000)})) == "D304"
    assert rows(path) == []
    assert code_for(path, pd.DataFrame({"other": [1]})) == "D304"
    write(path, pd.DataFrame({"n": range(8_000)}))
    assert len(rows(path)) == 8_000


def test_a_replaced_table_comes_back_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    write(path, FRAME[["n"]])
    assert code_for(path, pd.DataFrame({"n": range(20_000)}), "Replace", time_s=0.0) == "D304"
    assert rows(path) == [(1,), (2,)]


def test_a_table_without_rows_makes_an_empty_one(tmp_path: Path) -> None:
    write(tmp_path / "a.sqlite", FRAME[:0])
    assert rows(tmp_path / "a.sqlite") == []


def test_instants_are_written_in_utc(tmp_path: Path) -> None:
    zoned = pd.to_datetime(["2020-06-01 12:00"]).tz_localize("Europe/Madrid")
    write(tmp_path / "a.sqlite", pd.DataFrame({"d": zoned}))
    assert rows(tmp_path / "a.sqlite") == [("2020-06-01 10:00:00.000000",)]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"o": [{"a": 1}]}),
        pd.DataFrame({"c": pd.Categorical([(1, 2)])}),
        pd.DataFrame(index=range(2)),
        pd.DataFrame({"a": [1], "A": [2]}),
        pd.DataFrame({"": [1]}),
        pd.DataFrame({"d": np.array(["12020-01-01"], "M8[s]")}),
    ],
)
def test_what_no_database_holds_is_told(tmp_path: Path, frame: Any) -> None:
    assert code_for(tmp_path / "a.sqlite", frame) == "D304"


def test_the_name_of_the_table_is_taken_as_it_is(tmp_path: Path) -> None:
    name = 'x"; DROP TABLE t; --'
    write(tmp_path / "a.sqlite", FRAME[["n"]])
    write(tmp_path / "a.sqlite", FRAME[["n"]], name=name)
    names = {row[0] for row in rows(tmp_path / "a.sqlite", "SELECT name FROM sqlite_master")}
    assert names == {"t", name}
    assert code_for(tmp_path / "a.sqlite", FRAME, name="") == "D304"


def test_a_file_outside_the_roots_and_one_that_is_no_database_are_refused(tmp_path: Path) -> None:
    assert code_for(tmp_path / "a.sqlite", FRAME, roots=ExportRoots()) == "D302"
    (tmp_path / "b").write_text("this is no database, and long enough to be sure of it" * 20)
    assert code_for(tmp_path / "b", FRAME) == "D070"
    (tmp_path / "link").symlink_to(tmp_path / "a.sqlite")
    assert code_for(tmp_path / "link", FRAME) == "D303"


def test_a_server_has_to_be_listed_and_its_password_is_not_told() -> None:
    with pytest.raises(ProblemError) as told:
        write_rows(
            "postgresql://me:secret@db.example/x",
            "t",
            "Append",
            table_from_frame(FRAME),
            ExportRoots(),
            AllowedHosts(),
            WebLimits(),
        )
    assert told.value.problem.code == "D302" and "secret" not in str(told.value)


@pytest.mark.real("postgresql")
def test_every_type_is_written_to_postgresql(postgres_server: PostgresServer) -> None:
    import psycopg  # an optional dependency

    schema = postgres_server.new_schema()
    url = f"postgresql://skyloom@{postgres_server.host}:{postgres_server.port}/postgres"
    allowed = AllowedHosts.parse(f"{postgres_server.host}:{postgres_server.port}")
    table = table_from_frame(FRAME.assign(z=times("2020-01-01", None).tz_localize("UTC")))
    for mode in ("Append", "Append", "Replace"):
        write_rows(url, f"{schema}.T", mode, table, ExportRoots(), allowed, WebLimits())
    with psycopg.connect(postgres_server.url(schema)) as connection:
        found = connection.execute(f'SELECT * FROM "{schema}"."T" ORDER BY n').fetchall()
    assert found[0][:8] == (
        *(1, 0.5, True, 'it\'s; "q"', datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)),
        *("1 days 02:00:00", "k", b"\x00\xff"),
    )
    assert found[1][1:8] == (None,) * 7 and found[0][9] == datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    with pytest.raises(ProblemError) as told:
        write_rows(url, f"{schema}.T", "Error", table, ExportRoots(), allowed, WebLimits())
    assert told.value.problem.code == "M0057"
    with pytest.raises(ProblemError) as told:
        write_rows(url, "t" * 64, "Append", table, ExportRoots(), allowed, WebLimits())
    assert told.value.problem.code == "D304"
