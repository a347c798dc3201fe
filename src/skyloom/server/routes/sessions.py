"""Sessions of browsers: a token is shown once, a cookie stands for it afterwards.

Source: reliability.md 4.1, row 2.
"""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.problem import Problem, ProblemError
from skyloom.server.bodies import read_object, text_of
from skyloom.server.credentials import COOKIE, credentials_of
from skyloom.server.desk import desk_of
from skyloom.server.gate import grant_of_request, unauthorized
from skyloom.server.replies import JsonReply
from skyloom.workspace.access import SESSION_LIFE, WORD, csrf_of


async def sign_in(request: Request) -> Response:
    """Begin a session with a token; one that was there before ends."""
    body = await read_object(request)
    access = desk_of(request).workspace.access
    old = credentials_of(request.scope).cookie
    text = text_of(body, "token")
    cookie = await to_thread.run_sync(access.sign_in, text, old or None)
    if cookie is None and text.startswith(WORD):
        raise ProblemError(
            Problem(
                "W354",
                "This address signed somebody in already, or is older than ten minutes.",
                "token",
                "'skyloom up' prints another.",
            )
        )
    if cookie is None:
        return unauthorized(request.scope, True)
    reply = JsonReply({"csrf": csrf_of(cookie)})
    reply.set_cookie(
        COOKIE,
        cookie,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return reply


def told(request: Request) -> Response:
    """Who asks; for a session also the word that its requests must show."""
    grant = grant_of_request(request)
    shown = credentials_of(request.scope)
    csrf = csrf_of(shown.cookie) if shown.cookie and not shown.bearer else None
    scopes = sorted(grant.scopes) if grant else []
    return JsonReply({"subject": grant.subject if grant else "owner", "scopes": scopes, "csrf": csrf})


def sign_out(request: Request) -> Response:
    """End the session; its cookie opens nothing from now on."""
    cookie = credentials_of(request.scope).cookie
    if not cookie:
        raise ProblemError(Problem("A013", "There is no session to end.", "Cookie", "Sign in first."))
    desk_of(request).workspace.access.sign_out(cookie)
    reply = JsonReply({"ended": True})
    reply.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return reply


ROUTES = (
    Route("/session", sign_in, methods=["POST"]),
    Route("/session", told, methods=["GET"]),
    Route("/session", sign_out, methods=["DELETE"]),
)
