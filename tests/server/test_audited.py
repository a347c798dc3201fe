"""The audit log (reliability.md 4.1, row 9): who did what, chained, without secrets or data."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.core.audit import AuditEntry, chained, first_break
from skyloom.server.log_redaction import RedactingFormatter

from .web import Web, make_web


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return make_web(tmp_path)


def test_changes_and_refusals_are_entered_and_reading_is_not(web: Web) -> None:
    admin = web.token("admin")
    web.ask("GET", "/api/v1/runs", token=admin)
    made = web.ask("POST", "/api/v1/tokens", b'{"scopes": ["read"], "name": "ci"}', token=admin)
    assert made.status == 201
    refused = web.ask("GET", "/api/v1/runs?token=secret", token="aml_nobody")
    found = web.ask("GET", "/api/v1/audit", token=admin).json["entries"]
    assert [(one["what"], one["object"], one["status"]) for one in found] == [
        ("POST", "/api/v1/tokens", 201),
        ("GET", "/api/v1/runs", 401),
    ]
    assert (found[0]["who"], found[1]["who"]) == (admin.split("_")[1], "")
    assert [found[0]["request"], found[1]["request"]] == [
        made.headers["x-request-id"],
        refused.headers["x-request-id"],
    ]
    assert web.ask("GET", "/api/v1/audit?after=1&limit=1", token=admin).json["entries"] == found[1:]
    assert web.ask("GET", "/api/v1/audit/check", token=admin).json == {"intact": True, "first_break": None}
    assert web.ask("GET", "/api/v1/audit", token=web.token("submit")).status == 403


def test_no_secret_and_no_data_stand_in_the_log(web: Web, tmp_path: Path) -> None:
    admin = web.token("admin")
    made = web.ask("POST", "/api/v1/tokens", b'{"scopes": ["read"], "name": "ci"}', token=admin).json
    web.ask("POST", "/session", json.dumps({"token": made["token"]}).encode())
    web.ask("PUT", "/api/v1/artifacts?name=hidden.csv", b"a\\nprivate\\n", token=admin)
    web.workspace.audit.flush()
    text = (tmp_path / "audit.log").read_text()
    assert len(text.splitlines()) == 3
    for secret in (admin, made["token"], made["token"].split("_")[2], "private", "hidden.csv"):
        assert secret not in text
    assert (tmp_path / "audit.log").stat().st_mode & 0o777 == 0o600


def test_what_was_noted_is_written_when_the_log_is_closed(web: Web) -> None:
    trail = web.workspace.audit
    for number in range(300):
        trail.note(AuditEntry("2024-01-01T00:00:00.000Z", "t", "POST", f"/{number}", 200, "", "r"))
    trail.close()
    assert [one.object for one in trail.entries(0, 1000)] == [f"/{number}" for number in range(300)]


def test_a_changed_or_missing_entry_breaks_the_chain() -> None:
    entries: list[AuditEntry] = []
    for number in range(4):
        entry = AuditEntry("2024-01-01T00:00:00.000Z", "t", "POST", f"/{number}", 200, "", "r")
        entries.append(chained(entry, entries[-1] if entries else None))
    assert first_break(entries) is None
    assert first_break([entries[0], replace(entries[1], who="x"), *entries[2:]]) == 2
    assert first_break([entries[0], *entries[2:]]) == 3


def test_log_lines_hold_no_token() -> None:
    secret = "aml_0011223344556677_" + "ab" * 32
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed with %s", (secret,), None)
    assert RedactingFormatter("%(message)s").format(record) == "failed with aml_0011223344556677_..."
