"""Controls of reliability.md 4.1, rows 1 to 7, on the network side."""

from __future__ import annotations

import hashlib
import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from skyloom.server.app import NOUNS
from skyloom.server.descriptions import CLASSIC, NATIVE
from skyloom.server.desk import Caps
from skyloom.server.gate import is_public
from skyloom.server.routes import (
    classic_authoring,
    classic_experiments,
    datasources,
    inference,
    jobs,
    score,
    webservices,
)
from skyloom.stores.memory_access import MemorySessions, MemoryTokens
from skyloom.workspace.access import MOST_WORDS, Access

from .asking import Answer, ask
from .web import Web, make_web

CHANGING = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return make_web(tmp_path)


def operations(web: Web) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path with an id in it, description) of every operation of the document."""
    document = web.ask("GET", "/openapi.json").json
    return [
        (method.upper(), re.sub(r"{[^}]+}", "0" * 32, path), words)
        for path, methods in document["paths"].items()
        for method, words in methods.items()
    ]


# --- row 1: authentication ---


def test_the_document_is_openapi_3_1_and_describes_the_native_routes(web: Web) -> None:
    document = web.ask("GET", "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/runs/{run}/events" in document["paths"]
    assert document["components"]["securitySchemes"].keys() == {"bearer", "session"}


def test_every_route_that_is_not_public_answers_401_without_a_token(web: Web) -> None:
    asked = operations(web)
    assert len(asked) > 25
    for method, path, words in asked:
        answer = web.ask(method, path)
        if words.get("security"):
            assert not is_public(method, path)
            assert answer.status == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_public_routes_are_these_and_no_others(web: Web) -> None:
    assert {path for method, path, words in operations(web) if not words.get("security")} == {
        "/livez",
        "/readyz",
        "/session",
        "/oauth2/token",  # these take a token's id and secret
        f"/{'0' * 32}/oauth2/token",
        f"/{'0' * 32}/oauth2/v2.0/token",
        "/v2/health/live",
        "/v2/health/ready",
        f"/api/workspaces/{'0' * 32}/datasources/{'0' * 32}/content",  # its address is signed
    }


def test_an_address_that_does_not_exist_looks_like_any_other_without_a_token(web: Web) -> None:
    assert web.ask("GET", "/api/v1/nothing").status == 401
    assert web.ask("GET", "/api/v1/nothing", token=web.token("read")).status == 404


@pytest.mark.parametrize(
    "text", ["", "x", "aml_", "aml_0011223344556677_" + "0" * 64, "Bearer", "aml_é_" + "0" * 64]
)
def test_what_is_no_token_opens_nothing(web: Web, text: str) -> None:
    assert web.ask("GET", "/api/v1/runs", token=text).status == 401


def test_a_token_is_kept_as_a_digest_only(web: Web) -> None:
    text = web.token("read")
    secret = text.rpartition("_")[2]
    kept = web.workspace.access.all()[0]
    assert kept.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in repr(kept)


def test_the_right_id_with_a_wrong_secret_opens_nothing(web: Web) -> None:
    text = web.token("admin")
    other = text[:-1] + ("0" if text[-1] != "0" else "1")
    assert web.ask("GET", "/api/v1/runs", token=other).status == 401


def test_a_revoked_token_is_dead_at_once(web: Web) -> None:
    text = web.token("read")
    assert web.ask("GET", "/api/v1/runs", token=text).status == 200
    web.workspace.access.revoke(text.split("_")[1])
    answer = web.ask("GET", "/api/v1/runs", token=text)
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_an_expired_token_is_dead(web: Web) -> None:
    text = web.workspace.access.create("short", ["read"], timedelta(milliseconds=1))[1]
    time.sleep(0.01)
    assert web.ask("GET", "/api/v1/runs", token=text).status == 401


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("read", "GET", "/api/v1/runs", 200),
        ("read", "POST", "/api/v1/runs", 403),
        ("read", "GET", "/api/v1/tokens", 403),
        ("submit", "GET", "/api/v1/runs", 200),
        ("submit", "POST", "/api/v1/runs", 400),
        ("submit", "POST", "/api/v1/stop", 403),
        ("submit", "POST", "/api/v1/tokens", 403),
        ("admin", "GET", "/api/v1/tokens", 200),
        ("admin", "POST", "/api/v1/runs", 400),
        ("endpoint:" + "0" * 32, "GET", "/api/v1/runs", 403),
        ("endpoint:" + "0" * 32, "GET", "/metrics", 403),
    ],
)
def test_a_scope_opens_what_it_names(web: Web, scope: str, method: str, path: str, status: int) -> None:
    assert web.ask(method, path, token=web.token(scope)).status == status


def test_the_first_token_lies_in_a_file_of_its_owner_and_is_made_once(web: Web) -> None:
    access = web.workspace.access
    text, is_new = access.first_token()
    assert is_new
    assert access.first_token() == (text, False)
    assert access.token_file.stat().st_mode & 0o777 == 0o600
    access.revoke(text.split("_")[1])
    again, is_new = access.first_token()
    assert is_new and again != text


def test_two_workspaces_have_different_tokens(web: Web, tmp_path: Path) -> None:
    other = make_web(tmp_path / "other")
    text, _ = web.workspace.access.first_token()
    assert other.ask("GET", "/api/v1/runs", token=text).status == 401


def test_a_repeated_authorization_header_is_none(web: Web) -> None:
    text = web.token("read").encode()
    sent = [(b"host", b"localhost"), (b"authorization", b"Bearer " + text), (b"authorization", b"Bearer x")]
    assert _raw(web, "GET", "/api/v1/runs", sent) == 401


def test_every_route_has_its_line_in_the_table_of_scopes() -> None:
    for nouns, table in (
        (NOUNS, NATIVE),
        ((webservices, jobs, datasources, classic_experiments, classic_authoring, inference, score), CLASSIC),
    ):
        served = {
            (method, route.path)
            for noun in nouns
            for route in (*noun.ROUTES, *getattr(noun, "PAGE_ROUTES", ()))
            for method in (route.methods or set()) - {"HEAD"}
        }
        assert served == table.keys()


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/workspaces/{ws}/experiments"])
def test_a_fault_of_ours_is_logged_once_and_told_by_its_number(
    web: Web, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("something private")

    monkeypatch.setattr(web.workspace, "runs", broken)
    answer = web.ask("GET", path.format(ws=web.desk.workspace_id), token=web.token("read"))
    assert answer.status == 500 and "something private" not in answer.body.decode()
    [record] = [one for one in caplog.records if one.name == "skyloom.server"]
    number = record.getMessage().split()[1]  # "fault NUMBER at ..."
    assert number in answer.body.decode()


def test_a_folder_whose_content_nobody_has_is_404(web: Web) -> None:
    artifact = {
        "digest": f"sha256:{'0' * 64}",
        "name": "",
        "type": "",
        "role": "output",
        "media_type": "",
        "size": 0,
    }
    body = json.dumps({"artifact": artifact}).encode()
    answer = web.ask("POST", "/api/v1/folders/list", body, token=web.token("read"))
    assert (answer.status, answer.json["code"]) == (404, "A111")


# --- row 2: sessions and requests forged by pages ---


def _signed_in(web: Web, scope: str = "submit") -> tuple[str, str]:
    text = web.token(scope)
    answer = web.ask("POST", "/session", json.dumps({"token": text}).encode())
    assert answer.status == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-skyloom=")
    for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert word.lower() in cookie.lower()
    return cookie.split(";")[0], answer.json["csrf"]


def test_a_session_reads_with_its_cookie_alone(web: Web) -> None:
    cookie, _ = _signed_in(web)
    assert web.ask("GET", "/api/v1/runs", headers={"cookie": cookie}).status == 200


@pytest.mark.parametrize("method", CHANGING)
def test_a_session_changes_nothing_without_the_word_of_the_page(web: Web, method: str) -> None:
    cookie, csrf = _signed_in(web)
    path = "/api/v1/runs/none/cancel"
    assert web.ask(method, path, headers={"cookie": cookie}).status == 403
    assert web.ask(method, path, headers={"cookie": cookie, "x-skyloom-csrf": "0" * 64}).status == 403
    assert web.ask(method, path, headers={"cookie": cookie, "x-skyloom-csrf": csrf}).status in (404, 405)


def test_a_bearer_request_ignores_the_cookie(web: Web) -> None:
    cookie, csrf = _signed_in(web)
    headers = {"cookie": cookie, "x-skyloom-csrf": csrf}
    assert web.ask("GET", "/api/v1/runs", token="nonsense", headers=headers).status == 401


def test_a_session_ends_at_sign_out_and_with_its_token(web: Web) -> None:
    cookie, csrf = _signed_in(web)
    headers = {"cookie": cookie, "x-skyloom-csrf": csrf}
    assert web.ask("DELETE", "/session", headers=headers).status == 200
    assert web.ask("GET", "/api/v1/runs", headers={"cookie": cookie}).status == 401
    cookie, _ = _signed_in(web)
    web.workspace.access.revoke(web.workspace.access.all()[-1].id)
    assert web.ask("GET", "/api/v1/runs", headers={"cookie": cookie}).status == 401


def test_a_new_sign_in_ends_the_session_before_it(web: Web) -> None:
    old, _ = _signed_in(web)
    body = json.dumps({"token": web.token("read")}).encode()
    new = web.ask("POST", "/session", body, headers={"cookie": old}).headers["set-cookie"].split(";")[0]
    assert new != old
    assert web.ask("GET", "/session", headers={"cookie": old}).status == 401
    assert web.ask("GET", "/session", headers={"cookie": new}).status == 200


def _once(web: Web, word: str) -> Answer:
    return web.ask("POST", "/session", json.dumps({"token": word}).encode())


def test_a_word_opens_one_session_and_is_then_dead(web: Web) -> None:
    word = web.workspace.access.word_for_one_session()
    answer = _once(web, word)
    cookie = answer.headers["set-cookie"].split(";")[0]
    assert "admin" in web.ask("GET", "/session", headers={"cookie": cookie}).json["scopes"]
    again = _once(web, word)
    assert (again.status, again.json["code"]) == (401, "W354")
    assert "set-cookie" not in again.headers


def test_a_word_is_no_token(web: Web) -> None:
    word = web.workspace.access.word_for_one_session()
    assert web.ask("GET", "/api/v1/runs", token=word).status == 401
    assert _once(web, word).status == 200  # and was not spent by being shown there


@pytest.mark.parametrize("word", ["once_", "once_" + "0" * 64, "once_é"])
def test_a_word_that_nobody_gave_opens_nothing(web: Web, word: str) -> None:
    assert _once(web, word).status == 401


def test_a_word_is_dead_after_ten_minutes_and_with_its_token(tmp_path: Path) -> None:
    sessions, clock = MemorySessions(), ["2026-01-01T00:00:00.000Z"]
    access = Access(MemoryTokens(sessions), sessions, tmp_path / "token", lambda: clock[0])
    late, orphan = access.word_for_one_session(), access.word_for_one_session()
    clock[0] = "2999-01-01T00:00:00.000Z"
    assert access.sign_in(late) is None
    clock[0] = "2026-01-01T00:00:00.000Z"
    access.revoke(access.all()[0].id)
    assert access.sign_in(orphan) is None


def test_only_the_newest_words_are_kept(web: Web) -> None:
    access = web.workspace.access
    first = access.word_for_one_session()
    others = [access.word_for_one_session() for _ in range(MOST_WORDS)]
    assert access.sign_in(first) is None
    assert access.sign_in(others[0]) is not None


@pytest.mark.parametrize("method", CHANGING)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_origin_changes_nothing(web: Web, method: str, headers: dict[str, str]) -> None:
    headers = {**headers, "content-type": "text/plain"}
    assert web.ask(method, "/api/v1/runs", token=web.token("admin"), headers=headers).status == 403


def test_a_page_of_our_own_origin_may(web: Web) -> None:
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert web.ask("POST", "/api/v1/runs", token=web.token("submit"), headers=headers).status == 400


# --- row 3: host names, no CORS ---


@pytest.mark.parametrize("method", ("GET", "HEAD", "OPTIONS", *CHANGING))
@pytest.mark.parametrize("path", ["/", "/livez", "/signin", "/assets/page.css", "/api/v1/runs"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io:80"])
def test_a_foreign_host_name_gets_421_everywhere(web: Web, method: str, path: str, host: str) -> None:
    assert ask(web.app, method, path, headers={"host": host}).status == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:8421", "127.0.0.1:1", "[::1]:8421", "LOCALHOST"])
def test_our_own_host_names_are_taken_with_any_port(web: Web, host: str) -> None:
    assert ask(web.app, "GET", "/livez", headers={"host": host}).status == 200


def test_no_route_of_ours_allows_other_origins(web: Web) -> None:
    for path in ("/api/v1/runs", "/session", "/openapi.json", "/livez"):
        for method in ("GET", "OPTIONS"):
            answer = web.ask(method, path, headers={"origin": "https://evil.example"})
            assert not [name for name in answer.headers if name.startswith("access-control")]


# --- row 4: paths ---


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/runs/../tokens",
        "/api/v1/runs/..",
        "/api/v1/runs/.",
        "/api/v1/runs/a\\b",
        "/api/v1/runs/a\x00b",
        "/api/v1/runs/%2e%2e/tokens",  # what is left when %252e%252e was decoded once
        "/api/v1/runs/%5c",
        "//evil.example/api/v1/runs",
        "/api/v1/runs/a\nb",
        "/assets/../web_app.py",
        "/assets/..%2fweb_app.py",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_address_that_climbs_or_hides_is_refused(web: Web, method: str, path: str) -> None:
    assert web.ask(method, path, token=web.token("admin")).status == 400


@pytest.mark.parametrize("name", ["signin.html", "front.html", "page.css.bak", "web_app.py", "etc"])
def test_assets_are_a_list_of_names(web: Web, name: str) -> None:
    assert web.ask("GET", f"/assets/{name}").status in (401, 404)


# --- row 5: caps ---


def test_a_body_above_the_cap_is_refused_before_it_is_read(tmp_path: Path) -> None:
    web = make_web(tmp_path, Caps(json_bytes=100))
    token = web.token("submit")
    assert web.ask("POST", "/api/v1/runs", b'{"a":"' + b"x" * 100 + b'"}', token=token).status == 413
    assert web.ask("POST", "/api/v1/runs", token=token, headers={"content-length": "101"}).status == 413


@pytest.mark.parametrize("depth", [65, 100_000])
def test_json_that_is_nested_too_deep_is_refused(web: Web, depth: int) -> None:
    body = b'{"document":' + b"[" * depth + b"]" * depth + b"}"
    answer = web.ask("POST", "/api/v1/runs", body, token=web.token("submit"))
    assert answer.status == 400
    assert "deeper than 64" in answer.json["message"]


def test_nan_is_no_json(web: Web) -> None:
    assert web.ask("POST", "/api/v1/runs", b'{"document": NaN}', token=web.token("submit")).status == 400


# --- row 6: what a browser is told ---


@pytest.mark.parametrize("path", ["/", "/signin", "/assets/signin.js", "/livez", "/api/v1/runs", "/nothing"])
def test_every_answer_carries_the_headers(web: Web, path: str) -> None:
    headers = web.ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_refusals_before_the_routes_carry_them_too(web: Web) -> None:
    answer = ask(web.app, "GET", "/", headers={"host": "evil.example"})
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/signin"])
def test_pages_hold_no_script_or_style_of_their_own(web: Web, path: str) -> None:
    text = web.ask("GET", path).body.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", text)


def test_scripts_write_values_as_text_only() -> None:
    from skyloom.server.routes.pages import ASSETS

    for file in ASSETS.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), file


# --- metrics ---


def test_metrics_count_by_route_and_never_by_address(web: Web) -> None:
    token = web.token("read")
    for number in range(3):
        web.ask("GET", f"/api/v1/runs/{number}", token=token)
    web.ask("BREW", "/tea", token=token)
    text = web.ask("GET", "/metrics", token=token).body.decode()
    wanted = 'skyloom_http_requests_total{route="/api/v1/runs/{run}",method="GET",code="404"} 3'
    assert wanted in text.splitlines()
    assert "BREW" not in text and "/tea" not in text
    assert 'skyloom_http_request_seconds_bucket{route="/api/v1/runs/{run}",le="+Inf"} 3' in text
    assert re.search(r"^skyloom_http_requests_in_flight 1$", text, re.MULTILINE)


def _raw(web: Web, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> int:
    import asyncio

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
    }
    asyncio.run(web.app(scope, receive, send))  # type: ignore[arg-type]
    return int(sent[0]["status"])
