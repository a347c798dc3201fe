from __future__ import annotations

import datetime
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from skyloom.stores.source_file import FileRoots
from skyloom.stores.source_sql import fetch_rows
from skyloom.stores.source_web import WebLimits
from skyloom.stores.web_address import AllowedHosts
from tests.postgresql import PostgresServer
from tests.postgresql import postgres_server as postgres_server

NOBODY = AllowedHosts()
LIMITS = WebLimits()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data base.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE people (name TEXT, age INTEGER, height REAL, photo BLOB, odd)")
    rows = [("ann", 31, 1.7, b"\x00\xff", 1), ("bob", None, 2, None, "x"), (None, -(2**63), None, b"", 2.5)]
    connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return path


def rows_of(path: Path, query: str, target: Path, limits: WebLimits = LIMITS) -> pd.DataFrame:
    fetch_rows(f"sqlite:///{path}", query, target, FileRoots([path.parent]), NOBODY, limits)
    return pd.read_parquet(target)


def code_for(url: str, query: str, roots: FileRoots, target: Path, allowed: AllowedHosts = NOBODY) -> str:
    with pytest.raises(ProblemError) as told:
        fetch_rows(url, query, target, roots, allowed, WebLimits(time_s=2.0))
    assert "secret" not in str(told.value)
    return told.value.problem.code


def test_rows_come_with_the_types_their_values_have(database: Path, tmp_path: Path) -> None:
    frame = rows_of(database, "SELECT * FROM people", tmp_path / "rows")
    assert frame["name"].tolist()[:2] == ["ann", "bob"] and frame["name"].isna().tolist()[2]
    assert frame["age"].isna().tolist() == [False, True, False]
    assert frame["height"].tolist()[:2] == [1.7, 2.0]
    assert frame["photo"].tolist() == [b"\x00\xff", None, b""]
    assert frame["odd"].tolist() == ["1", "x", "2.5"]


def test_no_rows_keep_their_columns_and_names_are_made_distinct(database: Path, tmp_path: Path) -> None:
    frame = rows_of(database, "SELECT age, age, 1 AS 'a%b' FROM people WHERE 0", tmp_path / "rows")
    assert list(frame.columns) == ["age", "age(2)", "a%b"] and len(frame) == 0


def test_many_rows_are_streamed_in_parts(database: Path, tmp_path: Path) -> None:
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n"
    assert rows_of(database, query, tmp_path / "rows")["i"].sum() == 50_000 * 50_001 // 2


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM people",
        "INSERT INTO people DEFAULT VALUES",
        "DROP TABLE people",
        "PRAGMA writable_schema = 1",
        "ATTACH '/tmp/other.sqlite' AS other",
        "VACUUM INTO '/tmp/copy.sqlite'",
        "SELECT load_extension('x')",
        "SELECT * FROM nobody",
        "SELECT 1; SELECT 2",
        "no sql",
        "",
    ],
)
def test_a_query_that_does_more_than_read_fails(database: Path, query: str, tmp_path: Path) -> None:
    before = database.read_bytes()
    roots = FileRoots([tmp_path])
    assert code_for(f"sqlite:///{database}", query, roots, tmp_path / "rows") == "D071"
    assert database.read_bytes() == before


def test_a_query_that_never_ends_is_ended(database: Path, tmp_path: Path) -> None:
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(ProblemError) as told:
        rows_of(database, query, tmp_path / "rows", WebLimits(time_s=0.3))
    assert told.value.problem.code in ("D067", "D071")


def test_rows_that_take_too_much_are_not_fetched(database: Path, tmp_path: Path) -> None:
    query = "SELECT randomblob(100000) FROM people"
    with pytest.raises(ProblemError) as told:
        rows_of(database, query, tmp_path / "rows", WebLimits(size_bytes=1000))
    assert told.value.problem.code == "D067"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:////etc/passwd", "D068"),
        ("sqlite://", "D068"),
        ("sqlite:///absent.sqlite", "D069"),
        ("sqlite:///no_database", "D070"),
        ("sqlite:///no_database?mode=rw", "D070"),
        ("mysql://ann:secret@host/x", "D070"),
        ("ann:secret at host", "D070"),
        ("", "D070"),
        ("postgresql://ann:secret@127.0.0.1/x", "D064"),
        ("postgresql:///x", "D064"),
        ("postgresql://ann:secret@8.8.8.8/x?host=/tmp", "D070"),
        ("postgresql://ann:secret@8.8.8.8/x?passfile=/etc/passwd", "D070"),
    ],
)
def test_a_database_that_may_not_be_asked_is_refused(url: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "no_database").write_bytes(b"hello" * 1000)
    assert code_for(url, "SELECT 1", FileRoots([tmp_path]), tmp_path / "rows") == code


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    url = "postgresql://ann:secret@127.0.0.1:1/x"
    allowed = AllowedHosts.parse("127.0.0.1:1")
    assert code_for(url, "SELECT 1", FileRoots(), tmp_path / "rows", allowed) == "D070"


@pytest.mark.real("postgresql")
def test_rows_of_postgresql_come_with_their_types(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = f"postgresql://skyloom@{postgres_server.host}:{postgres_server.port}/postgres"
    allowed = AllowedHosts.parse(f"{postgres_server.host}:{postgres_server.port}")
    query = """
        SELECT 1::int2 AS small, NULL::int8 AS none, 1.5::numeric AS exact, 2.5::float4 AS short, true AS yes,
               'é%'::text AS word, '\\x00ff'::bytea AS bytes, date '2024-02-29' AS day,
               timestamp '2024-02-29 12:00:01.5' AS moment, timestamptz '2024-02-29 12:00+02' AS zoned,
               interval '1 day 2 seconds' AS span, '{"a": 1}'::jsonb AS json, ARRAY[1, 2] AS list,
               '0e984725-c51c-4bf4-9960-e1c80e27aba0'::uuid AS id
    """
    fetch_rows(url, query, tmp_path / "rows", FileRoots(), allowed, WebLimits())
    (row,) = pd.read_parquet(tmp_path / "rows").to_dict("records")
    assert (row["small"], row["exact"], row["short"], row["yes"]) == (1, 1.5, 2.5, True)
    assert pd.isna(row["none"]) and row["word"] == "é%" and row["bytes"] == b"\x00\xff"
    assert row["day"] == pd.Timestamp("2024-02-29")
    assert row["moment"] == pd.Timestamp("2024-02-29 12:00:01.5")
    assert row["zoned"] == pd.Timestamp("2024-02-29 10:00", tz="UTC")
    assert row["span"] == datetime.timedelta(days=1, seconds=2)
    assert row["list"] == "[1, 2]" and row["id"].startswith("0e984725")


@pytest.mark.real("postgresql")
@pytest.mark.parametrize(
    "query",
    [
        "CREATE TABLE made (x int)",
        "SELECT set_config('transaction_read_only', 'off', false), nextval('s')",
        "SELECT 1; DROP SCHEMA public",
        "SELECT pg_sleep(60)",
        "SELECT nobody",
    ],
)
def test_postgresql_changes_nothing_and_waits_for_nothing(
    postgres_server: PostgresServer, query: str, tmp_path: Path
) -> None:
    url = f"postgresql://skyloom:secret@{postgres_server.host}:{postgres_server.port}/postgres"
    allowed = AllowedHosts.parse(f"{postgres_server.host}:{postgres_server.port}")
    assert code_for(url, query, FileRoots(), tmp_path / "rows", allowed) == "D071"
