"""Patience: how long a client may take to say what it wants. Source: reliability.md 4.1, row 5."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from skyloom.core.problem import Problem, ProblemError

HEAD_S = 30.0  # from the connection to the end of the first request's head
HEAD_BYTES = 16 * 1024
BODY_S = 60.0  # without a byte of a body
REST_S, REST_BYTES = 10.0, 256 * 1024 * 1024  # of a body that nobody wants, taken off the line at most


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that ends connections on which no first request comes, and refuses heads that are too long."""

    head_s = HEAD_S
    _too_late: asyncio.TimerHandle | None = None
    _is_in_head = False
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._too_late = self.loop.call_later(self.head_s, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._is_in_head = False
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            raise ValueError("the head is too long")  # the parser makes it a 400
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        if self._too_late is not None:  # the connection is no longer ours to end
            self._too_late.cancel()
        super().handle_websocket_upgrade()

    def _give_up(self) -> None:
        first_request: object = self.cycle
        if first_request is None:
            self.transport.close()


class PatientBodies:
    """ASGI middleware: a body that stops coming ends its request with 408."""

    def __init__(self, app: ASGIApp, body_s: float = BODY_S) -> None:
        self._app = app
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_whole = False

        async def awaited() -> Message:
            nonlocal is_whole
            if is_whole:
                return await receive()  # only the client's leave-taking can come now
            try:
                message = await asyncio.wait_for(receive(), self._body_s)
            except TimeoutError:
                raise ProblemError(
                    Problem("A110", f"The body stopped coming for {self._body_s:g} s.", "body", "Send again.")
                ) from None
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, awaited, send)


class LastWords:
    """ASGI middleware: a refusal reaches a client that is still sending and closes afterwards.

    Without it the connection would be closed over what has not been read, and the client would be told of a
    reset in place of the 413. Connections that stay open need none of it.
    """

    def __init__(self, app: ASGIApp, rest_s: float = REST_S, rest_bytes: int = REST_BYTES) -> None:
        self._app = app
        self._rest_s = rest_s
        self._rest_bytes = rest_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _closes_after(scope):
            await self._app(scope, receive, send)
            return
        is_whole = False

        async def noted() -> Message:
            nonlocal is_whole
            message = await receive()
            is_whole = is_whole or not message.get("more_body", False)
            return message

        async def rest() -> None:
            left = self._rest_bytes
            while not is_whole and left > 0:
                left -= len((await noted()).get("body", b""))

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(rest(), self._rest_s)
            await send(message)

        await self._app(scope, noted, sent)


def _closes_after(scope: Scope) -> bool:
    """Whether the client wants no more than this answer, and sends its body without being asked to."""
    headers = dict(scope["headers"])
    is_last = scope.get("http_version") == "1.0" or b"close" in headers.get(b"connection", b"").lower()
    return is_last and b"expect" not in headers
