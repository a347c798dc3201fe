"""One writer, shared commits, and what happens when the disk or somebody else is in the way."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from skyloom.core.problem import ProblemError
from skyloom.stores.database_sqlite import SqliteDatabase, open_sqlite
from skyloom.stores.disk_room import DiskRoom
from tests.contracts.rooms import open_small


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    database = open_sqlite(
        tmp_path / "records.sqlite", room=DiskRoom(tmp_path, 0, 4 * 1024**2), busy_timeout_s=0.2
    )
    yield database
    database.close()


def put(name: str) -> Any:
    """Work that writes one row."""
    return lambda connection: connection.exec_driver_sql("INSERT INTO facts VALUES (?, 'x')", (name,))


def names(database: SqliteDatabase) -> list[str]:
    found = database.read(
        lambda connection: connection.exec_driver_sql("SELECT name FROM facts").scalars().all()
    )
    return [name for name in found if name != "schema version"]


def test_what_was_written_is_read_by_others_and_after_opening_again(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    database.write(put("a"))
    assert names(database) == ["a"]
    database.close()
    database = open_small(tmp_path / "records.sqlite")
    assert names(database) == ["a"]
    database.close()


def test_settings_are_those_that_survive_a_power_cut(database: SqliteDatabase) -> None:
    def settings(connection: Connection) -> list[Any]:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]

    assert database.in_turn(settings) == ["wal", 2, 1]


def test_only_what_may_be_lost_with_the_power_is_not_synced(database: SqliteDatabase) -> None:
    def level(connection: Connection) -> Any:
        return connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

    normal, full = 1, 2
    assert [database.write(level, may_be_lost=lost) for lost in (False, True, True, False)] == [
        full,
        normal,
        normal,
        full,
    ]


def test_what_may_be_lost_is_synced_with_what_may_not(database: SqliteDatabase) -> None:
    seen: dict[str, Any] = {}

    def look(name: str) -> Any:
        def work(connection: Connection) -> None:
            seen[name] = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

        return work

    with ThreadPoolExecutor(2) as threads:

        def hold(_: Connection) -> None:
            waiting = [
                threads.submit(database.write, look("lost"), True),
                threads.submit(database.write, look("kept"), False),
            ]
            while len(database._waiting) < len(waiting):
                time.sleep(0.001)

        database.in_turn(hold)
    assert seen == {"lost": 2, "kept": 2}


def test_work_that_raises_leaves_nothing(database: SqliteDatabase) -> None:
    def work(connection: Connection) -> None:
        put("a")(connection)
        raise LookupError("changed my mind")

    with pytest.raises(LookupError):
        database.write(work)
    with pytest.raises(IntegrityError):
        database.write(put("schema version"))
    assert names(database) == []
    database.write(put("b"))
    assert names(database) == ["b"]


def test_transactions_that_wait_share_a_commit_and_fail_alone(database: SqliteDatabase) -> None:
    begun = threading.Event()
    commits: list[str] = []
    database.in_turn(
        lambda connection: connection.connection.driver_connection.set_trace_callback(  # type: ignore[union-attr]
            lambda statement: commits.append(statement) if statement == "COMMIT" else None
        )
    )

    def slow(connection: Connection) -> None:
        begun.set()
        time.sleep(0.3)

    def bad(connection: Connection) -> None:
        put("bad")(connection)
        raise LookupError

    with ThreadPoolExecutor(12) as threads:
        first = threads.submit(database.write, slow)
        begun.wait()
        good = [threads.submit(database.write, put(f"good {n}")) for n in range(8)]
        failing = [threads.submit(database.write, work) for work in (bad, put("schema version"))]
        first.result()
        for one in good:
            one.result()
        errors = [type(one.exception()) for one in failing]
    assert errors == [LookupError, IntegrityError]
    assert sorted(names(database)) == sorted(f"good {n}" for n in range(8))
    assert len(commits) < 6


def test_a_lock_held_by_another_process_is_told_after_a_while_and_nothing_is_lost(
    database: SqliteDatabase,
) -> None:
    other = sqlite3.connect(database.place, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ProblemError) as told:
        database.write(put("a"))
    assert told.value.problem.code == "R015" and "Retry" in told.value.problem.fix
    other.execute("ROLLBACK")
    other.close()
    database.write(put("a"))
    assert names(database) == ["a"]


def _fill(database: SqliteDatabase) -> None:
    """No page more than now: SQLite says that the disk is full, as it would for a real one."""

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    database.in_turn(limit)


def _large(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO facts VALUES ('large', ?)", ("x" * 100_000,))


def test_a_full_disk_is_told_and_the_database_stays_usable(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "records.sqlite", room=DiskRoom(tmp_path, 0, ballast_bytes=0))
    _fill(database)
    with pytest.raises(ProblemError) as told:
        database.write(_large)
    assert told.value.problem.code == "R014"
    assert names(database) == []
    database.write(_large)  # on a new connection, which knows no limit
    assert names(database) == ["large"]
    database.close()


def test_ballast_goes_before_a_write_is_given_up(database: SqliteDatabase, tmp_path: Path) -> None:
    assert (tmp_path / "ballast").exists()
    _fill(database)
    tries = 0

    def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        if not (tmp_path / "ballast").exists():
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        _large(connection)

    database.write(work)
    assert tries == 2 and names(database) == ["large"]


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    database.close()
    for ask in (database.write, database.read):
        with pytest.raises(ProblemError) as told:
            ask(put("a"))
        assert told.value.problem.code == "R019"


def test_closing_empties_the_log(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    database.write(put("a"))
    assert (tmp_path / "records.sqlite-wal").stat().st_size > 0
    database.close()
    assert not (tmp_path / "records.sqlite-wal").exists()


def test_a_backup_is_a_whole_database(database: SqliteDatabase, tmp_path: Path) -> None:
    database.write(put("a"))
    database.back_up(tmp_path / "copy.sqlite")
    copy = open_small(tmp_path / "copy.sqlite")
    assert names(copy) == ["a"]
    copy.close()


def test_damage_is_found_after_an_unclean_stop(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    database = open_small(path)
    for number in range(200):
        database.write(put(f"{number} {'x' * 200}"))
    database.close()
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 + 8 : page * 4096 + 60] = b"\xff" * 52
    path.write_bytes(content)
    (tmp_path / "records.sqlite-wal").write_bytes(b"left by a crash")
    with pytest.raises(ProblemError) as told:
        open_small(path)
    assert told.value.problem.code == "R016"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite").write_bytes(b"no database at all, but long enough to look at" * 100)
    with pytest.raises(ProblemError) as told:
        open_small(tmp_path / "records.sqlite")
    assert told.value.problem.code == "R016"
