from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Connection

from skyloom.core.problem import ProblemError
from skyloom.stores.database_sqlite import SqliteDatabase
from skyloom.stores.migrations import Step, migrate
from tests.contracts.rooms import open_small


def _add_table(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE later (x TEXT)")


def _fail(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE never (x TEXT)")
    raise RuntimeError("power cut")


def _version_and_tables(database: SqliteDatabase) -> tuple[str, set[str]]:
    def look(connection: Connection) -> tuple[str, set[str]]:
        version = connection.exec_driver_sql("SELECT value FROM facts WHERE name = 'schema version'")
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        return version.scalar_one(), set(tables.scalars())

    return database.read(look)


def _migrate(database: SqliteDatabase, steps: Mapping[int, Step], newest: int) -> list[int]:
    backups: list[int] = []
    migrate(database, backups.append, steps, newest)
    return backups


def test_a_new_database_needs_no_step_and_no_backup(tmp_path: Path) -> None:
    open_small(tmp_path / "records.sqlite").close()
    assert not list(tmp_path.glob("*.version-*"))


def test_an_older_database_is_led_up_step_by_step_after_one_backup(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    assert _migrate(database, {1: _add_table, 2: lambda connection: None}, 3) == [1]
    version, tables = _version_and_tables(database)
    assert version == "3" and "later" in tables
    assert _migrate(database, {}, 3) == []
    database.close()


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    with pytest.raises(RuntimeError):
        _migrate(database, {1: _add_table, 2: _fail}, 3)
    version, tables = _version_and_tables(database)
    assert version == "2" and "never" not in tables
    assert _migrate(database, {2: lambda connection: None}, 3) == [2]
    database.close()


def test_a_database_of_a_newer_skyloom_is_left_alone(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    database.write(lambda connection: connection.exec_driver_sql("UPDATE facts SET value = '99'"))
    database.close()
    with pytest.raises(ProblemError) as told:
        open_small(tmp_path / "records.sqlite")
    assert told.value.problem.code == "R017" and "99" in told.value.problem.message
