"""The tables of a workspace, one definition for SQLite and PostgreSQL.

What is searched or compared is a column; the rest of a value is JSON text (core/serialize.py). Children of
a run are clustered by it, and a run carries its newest metrics itself, so that a page of runs is one range
of one table however many runs there are (performance.md W7).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Insert,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

SCHEMA_VERSION = 5

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows up only in an INTEGER key

metadata = MetaData()

facts = Table(
    "facts", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False)
)

graphs = Table(
    "graphs", metadata, Column("digest", Text, primary_key=True), Column("body", Text, nullable=False)
)

runs = Table(
    "runs",
    metadata,
    Column("number", _Number, primary_key=True),  # order of submission, whatever the clock said
    Column("id", Text, nullable=False, unique=True),
    Column("experiment", Text, nullable=False),
    Column("graph", Text, ForeignKey(graphs.c.digest), nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("node_count", Integer, nullable=False),
    Column("metrics", Text, nullable=False),  # newest single value of each, as a JSON object
    Column("body", Text, nullable=False),  # values and options
    Column("last_event", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("holder", Text),
    Column("lease_epoch", Text),
    Column("lease_until", Double),
)
Index("runs_by_experiment", runs.c.experiment, runs.c.number)
Index(
    "runs_open",
    runs.c.number,
    sqlite_where=runs.c.is_over.is_(False),
    postgresql_where=runs.c.is_over.is_(False),
)

node_runs = Table(
    "node_runs",
    metadata,
    Column("run", _Number, ForeignKey(runs.c.number), primary_key=True),
    Column("node", Text, primary_key=True),
    Column("place", Integer, nullable=False),  # in the order of the plan
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_executed", Boolean, nullable=False),  # completed by itself, not taken over
    Column("fingerprint", Text),
    Column("body", Text, nullable=False),  # the whole NodeRun
    sqlite_with_rowid=False,
)
Index(
    "node_runs_reusable",
    node_runs.c.fingerprint,
    node_runs.c.run,
    sqlite_where=node_runs.c.is_executed.is_(True),
    postgresql_where=node_runs.c.is_executed.is_(True),
)

events = Table(
    "events",
    metadata,
    Column("run", _Number, ForeignKey(runs.c.number), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("node", Text),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)

used_artifacts = Table(
    "used_artifacts",
    metadata,
    Column("digest", Text, primary_key=True),  # named by some node run
    sqlite_with_rowid=False,
)

submission_keys = Table(
    "submission_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("content", Text, nullable=False),  # digest of what was submitted
    Column("used_at", Double, nullable=False),  # seconds since 1970
    sqlite_with_rowid=False,
)

dataset_names = Table(
    "dataset_names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last_version", Integer, nullable=False),  # outlives deletion: no version means two contents
    sqlite_with_rowid=False,
)

datasets = Table(
    "datasets",
    metadata,
    Column("name", Text, ForeignKey(dataset_names.c.name), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Dataset
    sqlite_with_rowid=False,
)

# version 2
experiments = Table(
    "experiments",
    metadata,
    Column("number", _Number, primary_key=True),  # order of making: the newest of a history is its greatest
    Column("id", Text, nullable=False, unique=True),
    Column("history", Text, nullable=False),
    Column("twin", Text),
    Column("name", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Experiment but its file
    Column("file", Text),  # what it was imported from
)
Index("experiments_by_history", experiments.c.history, experiments.c.number)
Index("experiments_by_name", experiments.c.name)
Index("experiments_by_twin", experiments.c.twin)

experiment_artifacts = Table(
    "experiment_artifacts",
    metadata,
    Column("experiment", Text, ForeignKey(experiments.c.id, ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, primary_key=True),  # content that a data node names outright
    sqlite_with_rowid=False,
)


class InsertIfNew(Insert):
    """An insert that leaves a row alone that is already there; its rowcount tells."""

    inherit_cache = True


@compiles(InsertIfNew)
def _insert_if_new(statement: InsertIfNew, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.visit_insert(statement, **options)  # type: ignore[no-untyped-call]
    return f"{text} ON CONFLICT DO NOTHING"


def insert_if_new(table: Table) -> InsertIfNew:
    """Insert unless the key is taken; no generated key is asked for."""
    return InsertIfNew(table).inline()
