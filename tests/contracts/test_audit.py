"""What every store of the audit log promises (engine/web_ports.py)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from skyloom.core.audit import AuditEntry, first_break
from tests.contracts.web_rooms import WebRoom


def entry(name: str) -> AuditEntry:
    return AuditEntry("2024-01-01T00:00:00.000Z", "token", "POST", name, 200, "127.0.0.1", "r")


def test_entries_are_chained_in_the_order_they_came_also_after_a_restart(web: WebRoom) -> None:
    web.audit.append([entry("a"), entry("b")])
    web.reopen()
    web.audit.append([entry("c")])
    found = web.audit.entries(0, 10)
    assert [(one.sequence, one.object) for one in found] == [(1, "a"), (2, "b"), (3, "c")]
    assert first_break(found) is None
    assert web.audit.entries(1, 1) == found[1:2]


def test_entries_of_several_writers_make_one_chain(web: WebRoom) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: web.audit.append([entry(f"{number}")]), range(40)))
    found = web.audit.entries(0, 100)
    assert len(found) == 40 and first_break(found) is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET body = '{}'", "DELETE FROM audit"])
def test_the_database_itself_keeps_entries(web: WebRoom, statement: str) -> None:
    web.audit.append([entry("a")])
    before = web.audit.entries(0, 10)
    if web.room.database is not None:
        with suppress(IntegrityError):  # SQLite says so; PostgreSQL does nothing
            web.room.database.write(lambda connection: connection.execute(text(statement)))
    assert web.audit.entries(0, 10) == before
