"""A database as a target: the rows of a table in one transaction, all of them or none."""

from __future__ import annotations

import datetime
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.object_cells import PickledObject
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column
from skyloom.stores.database_address import POSTGRESQL_PORT, database_address, said, unusable_database
from skyloom.stores.source_web import WebLimits
from skyloom.stores.target_file import ExportRoots
from skyloom.stores.web_address import AllowedHosts, checked_addresses

APPEND, REPLACE, ERROR = "Append", "Replace", "Error"
_BATCH_ROWS = 5_000
_MOST_NAME_BYTES = {"postgresql": 63}  # it would cut longer names off without a word

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "Integer": sa.BigInteger(),
    "Double": sa.Double(),
    "Boolean": sa.Boolean(create_constraint=False),
    "String": sa.Text(),
    "TimeSpan": sa.Text(),
    "Object": sa.LargeBinary(),
}


def write_rows(
    url: str,
    name: str,
    mode: str,
    table: Table,
    roots: ExportRoots,
    allowed: AllowedHosts,
    limits: WebLimits,
) -> None:
    """Write the table's rows; ``mode`` says what becomes of a database table that is there.

    Append adds the rows to it, Replace drops it first, Error leaves it alone and fails. Times are written
    with microseconds, spans of time as text, categories as their values.

    Raises
    ------
    ProblemError
        D302 a database that may not be written to, D303 a SQLite file, D070 a database that cannot be used,
        M0057 the table is there, D304 a column it cannot hold or another fault of the database.
    """
    address = database_address(url)
    until = time.monotonic() + limits.time_s
    kinds = [_kind(column) for column in table]
    _check_names(address, name, table)
    engine = _engine(address, roots, allowed, until)
    try:
        with _connected(engine, address) as connection, connection.begin():
            target = _prepared(connection, name, mode, table, kinds)
            for rows in _batches(table):
                connection.execute(target.insert(), rows)
                if time.monotonic() > until:
                    raise _failed(f"it took longer than {limits.time_s:g} s")
    except SQLAlchemyError as error:
        raise _failed(said(error, address)) from error
    finally:
        engine.dispose()


# --- tables -----------------------------------------------------------------------------------------------


def _prepared(
    connection: sa.Connection, name: str, mode: str, table: Table, kinds: Sequence[sa.types.TypeEngine[Any]]
) -> sa.Table:
    """The database's table, made when it is not there. Positions are the keys: names may hold anything."""
    schema, _, plain = name.rpartition(".") if connection.dialect.name == "postgresql" else ("", "", name)
    columns = [
        sa.Column(column.name, kind, key=str(place)) for place, (column, kind) in enumerate(zip(table, kinds))
    ]
    target = sa.Table(plain, sa.MetaData(), *columns, schema=schema or None)
    is_there = sa.inspect(connection).has_table(plain, schema=schema or None)
    if is_there and mode == ERROR:
        raise ProblemError(
            Problem("M0057", f"There is a table '{name}'.", "Data table name", "Name another, or append.")
        )
    if is_there and mode == REPLACE:
        target.drop(connection)
    if not is_there or mode == REPLACE:
        target.create(connection)
    return target


def _kind(column: Column) -> sa.types.TypeEngine[Any]:
    plain = column.attributes.underlying or column.type
    if plain == "DateTime":
        own = column.categories or column
        return sa.DateTime(timezone=own.attributes.time_zone is not None)
    encoding = (column.categories or column).attributes.encoding
    if plain == "Object" and encoding != "bytes":
        raise _failed(f"column '{column.name}' has objects, which no database holds")
    return _TYPES[plain]


def _batches(table: Table) -> Iterator[list[dict[str, Any]]]:
    series = [series_from_column(column) for column in table]
    for start in range(0, table.rows, _BATCH_ROWS):
        cells = [_plain(one.iloc[start : start + _BATCH_ROWS]) for one in series]
        yield [{str(place): cell for place, cell in enumerate(row)} for row in zip(*cells)]


