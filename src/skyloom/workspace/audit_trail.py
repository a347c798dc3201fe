"""AuditTrail: the audit log as a table and a file, written behind the requests that it tells of.

Requests do not wait for it; what is noted when the agent ends is written before it has ended. The file is a
copy for readers without a database: ``audit.log`` in the home, a JSON object a line, its owner's alone.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from pathlib import Path

from skyloom.core.audit import AuditEntry, first_break
from skyloom.core.problem import ProblemError
from skyloom.engine.web_ports import Audit
from skyloom.workspace.write_behind import WriteBehind

FILE = "audit.log"
MOST_TOGETHER = 256
_PAGE = 1000
_log = logging.getLogger("skyloom.audit")


class AuditTrail:
    """Notes entries, and reads them back."""

    def __init__(self, kept: Audit, home: Path) -> None:
        self._kept = kept
        self._path = home / FILE
        self._behind = WriteBehind("audit", self._write, MOST_TOGETHER)

    def note(self, entry: AuditEntry) -> None:
        """Keep it soon; returns at once."""
        self._behind.note(entry)

    def entries(self, after: int = 0, limit: int = 100) -> list[AuditEntry]:
        """Entries behind the number ``after``, all that were noted until now among them."""
        self.flush()
        return self._kept.entries(after, limit)

    def first_break(self) -> int | None:
        """The number of the first entry that does not fit its place; None when the chain holds."""
        self.flush()
        before: AuditEntry | None = None
        while True:
            page = self._kept.entries(before.sequence if before else 0, _PAGE)
            if not page:
                return None
            broken = first_break(page, before)
            if broken is not None:
                return broken
            before = page[-1]

    def flush(self) -> None:
        """Return when all that was noted is written."""
        self._behind.flush()

    def close(self) -> None:
        """Write what waits and end."""
        self._behind.close()

    def _write(self, entries: list[AuditEntry]) -> None:
        try:
            made = self._kept.append(entries)
            lines = "".join(json.dumps(asdict(one), sort_keys=True) + "\n" for one in made)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(lines.encode("utf-8", "backslashreplace"))
        except (ProblemError, OSError) as error:
            _log.error("%d entries of the audit log could not be written: %s", len(entries), error)
