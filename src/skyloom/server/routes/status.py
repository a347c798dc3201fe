"""The agent itself over HTTP: alive, ready, what the machine can do, and its end."""

from __future__ import annotations

import os
import socket

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom import __version__
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply


async def live(request: Request) -> Response:
    return JsonReply({"live": True})


async def ready(request: Request) -> Response:
    """Whether work is taken; an agent on its way out says no."""
    if desk_of(request).activity.stopping.is_set():
        raise ProblemError(Problem("A012", "The agent is ending.", "", "Ask again in a moment."))
    return JsonReply({"ready": True})


def status(request: Request) -> Response:
    desk = desk_of(request)
    return JsonReply(
        {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "version": __version__,
            "home": str(desk.home),
            "started_at": request.app.state.started_at,
            "idle": desk.workspace.is_idle(),
        }
    )


def stop(request: Request) -> Response:
    """End after this answer."""
    desk_of(request).activity.stopping.set()
    return JsonReply({"stopping": True, "pid": os.getpid()}, 202)


def doctor(request: Request) -> Response:
    return JsonReply(desk_of(request).workspace.doctor())


HEALTH = (Route("/livez", live, methods=["GET"]), Route("/readyz", ready, methods=["GET"]))
ROUTES = (
    Route("/status", status, methods=["GET"]),
    Route("/stop", stop, methods=["POST"]),
    Route("/doctor", doctor, methods=["GET"]),
)
