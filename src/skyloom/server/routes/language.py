"""A language server for an open editor, over a WebSocket (stack.md 3.9).

The editor's first message is a `LanguageWish` as JSON. The answer is ``{"ready": {...}}``, or
``{"problems": [...]}`` and the end. From then on every message is one of JSON-RPC, as it is: the agent reads
none of them and only puts the length before it that the server's standard input wants.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect

from skyloom.core.identity import Json
from skyloom.core.language import language_wish
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.language_frames import FrameError, framed, read_frame
from skyloom.workspace.languages import Languages, Running

PATH = "/api/v1/language"
IDLE_S = 300.0  # without a word of the editor
LOOK_S = 2.0
WISH_S = 15.0  # until the first message is there
REFUSED, ENDED, SIGNED_OUT, IDLE = 4000, 4001, 4002, 4003  # why the agent closes

IsStillIn = Callable[[], Awaitable[bool]]


async def talk(
    socket: WebSocket, languages: Languages, is_still_in: IsStillIn, closing: threading.Event
) -> None:
    """Carry one editor's socket until either side has enough."""
    await socket.accept()
    try:
        async with asyncio.timeout(WISH_S):
            first = await socket.receive_text()
        server = await to_thread.run_sync(languages.open, language_wish(_json(first)))
    except ProblemError as error:
        problems: list[Json] = [problem.as_json() for problem in error.problems]
        await _say(socket, {"problems": problems})
        await _close(socket, REFUSED)
        return
    except (WebSocketDisconnect, TimeoutError, KeyError):  # KeyError: bytes where text belongs
        await _close(socket, REFUSED)
        return
    try:
        ready: dict[str, Json] = {"folder": server.folder, "compatibility": server.compatibility}
        await _say(socket, {"ready": ready})
        code = await _Talk(socket, server, is_still_in, closing).carry()
    finally:
        await to_thread.run_sync(languages.close, server)
    await _close(socket, code)


class _Talk:
    """Both directions and the watch; the first to end ends the others."""

    def __init__(
        self, socket: WebSocket, server: Running, is_still_in: IsStillIn, closing: threading.Event
    ) -> None:
        self._socket = socket
        self._server = server
        self._is_still_in = is_still_in
        self._closing = closing
        self._last_word = time.monotonic()

    async def carry(self) -> int:
        self._server.line.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=self._server.line)
        tasks = [
            asyncio.create_task(part) for part in (self._listen(writer), self._answer(reader), self._watch())
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            writer.close()

    async def _listen(self, writer: asyncio.StreamWriter) -> int:
        """The editor's words to the server."""
        with suppress(WebSocketDisconnect, KeyError, ConnectionError):
            while True:
                text = await self._socket.receive_text()
                self._last_word = time.monotonic()
                writer.write(framed(text))
                await writer.drain()
        return ENDED

    async def _answer(self, reader: asyncio.StreamReader) -> int:
        """The server's words to the editor. It is hostile: only lengths are believed, up to a limit."""
        with suppress(FrameError, EOFError, ConnectionError, WebSocketDisconnect, RuntimeError):
            while True:
                await self._socket.send_text(await read_frame(reader))
        return ENDED

    async def _watch(self) -> int:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._closing.is_set() or await to_thread.run_sync(self._server.exceeded) is not None:
                return ENDED
            if not await self._is_still_in():
                return SIGNED_OUT
            if time.monotonic() - self._last_word > IDLE_S:
                return IDLE


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = Problem("W370", "The editor's first message does not read.", "", "Send JSON.")
        raise ProblemError(problem) from error


async def _say(socket: WebSocket, message: dict[str, Json]) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(json.dumps(message))


async def _close(socket: WebSocket, code: int) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # it is closed already
        await socket.close(code)
