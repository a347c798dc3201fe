"""Migrations: a new database gets the newest schema, an older one is led to it step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert, inspect, select, update

from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.crashpoint import crashpoint
from skyloom.stores.database import Database
from skyloom.stores.schema import SCHEMA_VERSION, experiment_artifacts, experiments, facts, metadata
from skyloom.stores.schema_documents import add_documents
from skyloom.stores.schema_notes import add_note_tables
from skyloom.stores.schema_web import add_web_tables

Step = Callable[[Connection], None]


def _add_experiments(connection: Connection) -> None:
    metadata.create_all(connection, tables=[experiments, experiment_artifacts])


# version a step starts from -> the step
STEPS: Mapping[int, Step] = {
    1: _add_experiments,
    2: add_web_tables,
    3: add_documents,
    4: add_note_tables,
}
_VERSION = "schema version"
_LOCK = 7_305_804_402_155_681_903  # any number, the same for every Skyloom


def migrate(
    database: Database,
    back_up: Callable[[int], None],
    steps: Mapping[int, Step] = STEPS,
    newest: int = SCHEMA_VERSION,
) -> None:
    """Bring the database to the newest schema, one transaction a step, so that a crash loses no step.

    Parameters
    ----------
    back_up
        Called with the version found before the first step of an upgrade.

    Raises
    ------
    ProblemError
        R017: the database was written by a newer Skyloom.
    """
    version = database.write(_create_if_empty)
    if version > newest:
        raise ProblemError(
            Problem(
                "R017",
                f"The database has schema version {version}; this Skyloom knows versions up to {newest}.",
                database.place,
                "Install the Skyloom that wrote it, or a newer one.",
            )
        )
    if version < newest:
        back_up(version)
        crashpoint("records.backed_up")
    while version < newest:
        version = database.write(lambda connection: _take_step(connection, steps))


def _create_if_empty(connection: Connection) -> int:
    """The version of what is there, or of what was just made."""
    _lock_out_others(connection)
    if not inspect(connection).has_table(facts.name):
        metadata.create_all(connection)
        connection.execute(insert(facts).values(name=_VERSION, value=str(SCHEMA_VERSION)))
    return _version(connection)


def _take_step(connection: Connection, steps: Mapping[int, Step]) -> int:
    _lock_out_others(connection)
    before = _version(connection)
    if before in steps:  # else another agent took it meanwhile
        steps[before](connection)
        connection.execute(update(facts).where(facts.c.name == _VERSION).values(value=str(before + 1)))
    return _version(connection)


def _version(connection: Connection) -> int:
    return int(connection.execute(select(facts.c.value).where(facts.c.name == _VERSION)).scalar_one())


def _lock_out_others(connection: Connection) -> None:
    """On SQLite the transaction itself does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
