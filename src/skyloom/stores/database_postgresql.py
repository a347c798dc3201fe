"""PostgreSQL: a workspace that several agents share."""

from __future__ import annotations

from sqlalchemy import URL, Connection, NullPool, create_engine
from sqlalchemy.exc import ArgumentError

from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.clock import Moment
from skyloom.stores.database import Database
from skyloom.stores.migrations import migrate

_SETTINGS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "lock_timeout": "10s",
        "statement_timeout": "60s",
        "idle_in_transaction_session_timeout": "60s",
        "synchronous_commit": "on",
        "default_transaction_isolation": "read\\ committed",
    }.items()
)


def open_postgresql(url: URL) -> Database:
    """Connect and bring the schema up to date; of several agents that start at once, one does it.

    Raises
    ------
    ProblemError
        R017 too new, R019 does not answer or its driver is not installed.
    """
    url = url.set(drivername="postgresql+psycopg")
    place = url.set(query={}).render_as_string(hide_password=True)
    try:
        engine = create_engine(
            url,
            poolclass=NullPool,  # Database keeps what it has opened
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": 10,
                "application_name": "skyloom",
                "options": f"{url.query.get('options', '')} {_SETTINGS}",
            },
        )
    except (ImportError, ArgumentError) as error:
        raise ProblemError(
            Problem("R019", f"The database cannot be used: {error}.", place, "Install 'skyloom[postgresql]'.")
        ) from error
    database = Database(engine, engine, "BEGIN", _moment, place)
    try:
        migrate(database, lambda version: None)  # a server's backups are its administrator's
    except BaseException:
        database.close()
        raise
    return database


def _moment(connection: Connection) -> Moment:
    """The server's clock: the one that all agents of the workspace can ask."""
    seconds = connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())::float8").scalar_one()
    return Moment("database server", seconds)
