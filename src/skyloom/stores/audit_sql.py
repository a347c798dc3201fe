"""The audit log in SQL: rows are added, and the database itself refuses to change or remove one.

The table is made when it is not there: nothing that an older Skyloom knows depends on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, insert, select, text

from skyloom.core.audit import AuditEntry, chained
from skyloom.core.serialize import from_json, to_json
from skyloom.stores.database import Database
from skyloom.stores.run_rows import as_text
from skyloom.stores.schema import metadata

audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),  # the whole AuditEntry
)
_GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{word.lower()} BEFORE {word} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for word in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"CREATE OR REPLACE RULE audit_no_{word.lower()} AS ON {word} TO audit DO INSTEAD NOTHING"
        for word in ("UPDATE", "DELETE")
    ],
}
_LOCK = 4_611_686_018_427_387_847  # any number, the same for every Skyloom: one appends at a time


class SqlAudit:
    """Implements engine.web_ports.Audit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.write(self._prepare)

    def append(self, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
        def work(connection: Connection) -> list[AuditEntry]:
            if self._database.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            newest = select(audit.c.body).order_by(audit.c.sequence.desc()).limit(1)
            body = connection.execute(newest).scalar()
            last = None if body is None else _entry(body)
            made: list[AuditEntry] = []
            for entry in entries:
                last = chained(entry, last)
                made.append(last)
            rows = [{"sequence": one.sequence, "body": as_text(to_json(one))} for one in made]
            if rows:
                connection.execute(insert(audit).inline(), rows)
            return made

        return self._database.write(work)

    def entries(self, after: int, limit: int) -> list[AuditEntry]:
        statement = (
            select(audit.c.body).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(limit)
        )
        found = self._database.read(lambda connection: connection.execute(statement).scalars().all())
        return [_entry(body) for body in found]

    def _prepare(self, connection: Connection) -> None:
        metadata.create_all(connection, tables=[audit])
        for statement in _GUARDS.get(self._database.dialect, ()):
            connection.execute(text(statement))


def _entry(body: str) -> AuditEntry:
    return from_json(AuditEntry, json.loads(body))
