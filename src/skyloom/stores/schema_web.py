"""The tables of the network face. They came with schema version 3 (migrations.py)."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Index, Table, Text, UniqueConstraint

from skyloom.stores.schema import metadata

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Token
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Session
    sqlite_with_rowid=False,
)
Index("sessions_by_token", sessions.c.token)

services = Table(
    "services",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Service
    sqlite_with_rowid=False,
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("service", Text, ForeignKey(services.c.id), nullable=False),
    Column("name", Text, nullable=False),
    Column("primary_digest", Text, nullable=False, index=True),  # of the keys, to find one by them
    Column("secondary_digest", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),  # the whole Endpoint
    UniqueConstraint("service", "name"),
    sqlite_with_rowid=False,
)

blobs = Table(
    "blobs",
    metadata,
    Column("account", Text, primary_key=True),
    Column("container", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Blob
    sqlite_with_rowid=False,
)
Index("blobs_by_digest", blobs.c.digest)

batch_jobs = Table(
    "batch_jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole BatchJob; never holds a credential
    sqlite_with_rowid=False,
)

TABLES = (tokens, sessions, services, endpoints, blobs, batch_jobs)


def add_web_tables(connection: Connection) -> None:
    """The step from schema version 2 to 3."""
    metadata.create_all(connection, tables=list(TABLES))
