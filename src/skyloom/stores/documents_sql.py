"""Documents in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from skyloom.core.document import Document
from skyloom.core.identity import Digest
from skyloom.stores.database import Database
from skyloom.stores.run_rows import as_text, storable
from skyloom.stores.schema import insert_if_new, used_artifacts
from skyloom.stores.schema_documents import documents

_COLUMNS = documents.c.kind, documents.c.id, documents.c.body, documents.c.parent, documents.c.label
# of an insert the count of rows is forgotten otherwise
_ADD = insert_if_new(documents).execution_options(preserve_rowcount=True)
_WHOLE = select(*_COLUMNS, documents.c.revision)


class SqlDocuments:
    """Documents on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, document: Document, uses: Collection[Digest] = ()) -> bool:
        def work(connection: Connection) -> bool:
            row = {**_values(document), "kind": document.kind, "id": document.id, "revision": 1}
            if connection.execute(_ADD, row).rowcount < 1:
                return False
            _use(connection, uses)
            return True

        return self._database.write(work)

    def find(self, kind: str, id: str) -> Document | None:
        return self._one(documents.c.kind == kind, documents.c.id == storable(id))

    def labelled(self, kind: str, label: str) -> Document | None:
        return self._one(documents.c.kind == kind, documents.c.label == storable(label))

    def all(self, kind: str, parent: str | None = None, newest: int | None = None) -> list[Document]:
        statement = _WHOLE.where(documents.c.kind == kind)
        if parent is not None:
            statement = statement.where(documents.c.parent == storable(parent))
        number = documents.c.number
        statement = statement.order_by(number if newest is None else number.desc()).limit(newest)
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        return [_document(row) for row in rows]

    def change(self, document: Document, expects: int, uses: Collection[Digest] = ()) -> bool:
        here = documents.c.kind == document.kind, documents.c.id == storable(document.id)

        def work(connection: Connection) -> bool:
            if document.label is not None:
                holder = select(documents.c.id).where(
                    documents.c.kind == document.kind,
                    documents.c.label == storable(document.label),
                    documents.c.id != storable(document.id),
                )
                if connection.execute(holder).first() is not None:
                    return False
            statement = update(documents).where(*here, documents.c.revision == expects)
            changed = connection.execute(statement.values(**_values(document), revision=expects + 1))
            if changed.rowcount < 1:
                return False
            _use(connection, uses)
            return True

        return self._database.write(work)

    def remove(self, kind: str, id: str) -> bool:
        statement = delete(documents).where(documents.c.kind == kind, documents.c.id == storable(id))
        return self._database.write(lambda connection: connection.execute(statement).rowcount) > 0

    def _one(self, *where: Any) -> Document | None:
        row = self._database.read(lambda connection: connection.execute(_WHOLE.where(*where)).first())
        return None if row is None else _document(row)


def _values(document: Document) -> dict[str, Any]:
    label = None if document.label is None else storable(document.label)
    return {"parent": storable(document.parent), "label": label, "body": as_text(dict(document.body))}


def _document(row: Row[*tuple[Any, ...]]) -> Document:
    return Document(row.kind, row.id, json.loads(row.body), row.parent, row.label, row.revision)


def _use(connection: Connection, digests: Collection[Digest]) -> None:
    if digests:
        connection.execute(insert_if_new(used_artifacts), [{"digest": digest} for digest in sorted(digests)])
