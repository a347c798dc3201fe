"""The audit log in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from skyloom.core.audit import AuditEntry, chained


class MemoryAudit:
    """Implements engine.web_ports.Audit."""

    def __init__(self) -> None:
        self._entries: list[AuditEntry] = []
        self._lock = threading.Lock()

    def append(self, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
        with self._lock:
            made: list[AuditEntry] = []
            for entry in entries:
                self._entries.append(chained(entry, self._entries[-1] if self._entries else None))
                made.append(self._entries[-1])
            return made

    def entries(self, after: int, limit: int) -> list[AuditEntry]:
        return self._entries[after : after + limit]
