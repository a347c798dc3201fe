"""What every store of tokens, sessions and facts promises (engine/web_ports.py)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from skyloom.core.access import Session, Token
from tests.contracts.web_rooms import WebRoom

TOKEN = Token("0011223344556677", "d" * 64, "ci", ("read", "submit"), "2024-05-01T10:00:00.000Z")
LATER = "2024-05-01T11:00:00.000Z"


def test_a_token_reads_back_as_it_was_added(web: WebRoom) -> None:
    web.tokens.add(TOKEN)
    web.reopen()
    assert web.tokens.find(TOKEN.id) == TOKEN
    assert web.tokens.find("nobody") is None


def test_tokens_are_listed_in_order_of_creation(web: WebRoom) -> None:
    second = replace(TOKEN, id="a" * 16, created_at=LATER)
    web.tokens.add(second)
    web.tokens.add(TOKEN)
    assert web.tokens.all() == [TOKEN, second]


def test_a_revoked_token_stays_listed_and_is_revoked_once(web: WebRoom) -> None:
    web.tokens.add(TOKEN)
    assert web.tokens.revoke(TOKEN.id, LATER)
    assert not web.tokens.revoke(TOKEN.id, "2025-01-01T00:00:00.000Z")
    assert not web.tokens.revoke("nobody", LATER)
    web.reopen()
    assert web.tokens.all() == [replace(TOKEN, revoked_at=LATER)]


def test_sessions_end_with_their_token(web: WebRoom) -> None:
    web.tokens.add(TOKEN)
    web.sessions.add(Session("c" * 64, TOKEN.id, TOKEN.created_at, LATER))
    web.sessions.add(Session("e" * 64, "another", TOKEN.created_at, LATER))
    web.tokens.revoke(TOKEN.id, LATER)
    assert web.sessions.find("c" * 64) is None
    assert web.sessions.find("e" * 64) is not None


def test_a_session_reads_back_and_is_removed_once(web: WebRoom) -> None:
    session = Session("c" * 64, TOKEN.id, TOKEN.created_at, LATER)
    web.sessions.add(session)
    web.reopen()
    assert web.sessions.find(session.digest) == session
    assert web.sessions.remove(session.digest)
    assert not web.sessions.remove(session.digest)


def test_a_use_is_remembered_and_never_undoes_a_revocation(web: WebRoom) -> None:
    web.tokens.add(TOKEN)
    web.tokens.touch(TOKEN.id, LATER)
    web.tokens.touch("nobody", LATER)
    assert web.tokens.find(TOKEN.id) == replace(TOKEN, last_used_at=LATER)
    web.tokens.revoke(TOKEN.id, LATER)
    web.tokens.touch(TOKEN.id, LATER)
    found = web.tokens.find(TOKEN.id)
    assert found is not None and found.revoked_at == LATER


def test_the_first_value_of_a_fact_holds_whoever_comes_second(web: WebRoom) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda number: web.facts.keep("workspace id", str(number)), range(16)))
    assert len(told) == 1
    web.reopen()
    assert {web.facts.keep("workspace id", "late")} == told
