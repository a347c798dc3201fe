from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from starlette.applications import Starlette

from skyloom.core.problem import Problem
from skyloom.server.app import build_app
from skyloom.server.desk import Caps, Desk
from skyloom.server.errors import status_of

from .asking import Answer, ask
from .memory_workspace import MemoryWorkspace

API = "/api/v1"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(MemoryWorkspace(tmp_path), tmp_path, Caps(json_bytes=10_000, upload_bytes=20_000))


@pytest.fixture
def app(desk: Desk) -> Starlette:
    return build_app(desk)


def problem_of(answer: Answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json
    assert body["status"] == answer.status
    assert body["type"] == f"urn:skyloom:problem:{body['code']}"
    assert body["problems"][0]["code"] == body["code"]
    assert {"message", "where", "fix", "detail"} <= body.keys()
    return answer.status, body["code"]


def test_health_is_told_apart_from_readiness(app: Starlette, desk: Desk) -> None:
    assert ask(app, "GET", "/livez").status == ask(app, "GET", "/readyz").status == 200
    desk.activity.stopping.set()
    assert ask(app, "GET", "/livez").status == 200
    answer = ask(app, "GET", "/readyz")
    assert problem_of(answer) == (503, "A012")
    assert answer.headers["retry-after"]


def test_an_agent_that_ends_takes_no_new_work_but_answers_questions(app: Starlette, desk: Desk) -> None:
    desk.activity.stopping.set()
    assert problem_of(ask(app, "POST", f"{API}/runs", b"{}")) == (503, "A012")
    assert ask(app, "GET", f"{API}/runs").status == 200


@pytest.mark.parametrize(
    ("method", "target", "body", "expected"),
    [
        ("GET", f"{API}/nothing", b"", (404, "A008")),
        ("GET", "/", b"", (404, "A008")),
        ("DELETE", f"{API}/runs", b"", (405, "A009")),
        ("GET", f"{API}/runs/none", b"", (404, "R001")),
        ("GET", f"{API}/datasets/version?name=none", b"", (404, "D060")),
        ("GET", f"{API}/datasets/version", b"", (400, "A013")),
        ("GET", f"{API}/runs?limit=many", b"", (400, "A013")),
        ("GET", f"{API}/runs?limit=nan", b"", (400, "A013")),
        ("GET", f"{API}/runs/none/events?after=-1", b"", (400, "A013")),
        ("POST", f"{API}/runs", b"{", (400, "A007")),
        ("POST", f"{API}/runs", b"[]", (400, "A007")),
        ("POST", f"{API}/runs", b'{"document": NaN}', (400, "A007")),
        ("POST", f"{API}/runs", b'{"document": 1, "document": 2}', (400, "A007")),
        ("POST", f"{API}/runs", b'{"document": {}, "options": {"regenerate": 7}}', (400, "A007")),
        ("POST", f"{API}/runs", b'{"document": {}, "surprise": 1}', (400, "A007")),
        ("POST", f"{API}/runs", b'{"document": ' + b"[" * 70 + b"]" * 70 + b"}", (400, "A007")),
        ("POST", f"{API}/runs", b'{"document": {}}', (422, "G016")),
        ("POST", f"{API}/runs", b" " * 10_001, (413, "A006")),
        ("POST", f"{API}/datasets", b'{"artifact": {}, "name": "x"}', (400, "A007")),
        ("POST", f"{API}/datasets", b'{"name": "x"}', (400, "A007")),
        ("PUT", f"{API}/artifacts?name=x.csv", b" " * 20_001, (413, "A006")),
        ("PUT", f"{API}/artifacts", b"x", (400, "A013")),
        ("PUT", f"{API}/artifacts?name=x&limits=7", b"x", (400, "A007")),
        ("PUT", f"{API}/artifacts?name=x&limits=%7B", b"x", (400, "A013")),
        ("PUT", f"{API}/artifacts?name=x.zip", b"no zip", (422, "D100")),
    ],
)
def test_refusals_are_problem_documents(
    app: Starlette, method: str, target: str, body: bytes, expected: tuple[int, str]
) -> None:
    assert problem_of(ask(app, method, target, body)) == expected


def test_a_body_announced_too_large_is_refused_before_it_is_read(app: Starlette) -> None:
    answer = ask(app, "PUT", f"{API}/artifacts?name=x", b"", {"content-length": "20001"})
    assert problem_of(answer) == (413, "A006")


def test_an_upload_that_is_cut_off_leaves_nothing(app: Starlette, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert ask(app, "PUT", f"{API}/artifacts?name=x.bin", [b"half"], cut_off=True).status == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_a_fault_of_ours_gives_a_number_and_no_more(
    app: Starlette, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken").write_text("")
    with caplog.at_level(logging.ERROR):
        answer = ask(app, "GET", f"{API}/doctor")
    assert problem_of(answer) == (500, "X001")
    assert b"tiger" not in answer.body and b"Traceback" not in answer.body
    [record] = caplog.records
    assert record.exc_info is not None
    number = record.getMessage().split()[1]
    assert number.encode() in answer.body


def test_answers_hold_no_nan(app: Starlette) -> None:
    artifact = ask(app, "PUT", f"{API}/artifacts?name=x.csv", b"x").json
    body = json.dumps({"artifact": artifact}).encode()
    answer = ask(app, "POST", f"{API}/artifacts/profile", body)
    assert answer.json["statistics"]["records"] == [[None]]


def test_content_is_streamed_as_an_attachment_that_no_browser_runs(app: Starlette) -> None:
    artifact = ask(app, "PUT", f"{API}/artifacts?name=x.csv", b"<script>").json
    body = json.dumps({"artifact": artifact, "format": "raw"}).encode()
    answer = ask(app, "POST", f"{API}/artifacts/content", body)
    assert answer.body == b"<script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    ask(app, "POST", f"{API}/datasets", json.dumps({"artifact": artifact, "name": "x"}).encode())
    assert ask(app, "GET", f"{API}/datasets/content?name=x&format=csv").body == b"<script>"


def test_datasets_come_in_pages_by_name(app: Starlette) -> None:
    artifact = ask(app, "PUT", f"{API}/artifacts?name=x.csv", b"x").json
    for name in ("c", "a", "b"):
        ask(app, "POST", f"{API}/datasets", json.dumps({"artifact": artifact, "name": name}).encode())
    first = ask(app, "GET", f"{API}/datasets?limit=2").json
    assert ([one["name"] for one in first["datasets"]], first["next"]) == (["a", "b"], "b")
    second = ask(app, "GET", f"{API}/datasets?limit=2&after=b").json
    assert ([one["name"] for one in second["datasets"]], second["next"]) == (["c"], None)


@pytest.mark.parametrize("key", ["", "a" * 256, "a\tb"])
def test_a_key_that_is_no_plain_text_is_refused(app: Starlette, key: str) -> None:
    answer = ask(app, "POST", f"{API}/runs", b"{}", {"idempotency-key": key})
    assert problem_of(answer) == (400, "A011")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
    ],
)
@pytest.mark.parametrize("target", ["/livez", f"{API}/runs", "/nothing"])
def test_a_foreign_host_is_refused_on_every_route(desk: Desk, host: str, status: int, target: str) -> None:
    app = build_app(desk, allowed_hosts={"localhost", "[::1]"})
    answer = ask(app, "GET", target, headers={"host": host})
    assert answer.status == (404 if status == 200 and target == "/nothing" else status)


@pytest.mark.parametrize(
    ("code", "status"),
    [("G001", 422), ("D060", 404), ("R001", 404), ("R002", 409), ("R010", 507), ("R015", 503), ("X001", 500)],
)
def test_every_code_has_its_status(code: str, status: int) -> None:
    assert status_of(Problem(code, "")) == status
