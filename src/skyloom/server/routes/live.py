"""Runs, logs and the list of runs as server-sent events (server/stream.py)."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.event import RunEvent
from skyloom.core.identity import RunId
from skyloom.core.run import Run
from skyloom.core.serialize import to_json
from skyloom.core.state import State, is_terminal
from skyloom.server.bodies import query_text
from skyloom.server.desk import Desk, desk_of
from skyloom.server.stream import SLICE_S, Listener, Told, pause, streamed

LOG_PAUSE_S = 0.2
LOG_BYTES = 256 * 1024  # of one event
LISTED = 50  # newest runs that are watched for changes


async def run(request: Request) -> Response:
    """A run's events; each node that has ended, whole; at the end the run's state."""
    desk, name = desk_of(request), RunId(request.path_params["run"])
    listener = Listener(request)
    await to_thread.run_sync(desk.workspace.run, name)  # R001 as a plain answer
    return streamed(_run_story(desk, name, listener))


async def _run_story(desk: Desk, name: RunId, listener: Listener) -> AsyncIterator[Told | None]:
    after = listener.begins_behind
    while await listener.goes_on():
        found = await listener.work(lambda: desk.workspace.run(name))
        wait_s = 0.0 if is_terminal(found.state) else SLICE_S
        events = await listener.work(lambda: desk.workspace.events(name, after, wait_s))  # noqa: B023
        if events:
            found = await listener.work(lambda: desk.workspace.run(name))
        for event in events:
            if _ends_a_node(event):
                node = found.node(event.node or "")
                if node is not None:
                    yield Told("node", to_json(node))
            yield Told("run", to_json(event), event.sequence)
            after = event.sequence
        if not events:
            if is_terminal(found.state):
                yield Told("end", {"state": found.state.value})
                return
            yield None


def _ends_a_node(event: RunEvent) -> bool:
    return event.kind == "state" and event.node is not None and is_terminal(State(str(event.body["state"])))


async def log(request: Request) -> Response:
    """A node's log as it is written; the id is the byte behind what was told."""
    desk, name, node = desk_of(request), RunId(request.path_params["run"]), query_text(request, "node")
    stream = request.query_params.get("stream", "stdout")
    listener = Listener(request)
    await to_thread.run_sync(desk.workspace.log, name, node, stream, listener.begins_behind)  # R001, R003
    return streamed(_log_story(desk, name, node, stream, listener))


async def _log_story(
    desk: Desk, name: RunId, node: str, stream: str, listener: Listener
) -> AsyncIterator[Told | None]:
    offset = listener.begins_behind
    while await listener.goes_on():
        has_ended = _has_ended(await listener.work(lambda: desk.workspace.run(name)), node)
        content = await listener.work(lambda: desk.workspace.log(name, node, stream, offset))  # noqa: B023
        for text, size in log_pieces(content, has_ended):
            yield Told("log", {"text": text, "offset": offset}, offset + size)
            offset += size
        if has_ended:
            yield Told("end", {})
            return
        yield None
        await pause(LOG_PAUSE_S)


def _has_ended(run: Run, node: str) -> bool:
    found = run.node(node)
    return found is None or is_terminal(found.state) or is_terminal(run.state)


def log_pieces(content: bytes, is_all: bool) -> list[tuple[str, int]]:
    """Text and its length in bytes, in pieces; half a character at the end waits for its other half.

    >>> log_pieces("aé".encode()[:2], False), log_pieces("aé".encode()[:2], True)
    ([('a', 1)], [('a�', 2)])
    """
    pieces: list[tuple[str, int]] = []
    place = 0
    while place < len(content):
        piece = content[place : place + LOG_BYTES]
        is_last = is_all and place + len(piece) == len(content)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(piece, is_last)
        size = len(piece) - len(decoder.getstate()[0])
        if not size:
            break
        pieces.append((text, size))
        place += size
    return pieces


async def changes(request: Request) -> Response:
    """Runs that are new or have changed; begins with the newest ones."""
    return streamed(_list_story(desk_of(request), Listener(request)))


async def _list_story(desk: Desk, listener: Listener) -> AsyncIterator[Told | None]:
    told: dict[RunId, object] = {}
    while await listener.goes_on():
        found = await listener.work(lambda: desk.workspace.runs(LISTED))
        for summary in reversed(found):
            if told.get(summary.id) != summary:
                yield Told("run", to_json(summary))
        told = {summary.id: summary for summary in found}
        yield None
        await pause(SLICE_S)


ROUTES = (
    Route("/runs/changes", changes, methods=["GET"]),  # stands before /runs/{run}
    Route("/runs/{run}/stream", run, methods=["GET"]),
    Route("/runs/{run}/log/stream", log, methods=["GET"]),
)
