"""Audit: who changed what over the network, each entry chained to the one before (reliability.md 4.1, row 9).

An entry names a token or endpoint by its id and an address by its path; it holds no secret and no data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

FIRST = "0" * 64  # what the first entry is chained to


@dataclass(frozen=True)
class AuditEntry:
    """One request that changed something, or was refused.

    ``who`` is the id of a token or endpoint, "" for nobody known; ``what`` the method, ``object`` the path;
    ``request`` is the id that the answer carried. ``digest`` covers the entry and, by ``previous``, those
    before it.
    """

    at: str
    who: str
    what: str
    object: str
    status: int
    address: str
    request: str
    sequence: int = 0
    previous: str = ""
    digest: str = ""


def chained(entry: AuditEntry, previous: AuditEntry | None) -> AuditEntry:
    """The entry in its place behind ``previous``."""
    placed = replace(
        entry,
        sequence=previous.sequence + 1 if previous else 1,
        previous=previous.digest if previous else FIRST,
        digest="",
    )
    return replace(placed, digest=entry_digest(placed))


def entry_digest(entry: AuditEntry) -> str:
    """SHA-256 over everything but the digest itself."""
    body = {name: value for name, value in asdict(entry).items() if name != "digest"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def first_break(entries: Iterable[AuditEntry], before: AuditEntry | None = None) -> int | None:
    """The number of the first entry that was changed, or stands where another belongs; None when all hold."""
    for entry in entries:
        if entry != chained(entry, before):
            return entry.sequence
        before = entry
    return None
