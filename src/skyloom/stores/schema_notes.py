"""The tables of what people write on runs (migrations.py leads older databases here).

A mark is one thing that runs are searched by: a tag or property by its name, or by name and value, within all
runs or within one experiment. It is kept as a short digest, so that names and values may be of any length,
and the runs of a mark lie together in the order of submission: a page of them is one range.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Table, Text

from skyloom.stores.schema import _Number, metadata, runs

run_notes = Table(
    "run_notes",
    metadata,
    Column("run", _Number, ForeignKey(runs.c.number), primary_key=True),
    Column("body", Text, nullable=False),  # the whole RunNotes
    sqlite_with_rowid=False,
)

run_marks = Table(
    "run_marks",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("run", _Number, ForeignKey(runs.c.number), primary_key=True),
    sqlite_with_rowid=False,
)

TABLES = (run_notes, run_marks)


def add_note_tables(connection: Connection) -> None:
    """The step to the schema version that has them."""
    metadata.create_all(connection, tables=list(TABLES))
