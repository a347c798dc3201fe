"""The table of documents. It came with schema version 4 (migrations.py)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, UniqueConstraint

from skyloom.stores.schema import metadata

documents = Table(
    "documents",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),  # order of making
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("parent", Text, nullable=False),
    Column("label", Text),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "id"),
    UniqueConstraint("kind", "label"),
)
Index("documents_by_parent", documents.c.kind, documents.c.parent, documents.c.number)


def add_documents(connection: Connection) -> None:
    """The step from schema version 3 to 4."""
    metadata.create_all(connection, tables=[documents])
