"""The application: routes, error replies and what stands before every request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from skyloom.core.problem import Problem, ProblemError
from skyloom.server.desk import Desk
from skyloom.server.errors import Faults, on_http, on_problem, problem_reply
from skyloom.server.hosts import AllowedHosts
from skyloom.server.routes import (
    artifacts,
    audit,
    data,
    datasets,
    debugging,
    experiments,
    graphs,
    keeping,
    live,
    modules,
    pipelines,
    places,
    publishing,
    registry,
    runs,
    service_use,
    services,
    status,
    tables,
    tokens,
    web,
)
from skyloom.server.web_port import WebPort

MOST_THREADS = 64  # requests carried out side by side
MOST_LISTENERS = 128  # long polls that wait side by side, in threads of their own
NOUNS = (
    live,
    runs,
    experiments,
    graphs,
    datasets,
    artifacts,
    tables,
    modules,
    services,
    status,
    tokens,
    audit,
    pipelines,
    publishing,
    registry,
    data,
    keeping,
    places,
    service_use,
)  # also on the network: web_app.py


def build_app(
    desk: Desk, allowed_hosts: Collection[str] | None = None, port: WebPort | None = None
) -> Starlette:
    """The routes of the Unix socket, which only the owner of the workspace can reach.

    ``allowed_hosts`` None takes every host, as the socket does; ``port`` is what the routes of ``web`` open.
    """
    nouns = (*NOUNS, debugging, *((web,) if port else ()))
    app = Starlette(
        routes=[
            *status.HEALTH,
            Mount("/api/v1", routes=[*data.HOME_ROUTES, *(route for noun in nouns for route in noun.ROUTES)]),
        ],
        middleware=[
            Middleware(AllowedHosts, allowed=allowed_hosts),
            Middleware(Counted, desk=desk),
            Middleware(Faults),
        ],
        exception_handlers={ProblemError: on_problem, HTTPException: on_http},
        lifespan=_lifespan,
    )
    app.state.desk = desk
    app.state.port = port
    app.state.listeners = CapacityLimiter(MOST_LISTENERS)
    app.state.started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = MOST_THREADS
    app.state.desk.workspace.services.attach(asyncio.get_running_loop())  # the web port's calls run in it too
    yield


class Counted:
    """Counts requests for the idle end, and refuses new work while the agent ends."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._desk.activity.stopping.is_set() and not _is_welcome_at_the_end(scope):
            ending = Problem("A012", "The agent is ending.", "", "Ask again in a moment.")
            await problem_reply([ending])(scope, receive, send)
            return
        self._desk.activity.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._desk.activity.end()


def _is_welcome_at_the_end(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") or scope["path"] == "/api/v1/stop"
