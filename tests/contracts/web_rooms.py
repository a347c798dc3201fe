"""Stores of the network face, one room a kind of store, over the room of records."""

from __future__ import annotations

from dataclasses import dataclass

from skyloom.engine.document_ports import Documents
from skyloom.engine.web_ports import Audit, Endpoints, Facts, Sessions, Tokens
from skyloom.stores.access_sql import SqlFacts, SqlSessions, SqlTokens
from skyloom.stores.audit_sql import SqlAudit
from skyloom.stores.documents_sql import SqlDocuments
from skyloom.stores.endpoints_sql import SqlEndpoints
from skyloom.stores.memory_access import MemoryFacts, MemorySessions, MemoryTokens
from skyloom.stores.memory_audit import MemoryAudit
from skyloom.stores.memory_documents import MemoryDocuments
from skyloom.stores.memory_endpoints import MemoryEndpoints
from tests.contracts.rooms import Room


@dataclass
class WebRoom:
    """What the network face keeps; ``reopen`` closes and opens the database where there is one."""

    room: Room
    facts: Facts
    tokens: Tokens
    sessions: Sessions
    endpoints: Endpoints
    audit: Audit
    documents: Documents

    def reopen(self) -> None:
        self.room.reopen()
        if self.room.database is not None:
            fresh = web_room(self.room)
            self.facts, self.tokens, self.sessions = fresh.facts, fresh.tokens, fresh.sessions
            self.endpoints, self.audit, self.documents = fresh.endpoints, fresh.audit, fresh.documents


def web_room(room: Room) -> WebRoom:
    if room.database is None:
        sessions = MemorySessions()
        stores = MemoryTokens(sessions), sessions, MemoryEndpoints(), MemoryAudit(), MemoryDocuments()
        return WebRoom(room, MemoryFacts(), *stores)
    database = room.database
    return WebRoom(
        room,
        SqlFacts(database),
        SqlTokens(database),
        SqlSessions(database),
        SqlEndpoints(database),
        SqlAudit(database),
        SqlDocuments(database),
    )