def _plain(series: Any) -> list[Any]:
    """The cells as Python values, missing as None."""
    return [_plain_cell(cell) for cell in series.astype(object).tolist()]


def _plain_cell(cell: Any) -> Any:
    if isinstance(cell, (str, bytes)):
        return cell
    if isinstance(cell, PickledObject):
        raise _failed("a category is an object, which no database holds")
    if pd.isna(cell):
        return None
    if isinstance(cell, (pd.Timestamp, datetime.datetime)):
        return _time(cell)
    if isinstance(cell, (pd.Timedelta, datetime.timedelta)):
        return str(cell)
    return cell


def _time(cell: Any) -> datetime.datetime:
    """An instant in UTC where the column has a time zone; SQLite would forget which."""
    try:
        time: datetime.datetime = cell.to_pydatetime(warn=False) if isinstance(cell, pd.Timestamp) else cell
        return time.astimezone(datetime.UTC) if time.tzinfo else time
    except (ValueError, OverflowError) as error:
        raise _failed(f"the time {cell} lies beyond those that a database holds") from error


def _check_names(address: sa.URL, name: str, table: Table) -> None:
    if not name or "\0" in name:
        raise _failed("the table has no name")
    most = _MOST_NAME_BYTES.get(address.get_backend_name())
    for word in (name.rpartition(".")[2], *table.names):
        if not word or "\0" in word or (most and len(word.encode()) > most):
            raise _failed(f"it cannot have the name '{word:.80}'")
    lower = [column.lower() for column in table.names]
    twice = next((column for column in table.names if lower.count(column.lower()) > 1), None)
    if twice is not None and most is None:  # SQLite does not tell capitals from small letters
        raise _failed(f"it has two columns named '{twice}' but for capitals")
    if not table.columns:
        raise _failed("the dataset has no columns")


# --- connections ------------------------------------------------------------------------------------------


def _engine(address: sa.URL, roots: ExportRoots, allowed: AllowedHosts, until: float) -> sa.Engine:
    if address.get_backend_name() == "sqlite":
        with roots.folder(address.database or ""):  # that it may be written; SQLite itself wants the name
            path = roots.path_of(address.database or "")
        return _sqlite(path)
    return _postgresql(address, allowed, until)


@contextmanager
def _connected(engine: sa.Engine, address: sa.URL) -> Iterator[sa.Connection]:
    try:
        connection = engine.connect()
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unusable_database(said(error, address)) from None
    with connection:
        yield connection


def _sqlite(path: Path) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=rwc", uri=True, timeout=10, isolation_level=None
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()  # that it is a database
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    # so that making the table is part of the transaction: the driver's own BEGIN comes too late for it
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _postgresql(address: sa.URL, allowed: AllowedHosts, until: float) -> sa.Engine:
    host, port = address.host or "", address.port or POSTGRESQL_PORT
    if not host or host.startswith("/") or not allowed.has(host, port):
        raise ProblemError(
            Problem(
                "D302",
                f"The database server '{host}' is not one that graphs may write to.",
                "Database URL",
                f"Start the agent with SKYLOOM_EXPORT_ALLOW={host or 'HOST'}:{port} if they may.",
            )
        )
    left_ms = max(int((until - time.monotonic()) * 1000), 1)
    try:
        return sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            poolclass=sa.NullPool,
            connect_args={
                "hostaddr": checked_addresses(host, port, allowed)[0],
                "connect_timeout": 10,
                "application_name": "skyloom export",
                "options": f"-c statement_timeout={left_ms}",
            },
        )
    except ImportError:
        raise unusable_database("its driver is not installed; install 'skyloom[postgresql]'") from None


def _failed(why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D304",
            f"The table was not written to the database: {why}.",
            "Data table name",
            "Give it columns and names that the database can hold, or write another table.",
        )
    )
