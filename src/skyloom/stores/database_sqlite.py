"""SQLite: one file in the workspace folder, one process. Settings and reasons: reliability.md 3.5."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.clock import Moment, host_moment
from skyloom.stores.database import Database
from skyloom.stores.database_problems import database_problem
from skyloom.stores.disk_room import DiskRoom
from skyloom.stores.migrations import migrate

_BUSY_TIMEOUT_S = 10.0


class SqliteDatabase(Database):
    """A database file; ``checkpoint`` and ``back_up`` are for quiet moments."""

    def __init__(
        self, path: Path, moment: Callable[[], Moment], room: DiskRoom, busy_timeout_s: float
    ) -> None:
        engine = {"poolclass": NullPool, "isolation_level": "AUTOCOMMIT"}
        super().__init__(
            create_engine("sqlite://", creator=lambda: _connect_writer(path, busy_timeout_s), **engine),
            create_engine("sqlite://", creator=lambda: _connect_reader(path, busy_timeout_s), **engine),
            "BEGIN IMMEDIATE",  # a read that turns into a write cannot wait, whatever the timeout
            lambda _: moment(),
            str(path),
            room,
        )
        self._path = path
        self._is_synced = True

    def checkpoint(self) -> None:
        """Move the log into the file and give its room back."""
        self.in_turn(_truncate_log)

    def back_up(self, target: Path) -> None:
        """A whole copy under another name, durable when this returns; takes seconds when there is much."""
        unfinished = target.with_name(target.name + ".unfinished")
        unfinished.unlink(missing_ok=True)
        try:
            self.in_turn(lambda connection: connection.exec_driver_sql("VACUUM INTO ?", (str(unfinished),)))
        except DBAPIError as error:
            raise ProblemError(database_problem(error, self.place)) from error
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)

    def _sync_commits(self, connection: Connection, is_wanted: bool) -> None:
        if is_wanted is not self._is_synced:
            connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if is_wanted else 'NORMAL'}")
            self._is_synced = is_wanted

    def _before_close(self, connection: Connection) -> None:
        with contextlib.suppress(DBAPIError):  # a full disk: the log stays, and is read at the next start
            _truncate_log(connection)


def open_sqlite(
    path: Path,
    moment: Callable[[], Moment] = host_moment,
    room: DiskRoom | None = None,
    busy_timeout_s: float = _BUSY_TIMEOUT_S,
) -> SqliteDatabase:
    """Open or make the file, look it over after an unclean stop, bring it to the newest schema.

    The caller holds the lock of the workspace: nobody else has the file open.

    Raises
    ------
    ProblemError
        R014 no room, R015 locked, R016 damaged, R017 too new, R019 cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    was_unclean = _ended_uncleanly(path)
    database = SqliteDatabase(path, moment, room or DiskRoom(path.parent), busy_timeout_s)
    try:
        if was_unclean:
            _check(database)
        migrate(database, lambda version: database.back_up(path.with_name(f"{path.name}.version-{version}")))
    except BaseException:
        database.close()
        raise
    return database


def _connect_writer(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 1000")
    return connection


def _connect_reader(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(
        address, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False, uri=True
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def _ended_uncleanly(path: Path) -> bool:
    """The last one out empties and removes the log; a log that is left tells of a crash."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _check(database: SqliteDatabase) -> None:
    try:
        found = database.in_turn(
            lambda connection: connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
        )
    except DBAPIError as error:  # so damaged that it does not even open
        raise ProblemError(database_problem(error, database.place)) from error
    if list(found) != ["ok"]:
        raise ProblemError(
            Problem(
                "R016",
                f"The database of the workspace is damaged: {found[0]} ({len(found)} findings).",
                database.place,
                "Put the newest backup in its place; the damaged file is worth keeping for a look.",
            )
        )


def _truncate_log(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
