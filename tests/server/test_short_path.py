"""The short way of a scoring request, before an application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from skyloom.core.service import CallLimits, Reply, ReplyForm
from skyloom.server import short_path
from skyloom.server.short_path import ShortPath, form_of_query

PATH = "/workspaces/w1/services/e1/execute"


class Service:
    """Answers with what it was asked."""

    limits = CallLimits(body_bytes=100)

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked: list[tuple[bytes, ReplyForm]] = []

    async def answer(self, body: bytes, form: ReplyForm) -> Reply:
        self.asked.append((body, form))
        return Reply(self.status, b'{"Results":{}}')


class Line:
    """One request through the short way; ``passed`` tells whether the application got it."""

    def __init__(self, service: Service, key: str = "k") -> None:
        self.service = service
        self.key = key
        self.passed = False
        self.passed_body = b""
        self.observed: list[tuple[str, int]] = []
        self.sent: list[dict[str, Any]] = []

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        self.passed = True
        while (message := await receive())["type"] == "http.request":
            self.passed_body += message["body"]

    def find(self, workspace: str, endpoint: str, authorization: str, host: str) -> Any:
        asked = (workspace, endpoint, authorization, host)
        known = asked == ("w1", "e1", f"Bearer {self.key}", "here")
        return self.service if known else None

    def ask(
        self,
        *pieces: bytes,
        method: str = "POST",
        path: str = PATH,
        query: bytes = b"api-version=2.0",
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(b"host", b"here"), (b"authorization", b"Bearer k"), *headers],
        }
        messages = [
            {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1}
            for place, piece in enumerate(pieces)
        ]
        messages.append({"type": "http.disconnect"})
        left = iter(messages)

        async def receive() -> Any:
            await asyncio.sleep(0)
            return next(left)

        async def send(message: Any) -> None:
            self.sent.append(message)

        def observe(endpoint: str, reply: Reply, seconds: float, number: str) -> None:
            self.observed.append((endpoint, reply.status))
            assert number == self.headers[b"x-ms-request-id"].decode()

        short = ShortPath(self.application, self.find, observe, ((b"x-own", b"yes"),))
        asyncio.run(short(scope, receive, send))

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def test_request_goes_to_the_service_and_comes_back() -> None:
    line = Line(Service())
    line.ask(b'{"Inputs":{}}', headers=((b"x-ms-client-request-id", b"mine"),))
    assert line.service.asked == [(b'{"Inputs":{}}', ReplyForm())]
    assert (line.sent[0]["status"], line.sent[1]["body"]) == (200, b'{"Results":{}}')
    assert line.headers[b"content-length"] == b"14"
    assert line.headers[b"x-ms-client-request-id"] == b"mine"
    assert len(line.headers[b"x-ms-request-id"]) == 32
    assert line.headers[b"x-own"] == b"yes"
    assert (line.passed, line.observed) == (False, [("e1", 200)])


def test_second_spelling_of_the_address() -> None:
    line = Line(Service())
    line.ask(b"{}", path="/subscriptions/w1/services/e1/execute")
    assert len(line.service.asked) == 1


def test_everything_else_goes_to_the_application() -> None:
    for words in (
        {"method": "GET"},
        {"path": "/workspaces/w1/services/e2/execute"},
        {"path": "/workspaces/w1/services/e1/jobs"},
        {"path": "/workspaces/w1/x/services/e1/execute"},
        {"headers": ((b"authorization", b"Bearer other"),)},
        {"headers": ((b"authorization", b"Bearer k"),)},  # which of the two counts?
        {"headers": ((b"host", b"elsewhere"),)},
        {"headers": ((b"origin", b"https://elsewhere"),)},
    ):
        line = Line(Service())
        line.ask(b"{}", **words)
        assert (line.passed, line.service.asked, line.sent) == (True, [], [])


def test_body_in_pieces_is_put_together() -> None:
    line = Line(Service())
    line.ask(b"one", b"two", b"three")
    assert (line.passed, line.service.asked) == (False, [(b"onetwothree", ReplyForm())])


def test_body_that_is_too_large_goes_to_the_application_with_all_that_came() -> None:
    line = Line(Service())
    line.ask(b"a" * 60, b"b" * 60, b"c" * 60)
    assert (line.passed, line.service.asked) == (True, [])
    assert line.passed_body == b"a" * 60 + b"b" * 60 + b"c" * 60


def test_body_that_stops_coming_goes_to_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_path, "BODY_S", 0.0)
    line = Line(Service())
    line.ask(b"one", b"two")
    assert (line.passed, line.passed_body, line.service.asked) == (True, b"onetwo", [])


def test_client_that_left_is_left_to_the_application() -> None:
    line = Line(Service())
    line.ask()
    assert (line.passed, line.service.asked, line.sent) == (True, [], [])


def test_503_says_when_to_come_again() -> None:
    line = Line(Service(503))
    line.ask(b"{}")
    assert line.headers[b"retry-after"] == b"1"


def test_other_version_is_refused() -> None:
    line = Line(Service())
    line.ask(b"{}", query=b"api-version=1.0")
    error = json.loads(line.sent[1]["body"])["error"]
    assert (line.sent[0]["status"], error["code"]) == (400, "BadArgument")
    assert error["details"][0]["code"] == "BadVersionCall"


def test_queries() -> None:
    assert form_of_query(b"") == ReplyForm()
    assert form_of_query(b"api-version=2.0&details=true&format=swagger") == ReplyForm(True, True)
    assert form_of_query(b"swagger=true&details=false") == ReplyForm(True, False)
    assert form_of_query(b"api-version=3") is None


def test_request_ids_differ() -> None:
    service = Service()
    ids = set()
    for _ in range(3):
        line = Line(service)
        line.ask(b"{}")
        ids.add(line.headers[b"x-ms-request-id"])
    assert len(ids) == 3
