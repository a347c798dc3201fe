"""The short way of a scoring request: from the HTTP server to a warm worker and back.

It stands before the application and takes what it can answer at once: POST to ``.../execute`` of an endpoint
that is open, with a key that fits. Everything else goes to the application, which has the rules for it: an
endpoint that must be opened first, a wrong key, a page of another origin, a body that is too large or does
not come whole within some seconds. Nothing on this way touches a disk, a database or a thread, and nothing
of a body is ever logged (services.md 1.1 and 1.3).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyloom.client.strict_json import strict_json
from skyloom.core.problem import Problem
from skyloom.core.service import Reply, ReplyForm
from skyloom.core.service_error import error_body, form_of
from skyloom.engine.ports import OpenService

Find = Callable[[str, str, str, str], OpenService | None]
Observe = Callable[[str, Reply, float, str], None]

API_VERSION = "2.0"
RETRY_AFTER = b"1"
BODY_S = 5.0  # so long for a whole body, once its head is there
_MOST_REMEMBERED = 256  # query texts
_PLACES = ("workspaces", "subscriptions")  # the second spelling is that of "New" services (services.md 0)
_ORIGIN, _HOST, _KEY, _CLIENT_ID = b"origin", b"host", b"authorization", b"x-ms-client-request-id"
_READ = {_ORIGIN, _HOST, _KEY, _CLIENT_ID}


class ShortPath:
    """ASGI application before another.

    Parameters
    ----------
    find
        ``(workspace, endpoint, authorization, host)``, the last two as the headers have them, to the
        endpoint's open service; None when there is none, when the key does not open it, or when the host is
        none of ours. Called in the loop: it looks into memory and nothing else.
    observe
        Told of every answer: endpoint, what was answered, seconds, the id that it carried.
    headers
        Further headers that every answer carries.
    """

    def __init__(
        self,
        app: ASGIApp,
        find: Find,
        observe: Observe | None = None,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self._app = app
        self._find = find
        self._observe = observe
        self._headers = ((b"content-type", b"application/json; charset=utf-8"), *headers)
        self._forms: dict[bytes, ReplyForm | None] = {}
        self._first_half = os.urandom(8).hex().encode()
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/execute") and scope["method"] == "POST":
            parts = scope["path"].split("/")
            if len(parts) == 6 and parts[1] in _PLACES and parts[3] == "services":
                told = [(name, value) for name, value in scope["headers"] if name in _READ]
                headers = dict(told)
                # a header that stands twice is read in different ways by different readers
                if len(headers) == len(told) and _KEY in headers and _ORIGIN not in headers:
                    service = self._find(
                        parts[2],
                        parts[4],
                        headers[_KEY].decode("latin-1"),
                        headers.get(_HOST, b"").decode("latin-1"),
                    )
                    if service is not None:
                        await self._answer(service, parts[4], scope, headers.get(_CLIENT_ID), receive, send)
                        return
        await self._app(scope, receive, send)

    async def _answer(
        self,
        service: OpenService,
        endpoint: str,
        scope: Scope,
        client_id: bytes | None,
        receive: Receive,
        send: Send,
    ) -> None:
        started = time.perf_counter()
        first = await receive()
        body = first.get("body", b"")
        if first["type"] != "http.request" or first.get("more_body"):
            taken = await _rest(first, receive, service.limits.body_bytes)
            if taken[-1]["type"] != "http.request" or taken[-1].get("more_body"):
                await self._app(scope, _again(taken, receive), send)
                return
            body = b"".join([message.get("body", b"") for message in taken])
        form = self._form_of(scope["query_string"])
        if form is None:
            reply = _refused(_other_version())
        else:
            reply = await service.answer(body, form)
        number = b"%s%016x" % (self._first_half, next(self._numbers))
        await self._send(reply, client_id, number, send)
        if self._observe is not None:
            self._observe(endpoint, reply, time.perf_counter() - started, number.decode())

    async def _send(self, reply: Reply, client_id: bytes | None, number: bytes, send: Send) -> None:
        told = [
            *self._headers,
            (b"content-length", b"%d" % len(reply.body)),
            (b"x-ms-request-id", number),
        ]
        if client_id is not None:
            told.append((_CLIENT_ID, client_id[:200]))
        if reply.status == 503:
            told.append((b"retry-after", RETRY_AFTER))
        await send({"type": "http.response.start", "status": reply.status, "headers": told})
        await send({"type": "http.response.body", "body": reply.body})

    def _form_of(self, query: bytes) -> ReplyForm | None:
        """What the query asks for; None for a version that is not spoken here."""
        try:
            return self._forms[query]
        except KeyError:
            form = form_of_query(query)
            if len(self._forms) < _MOST_REMEMBERED:
                self._forms[query] = form
            return form


def form_of_query(query: bytes) -> ReplyForm | None:
    """``api-version=2.0``, ``details=true``, ``format=swagger`` (and ``swagger=true``, services.md 1.1).

    >>> form_of_query(b"api-version=2.0&details=true")
    ReplyForm(is_swagger=False, has_details=True)
    """
    given = {name.lower(): values[-1] for name, values in parse_qs(query.decode("latin-1")).items()}
    if given.get("api-version", API_VERSION) != API_VERSION:
        return None
    is_swagger = given.get("format", "").lower() == "swagger" or _is_true(given.get("swagger"))
    return ReplyForm(is_swagger, _is_true(given.get("details")))


def _is_true(text: str | None) -> bool:
    return text is not None and text.lower() in ("true", "1")


async def _rest(first: Message, receive: Receive, most_bytes: int) -> list[Message]:
    """The messages of a body that comes in pieces: until it is whole, too large, too slow, or given up."""
    taken = [first]
    size = len(first.get("body", b""))
    with suppress(TimeoutError):
        async with asyncio.timeout(BODY_S):
            while taken[-1].get("more_body") and size <= most_bytes:
                taken.append(await receive())
                size += len(taken[-1].get("body", b""))
    return taken


def _again(taken: list[Message], receive: Receive) -> Receive:
    """The same line, with what was taken from it put back."""
    left = deque(taken)

    async def again() -> Message:
        return left.popleft() if left else await receive()

    return again


def _refused(problem: Problem) -> Reply:
    return Reply(form_of(problem).status, strict_json(error_body([problem])).encode())


def _other_version() -> Problem:
    what = f"This service speaks api-version {API_VERSION}."
    return Problem("W214", what, "api-version", f"Call .../execute?api-version={API_VERSION}.")
