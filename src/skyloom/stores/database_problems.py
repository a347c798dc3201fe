"""What a database driver raises, told as a Problem."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError

from skyloom.core.problem import Problem

NO_ROOM = "R014"
BUSY = "R015"
DAMAGED = "R016"
NO_ANSWER = "R019"

_SQLITE: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: NO_ROOM,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
_POSTGRESQL: Mapping[str, str] = {
    "53100": NO_ROOM,  # disk_full
    "55P03": BUSY,  # lock_not_available
    "57014": BUSY,  # query_canceled: a statement took longer than its limit
    "40001": BUSY,  # serialization_failure
    "40P01": BUSY,  # deadlock_detected
    "XX001": DAMAGED,  # data_corrupted
    "XX002": DAMAGED,  # index_corrupted
}
_FIXES: Mapping[str, tuple[str, str]] = {
    NO_ROOM: ("has no room left on its disk", "Make room on that disk and try again."),
    BUSY: (
        "is locked by somebody else",
        "Retry in some seconds; see who holds it if that does not help.",
    ),
    DAMAGED: (
        "is damaged",
        "Stop Skyloom and put the newest backup in its place; 'skyloom doctor' shows where it lies.",
    ),
    NO_ANSWER: ("does not answer", "See that it is there and can be written to, then retry."),
}


def code_of(error: DBAPIError) -> str:
    """The problem code of a driver's error."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # the low byte is the kind; the rest says which system call failed
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, NO_ANSWER)
    return _POSTGRESQL.get(getattr(cause, "sqlstate", None) or "", NO_ANSWER)


def database_problem(error: DBAPIError, place: str) -> Problem:
    """The driver's error in our words; its own first line is kept, statement and values are not."""
    code = code_of(error)
    what, fix = _FIXES[code]
    said = (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
    return Problem(code, f"The database of the workspace {what} ({said}).", place, fix)
