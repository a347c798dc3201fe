"""Errors: every refusal becomes a problem document (RFC 9457) with a status; faults of ours get a number."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyloom.core.codes import CODES
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.replies import ProblemReply

_log = logging.getLogger("skyloom.server")

RETRY_AFTER = "2"  # seconds
_TOLD = "fault"  # in the state of a request whose fault was logged and answered


def status_of(problem: Problem) -> int:
    """The HTTP status of a problem (core/codes.py); a code of an installed package is a fault of input."""
    known = CODES.get(problem.code)
    return known.status if known else 422


def problem_reply(problems: Sequence[Problem]) -> Response:
    """All problems; the first one decides the status and is repeated in the fields of the standard."""
    first = problems[0]
    status = status_of(first)
    body = {
        "type": f"urn:skyloom:problem:{first.code}",
        "status": status,
        "detail": first.message,
        **{name: value for name, value in first.as_json().items() if name != "traceback" or value},
        "problems": [problem.as_json() for problem in problems],
    }
    return ProblemReply(body, status, {"Retry-After": RETRY_AFTER} if status == 503 else None)


def on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_reply(error.problems)


def on_http(request: Request, error: Exception) -> Response:
    """What the router refused."""
    assert isinstance(error, HTTPException)
    reply = problem_reply([http_problem(request, error)])
    allowed = (error.headers or {}).get("Allow")
    if allowed:
        reply.headers["Allow"] = allowed
    return reply


def http_problem(request: Request, error: HTTPException) -> Problem:
    """The problem behind what the router refused."""
    if error.status_code == 405:
        return Problem("A009", f"{request.method} is not for this address.", request.url.path)
    if error.status_code == 404:
        return Problem(
            "A008", "There is nothing at this address.", request.url.path, "See docs/reference/rest.md."
        )
    return Problem("A007", str(error.detail), request.url.path)


class Faults:
    """ASGI middleware: a fault of ours is logged once with a number, and the number is all the user gets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched_send(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except ClientDisconnect:
            _log.info("client went away at %s %s", scope["method"], scope["path"])
        except Exception as error:
            if _TOLD in scope.get("state", {}):
                return  # a framework below has answered and raises it once more
            reply = problem_reply([fault_of_ours(scope, error)])
            if not begun:
                await reply(scope, receive, send)


def fault_of_ours(scope: Scope, error: Exception) -> Problem:
    """The problem that tells a fault's number; the log gets the rest, once."""
    scope.setdefault("state", {})[_TOLD] = True
    number = secrets.token_hex(4)
    place = f"{scope['method']} {scope['path']}"
    _log.error("fault %s at %s", number, place, exc_info=error)
    return Problem(
        "X001",
        f"Skyloom met a fault of its own (number {number}).",
        place,
        "The agent's log tells more under this number; please report it.",
    )
