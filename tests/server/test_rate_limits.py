"""Limits of reliability.md 4.1, row 8, over a workspace in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyloom.server.desk import Caps
from skyloom.server.rate_limits import MINUTE_S, RateLimits, Window

from .asking import ask
from .web import Web, make_web

RUN = json.dumps(
    {
        "document": {
            "schema_version": 1,
            "name": "r",
            "nodes": {
                "n": {
                    "module": "Execute Python Script",
                    "parameters": {"Python Script": "import time; time.sleep(20)"},
                }
            },
        }
    }
).encode()


class Clock:
    """Time that a test tells."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_window_slides() -> None:
    clock = Clock()
    window = Window(2, clock)
    assert (window.wait_s("a"), window.wait_s("a")) == (0.0, 0.0)
    clock.now = 10
    assert window.wait_s("a") == MINUTE_S - 10
    assert window.wait_s("b") == 0.0
    clock.now = MINUTE_S
    assert window.wait_s("a") == 0.0


def sign_in(web: Web, token: str) -> int:
    return web.ask("POST", "/session", json.dumps({"token": token}).encode()).status


def test_the_sixth_sign_in_of_a_minute_is_429_and_says_when(tmp_path: Path) -> None:
    web = make_web(tmp_path)
    token = web.token("read")
    assert [sign_in(web, token) for _ in range(5)] == [200] * 5
    answer = web.ask("POST", "/session", json.dumps({"token": token}).encode())
    assert answer.status == 429 and answer.json["code"] == "W305"
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_a_token_submits_so_often_and_another_is_not_kept_waiting(tmp_path: Path) -> None:
    web = make_web(tmp_path, Caps(submits_per_minute=2))
    first, second = web.token("submit"), web.token("submit")
    path = "/api/v1/runs"
    assert [web.ask("POST", path, b"{}", first).status for _ in range(3)][2] == 429
    assert web.ask("POST", path, b"{}", second).status != 429
    assert web.ask("GET", path, token=first).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/pipelines/v1.0/w/PipelineRuns/PipelineSubmit/1",
        "/pipelines/v1.0/w/PipelineRuns/PipelineEndpointSubmit/Name",
        "/workspaces/w/services/e/jobs/j/start",
        "/api/workspaces/w/experiments",
        "/api/v1/pipelines/p/runs",
        "/api/v1/pipeline-endpoints/e/runs",
        "/api/v1/schedules/s/runs",
    ],
)
def test_every_other_way_to_submit_counts_too(tmp_path: Path, path: str) -> None:
    web = make_web(tmp_path, Caps(submits_per_minute=1))
    token = web.token("submit")
    first, second = (web.ask("POST", path, b"{}", token).status for _ in range(2))
    assert first != 429 and second == 429


def test_a_token_has_so_many_runs_at_once(tmp_path: Path) -> None:
    web = make_web(tmp_path, Caps(runs_at_once=1))
    token = web.token("submit")
    made = web.ask("POST", "/api/v1/runs", RUN, token)
    assert made.status == 201
    refused = web.ask("POST", "/api/v1/runs", RUN, token)
    assert refused.status == 429 and refused.json["code"] == "W307"
    web.ask("POST", f"/api/v1/runs/{made.json['run']}/cancel", token=token)
    while not web.workspace.is_idle():
        web.workspace.events(made.json["run"], 0, 0.1)
    again = web.ask("POST", "/api/v1/runs", RUN, token)
    assert again.status == 201
    web.workspace.cancel(again.json["run"])


def test_requests_beyond_what_is_carried_out_at_once_are_503(tmp_path: Path) -> None:
    desk = replace(make_web(tmp_path).desk, caps=Caps(requests_at_once=1))
    asked: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await limits(scope, receive, keep)  # a second one while the first goes on
        asked.append(sent[0]["status"])
        assert dict(sent[0]["headers"])[b"retry-after"] == b"1"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    limits: ASGIApp = RateLimits(slow, desk)
    assert [ask(limits, "GET", "/api/v1/runs").status for _ in range(2)] == [200, 200]
    assert asked == [503, 503]


@pytest.mark.parametrize("path", ["/api/v1/runs", "/session"])
def test_reading_is_not_limited(tmp_path: Path, path: str) -> None:
    web = make_web(tmp_path, Caps(submits_per_minute=1, sign_ins_per_minute=1))
    token = web.token("read")
    assert {web.ask("GET", path, token=token).status for _ in range(4)} == {200}
