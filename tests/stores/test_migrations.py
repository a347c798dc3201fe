from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Connection

from skyloom.core.problem import ProblemError
from skyloom.stores.database_sqlite import SqliteDatabase
from skyloom.stores.migrations import STEPS, Step, migrate
from skyloom.stores.schema import SCHEMA_VERSION
from skyloom.stores.schema_notes import TABLES as NOTE_TABLES
from skyloom.stores.schema_web import TABLES
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
    steps = {SCHEMA_VERSION: _add_table, SCHEMA_VERSION + 1: lambda connection: None}
    assert _migrate(database, steps, SCHEMA_VERSION + 2) == [SCHEMA_VERSION]
    version, tables = _version_and_tables(database)
    assert version == str(SCHEMA_VERSION + 2) and "later" in tables
    assert _migrate(database, {}, SCHEMA_VERSION + 2) == []
    database.close()


def test_a_database_of_version_2_gets_the_tables_of_the_network_face(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")

    def undo(connection: Connection) -> None:
        for table in reversed(TABLES):
            connection.exec_driver_sql(f"DROP TABLE {table.name}")
        connection.exec_driver_sql("UPDATE facts SET value = '2' WHERE name = 'schema version'")

    database.write(undo)
    assert _migrate(database, STEPS, SCHEMA_VERSION) == [2]
    version, tables = _version_and_tables(database)
    assert version == str(SCHEMA_VERSION) and {table.name for table in TABLES} <= tables
    database.close()


def test_a_database_of_version_4_gets_the_tables_of_notes(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")

    def undo(connection: Connection) -> None:
        for table in NOTE_TABLES:
            connection.exec_driver_sql(f"DROP TABLE {table.name}")
        connection.exec_driver_sql("UPDATE facts SET value = '4' WHERE name = 'schema version'")

    database.write(undo)
    assert _migrate(database, STEPS, SCHEMA_VERSION) == [4]
    assert {table.name for table in NOTE_TABLES} <= _version_and_tables(database)[1]
    database.close()


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    with pytest.raises(RuntimeError):
        _migrate(database, {SCHEMA_VERSION: _add_table, SCHEMA_VERSION + 1: _fail}, SCHEMA_VERSION + 2)
    version, tables = _version_and_tables(database)
    assert version == str(SCHEMA_VERSION + 1) and "never" not in tables
    later = {SCHEMA_VERSION + 1: lambda connection: None}
    assert _migrate(database, later, SCHEMA_VERSION + 2) == [SCHEMA_VERSION + 1]
    database.close()


def test_a_database_of_the_first_version_gets_all_that_came_since(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")

    def as_at_first(connection: Connection) -> None:
        for table in ("experiment_artifacts", "experiments"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("UPDATE facts SET value = '1' WHERE name = 'schema version'")

    database.write(as_at_first)
    database.close()
    database = open_small(tmp_path / "records.sqlite")
    version, tables = _version_and_tables(database)
    assert version == str(SCHEMA_VERSION) and {"experiments", "experiment_artifacts"} <= tables
    database.close()
    assert [path.name for path in tmp_path.glob("*.version-*")] == ["records.sqlite.version-1"]


def test_a_database_of_a_newer_skyloom_is_left_alone(tmp_path: Path) -> None:
    database = open_small(tmp_path / "records.sqlite")
    database.write(lambda connection: connection.exec_driver_sql("UPDATE facts SET value = '99'"))
    database.close()
    with pytest.raises(ProblemError) as told:
        open_small(tmp_path / "records.sqlite")
    assert told.value.problem.code == "R017" and "99" in told.value.problem.message
