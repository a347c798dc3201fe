"""Server-sent events: what changes is told as it changes, and a client that comes back misses nothing.

A stream ends when its story does, when the port or the agent closes, and when the one who asked may read no
longer: the session of a page can end while its streams are open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import StreamingResponse

from skyloom.client.strict_json import strict_json
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.credentials import credentials_of
from skyloom.server.desk import desk_of
from skyloom.server.gate import grant_of_request

SLICE_S = 1.0  # so that an end is noticed
QUIET_S = 15.0  # a line at least so often: proxies close what is silent
T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """One event. ``id`` is where the story goes on for a client that comes back behind it."""

    event: str
    data: Json
    id: int | None = None

    def as_bytes(self) -> bytes:
        r"""The lines of the event.

        >>> Told("log", {"text": "a"}, 7).as_bytes()
        b'event: log\nid: 7\ndata: {"text":"a"}\n\n'
        """
        place = "" if self.id is None else f"id: {self.id}\n"
        return f"event: {self.event}\n{place}data: {strict_json(self.data)}\n\n".encode()


class Listener:
    """Whether the story is to go on, and work done in a thread meanwhile."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._limiter: CapacityLimiter = request.app.state.listeners
        self.begins_behind = _begins_behind(request)

    async def work(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work, limiter=self._limiter)

    async def goes_on(self) -> bool:
        request = self._request
        if desk_of(request).activity.stopping.is_set():
            return False
        front = getattr(request.app.state, "front", None)  # none on the Unix socket
        if front is not None and front.closing.is_set():
            return False
        return await self.work(lambda: may_still_read(request))


def may_still_read(request: Request) -> bool:
    """Whether what opened the stream still lives; on the Unix socket there is nothing that could end."""
    if grant_of_request(request) is None:
        return True
    access, shown = desk_of(request).workspace.access, credentials_of(request.scope)
    return (access.grant(shown.bearer) if shown.bearer else access.session_grant(shown.cookie)) is not None


def streamed(story: AsyncIterator[Told | None]) -> StreamingResponse:
    """The answer; None in the story is a moment in which nothing happened."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(story), media_type="text/event-stream", headers=headers)


async def _lines(story: AsyncIterator[Told | None]) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"  # also what tells the client that the stream is open
    said = time.monotonic()
    async for told in story:
        if told is not None:
            yield told.as_bytes()
        elif time.monotonic() - said < QUIET_S:
            continue
        else:
            yield b": quiet\n\n"
        said = time.monotonic()


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _begins_behind(request: Request) -> int:
    text = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 17):
        raise ProblemError(
            Problem(
                "A013", f"The place {text!r:.40} does not read.", "Last-Event-ID", "Use the id of an event."
            )
        )
    return int(text)
