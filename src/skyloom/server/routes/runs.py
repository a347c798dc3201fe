"""Runs over HTTP."""

from __future__ import annotations

import time

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.client.strict_json import parse_json
from skyloom.core.event import RunEvent
from skyloom.core.identity import RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.repair import Repair
from skyloom.core.serialize import to_json
from skyloom.core.workspace_api import Submission
from skyloom.server.bodies import parse_object, query_number, query_text, read_as, read_bytes, read_object
from skyloom.server.desk import Desk, desk_of
from skyloom.server.replies import JsonReply

LONGEST_WAIT_S = 60.0
SLICE_S = 1.0  # so that an agent that ends does not wait for its listeners
LARGEST_PAGE = 500
LONGEST_KEY = 255


async def submit(request: Request) -> Response:
    """With an Idempotency-Key the same submission gives the same run; the records keep the key."""
    body = await read_object(request)
    body["idempotency_key"] = idempotency_key(request)
    submission = read_as(Submission, body, "submission")
    run = await to_thread.run_sync(desk_of(request).workspace.submit, submission)
    request.state.run = str(run)
    return JsonReply({"run": run}, 201, {"Location": f"/api/v1/runs/{run}"})


def newest(request: Request) -> Response:
    limit = max(1, int(query_number(request, "limit", 50, LARGEST_PAGE)))
    before = request.query_params.get("before")
    found = desk_of(request).workspace.runs(
        limit + 1,
        RunId(before) if before else None,
        request.query_params.get("experiment"),
        _marks(request, "tags"),
        _marks(request, "properties"),
    )
    page = found[:limit]
    return JsonReply(
        {"runs": [to_json(one) for one in page], "next": page[-1].id if len(found) > limit else None}
    )


def one(request: Request) -> Response:
    return JsonReply(to_json(desk_of(request).workspace.run(_run(request))))


async def events(request: Request) -> Response:
    """Long poll: the events behind ``after`` as soon as there are any, at the latest after ``wait_s``."""
    after = int(query_number(request, "after", 0, 2**53))
    wait_s = query_number(request, "wait_s", 0, LONGEST_WAIT_S)
    listeners: CapacityLimiter = request.app.state.listeners
    found = await to_thread.run_sync(_wait, desk_of(request), _run(request), after, wait_s, limiter=listeners)
    return JsonReply({"events": [to_json(event) for event in found]})


def _wait(desk: Desk, run: RunId, after: int, wait_s: float) -> list[RunEvent]:
    until = time.monotonic() + wait_s
    while True:
        left = max(0.0, until - time.monotonic())
        found = desk.workspace.events(run, after, min(left, SLICE_S))
        if found or left <= SLICE_S or desk.activity.stopping.is_set():
            return found


def report(request: Request) -> Response:
    export = request.query_params.get("export") == "true"
    return JsonReply(desk_of(request).workspace.report(_run(request), export))


def cancel(request: Request) -> Response:
    run = _run(request)
    return JsonReply({"run": run, "canceled": desk_of(request).workspace.cancel(run)})


async def resume(request: Request) -> Response:
    """Run the same graph again and take over what completed; a body brings changes to files and values."""
    content = await read_bytes(request)
    repair = read_as(Repair, dict(parse_object(content)), "repair") if content else Repair()
    run = await to_thread.run_sync(desk_of(request).workspace.resume, _run(request), repair)
    request.state.run = str(run)
    return JsonReply({"run": run}, 201, {"Location": f"/api/v1/runs/{run}"})


def delete(request: Request) -> Response:
    """Forget a run that has ended, with its logs."""
    desk_of(request).workspace.delete_run(_run(request))
    return JsonReply({"run": _run(request), "deleted": True})


def why(request: Request) -> Response:
    found = desk_of(request).workspace.why(_run(request))
    return JsonReply({"run": _run(request), "nodes": [to_json(note) for note in found]})


def log(request: Request) -> Response:
    """Raw bytes behind ``offset``; whoever shows them on a screen escapes them."""
    node = query_text(request, "node")
    stream = request.query_params.get("stream", "stdout")
    offset = int(query_number(request, "offset", 0, 2**53))
    content = desk_of(request).workspace.log(_run(request), node, stream, offset)
    headers = {"X-Content-Type-Options": "nosniff", "Next-Offset": str(offset + len(content))}
    return Response(content, 200, headers, "application/octet-stream")


def _marks(request: Request, name: str) -> dict[str, str | None] | None:
    """A JSON object of names and values; null stands for any value."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        value = parse_json(text.encode())
    except ValueError:
        value = None
    if not isinstance(value, dict) or not all(one is None or isinstance(one, str) for one in value.values()):
        what = f"The query parameter '{name}' is no object of texts."
        raise ProblemError(Problem("A013", what, name, 'Send {"name": "value"}; null stands for any value.'))
    return {str(key): one if isinstance(one, str) else None for key, one in value.items()}


def idempotency_key(request: Request) -> str | None:
    """What the header holds.

    Raises
    ------
    ProblemError
        A011.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (key.isprintable() and 0 < len(key) <= LONGEST_KEY):
        raise ProblemError(
            Problem(
                "A011",
                f"An Idempotency-Key is printable text of up to {LONGEST_KEY} characters.",
                "Idempotency-Key",
                "Use a fresh random text for each submission.",
            )
        )
    return key


def _run(request: Request) -> RunId:
    return RunId(request.path_params["run"])


ROUTES = (
    Route("/runs", submit, methods=["POST"]),
    Route("/runs", newest, methods=["GET"]),
    Route("/runs/{run}", one, methods=["GET"]),
    Route("/runs/{run}", delete, methods=["DELETE"]),
    Route("/runs/{run}/events", events, methods=["GET"]),
    Route("/runs/{run}/report", report, methods=["GET"]),
    Route("/runs/{run}/cancel", cancel, methods=["POST"]),
    Route("/runs/{run}/resume", resume, methods=["POST"]),
    Route("/runs/{run}/why", why, methods=["GET"]),
    Route("/runs/{run}/log", log, methods=["GET"]),
)
