"""A database as a source: the rows of one SELECT, read without the right to change anything, as Parquet."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import URL, Connection, CursorResult, Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.names import text_names, unique_names
from skyloom.stores.content_file import hash_file, opened
from skyloom.stores.database_address import POSTGRESQL_PORT, database_address, said, unusable_database
from skyloom.stores.source_file import FileRoots
from skyloom.stores.source_web import WebLimits
from skyloom.stores.web_address import AllowedHosts, checked_addresses

_BATCH_ROWS = 20_000
_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,  # to end it
}

# type numbers of PostgreSQL (pg_type.oid); all others become text
_BY_TYPE_NUMBER: Mapping[int, pa.DataType] = {
    16: pa.bool_(),
    17: pa.binary(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    26: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1700: pa.float64(),  # numeric: Studio knows Double only
    1082: pa.timestamp("us"),  # date
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
    1186: pa.duration("us"),
}


def fetch_rows(
    url: str, query: str, target: Path, roots: FileRoots, allowed: AllowedHosts, limits: WebLimits
) -> Digest:
    """Run one query and write its rows; the digest of the file.

    Values that the column's type does not hold become text or missing; names that repeat get a number.

    Raises
    ------
    ProblemError
        D064 refused host, D067 too large or slow, D068 and D069 a SQLite file, D070 the database cannot be
        used (Studio error 0015), D071 the query failed (0156).
    """
    address = database_address(url)
    until = time.monotonic() + limits.time_s
    try:
        with _connected(address, roots, allowed, until) as connection:
            _write(connection, query, target, limits, until)
    except SQLAlchemyError as error:
        raise _query_failed(error, address) from error
    with opened(str(target)) as descriptor:
        return hash_file(descriptor)


def _write(connection: Connection, query: str, target: Path, limits: WebLimits, until: float) -> None:
    result = _run(connection, query)
    names = unique_names(text_names(result.keys()))
    if connection.dialect.name == "sqlite":  # has types a value, not a column: look at all of them first
        types = _types_of_values(result, len(names), limits, until)
        result = _run(connection, query)
    else:
        types = [_BY_TYPE_NUMBER.get(int(column[1]), pa.string()) for column in _description(result)]
    schema = pa.schema([pa.field(name, kind) for name, kind in zip(names, types)])
    convert = [_converter(kind) for kind in types]
    with pq.ParquetWriter(target, schema) as writer:
        for rows in _batches(result, limits, until):
            columns = [[convert[place](row[place]) for row in rows] for place in range(len(names))]
            arrays = [pa.array(values, kind) for values, kind in zip(columns, types)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            if target.stat().st_size > limits.size_bytes:
                raise _too_much(f"its rows take more than {limits.size_bytes:,} bytes")


def _run(connection: Connection, query: str) -> CursorResult[*tuple[Any, ...]]:
    result = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
    if not result.returns_rows:
        raise ProblemError(
            Problem("D071", "The SQL query gives no rows.", "SQL Query", "Write one SELECT statement.")
        )
    return result


def _batches(
    result: CursorResult[*tuple[Any, ...]], limits: WebLimits, until: float
) -> Iterator[Sequence[Sequence[Any]]]:
    while rows := result.fetchmany(_BATCH_ROWS):
        yield rows
        if time.monotonic() > until:
            raise _too_much(f"it took longer than {limits.time_s:g} s")


def _description(result: CursorResult[*tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
    description: Sequence[Sequence[Any]] = result.cursor.description if result.cursor is not None else ()
    return description


def _types_of_values(
    result: CursorResult[*tuple[Any, ...]], width: int, limits: WebLimits, until: float
) -> list[pa.DataType]:
    seen: list[set[type]] = [set() for _ in range(width)]
    for rows in _batches(result, limits, until):
        for place, types in enumerate(seen):
            types.update({type(row[place]) for row in rows})
    return [_common_type(types - {type(None)}) for types in seen]


def _common_type(types: set[type]) -> pa.DataType:
    if types == {int}:
        return pa.int64()
    if types == {bytes}:
        return pa.binary()
    return pa.float64() if types and types <= {int, float} else pa.string()


def _converter(kind: pa.DataType) -> Callable[[Any], Any]:
    if pa.types.is_string(kind):
        return _as_text
    if pa.types.is_floating(kind):
        return lambda value: None if value is None else float(value)
    if pa.types.is_timestamp(kind):
        return _as_time
    if pa.types.is_duration(kind):
        return lambda value: value if isinstance(value, timedelta) else None
    return lambda value: value


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _as_time(value: Any) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value if isinstance(value, datetime) else None


# --- connections ------------------------------------------------------------------------------------------


@contextmanager
def _connected(address: URL, roots: FileRoots, allowed: AllowedHosts, until: float) -> Iterator[Connection]:
    if address.get_backend_name() == "sqlite":
        with roots.opened(address.database or ""):  # that it may be read; SQLite itself wants the name
            path = roots.path_of(address.database or "")
        engine = _sqlite(path)
    else:
        engine = _postgresql(address, allowed, until)
    try:
        try:
            connection = engine.connect()
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _no_connection(error, address) from None
        with connection:
            if connection.dialect.name == "sqlite":
                _guard_sqlite(connection, until)
            yield connection.execution_options(stream_results=True, max_row_buffer=_BATCH_ROWS)
    finally:
        engine.dispose()


def _sqlite(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10, isolation_level=None
        )
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()  # that it is a database
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _guard_sqlite(connection: Connection, until: float) -> None:
    """From here on nothing but reading this one file, in one state of it, until the time is up."""
    own = connection.connection.driver_connection
    assert isinstance(own, sqlite3.Connection)
    own.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    own.execute("BEGIN")
    own.set_progress_handler(lambda: int(time.monotonic() > until), 100_000)
    own.set_authorizer(_only_reading)


def _only_reading(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _postgresql(address: URL, allowed: AllowedHosts, until: float) -> Engine:
    host, port = address.host or "", address.port or POSTGRESQL_PORT
    if not host or host.startswith("/") or not allowed.has(host, port):
        raise ProblemError(
            Problem(
                "D064",
                f"The database server '{host}' is not one that graphs may ask.",
                "Database URL",
                f"Start the agent with SKYLOOM_URL_ALLOW={host or 'HOST'}:{port} if they may.",
            )
        )
    left_ms = max(int((until - time.monotonic()) * 1000), 1)
    try:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            connect_args={
                "hostaddr": checked_addresses(host, port, allowed)[0],
                "connect_timeout": 10,
                "application_name": "skyloom import",
                "options": f"-c default_transaction_read_only=on -c statement_timeout={left_ms}",
            },
        )
    except ImportError:
        raise unusable_database("its driver is not installed; install 'skyloom[postgresql]'") from None


# --- faults -----------------------------------------------------------------------------------------------


def _no_connection(error: Exception, address: URL) -> ProblemError:
    shown = address.set(query={}, username=None, password=None).render_as_string()
    return ProblemError(
        Problem(
            "D070",
            f"The database {shown} does not let us in: {said(error, address)}.",
            "Database URL",
            "Check its address, user and password, and that it is running.",
        )
    )


def _query_failed(error: Exception, address: URL) -> ProblemError:
    return ProblemError(
        Problem(
            "D071",
            f"The SQL query failed: {said(error, address)}.",
            "SQL Query",
            "Try the query in the database's own client; it must be one SELECT that changes nothing.",
        )
    )


def _too_much(why: str) -> ProblemError:
    return ProblemError(
        Problem("D067", f"The query was ended: {why}.", "SQL Query", "Ask for fewer rows or columns.")
    )
