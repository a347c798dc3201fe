"""The web application: what stands on the TCP port. FastAPI puts the routes together and describes them.

From outside in: headers that every answer carries, counting, faults, host names, odd addresses, foreign
pages, slow bodies, tokens; then the routes. Loaded when the port is opened, never before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from skyloom import __version__
from skyloom.core.access import ENDPOINT, Grant
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import Reply
from skyloom.engine.ports import OpenService
from skyloom.server.answers import SHAPES
from skyloom.server.app import MOST_LISTENERS, NOUNS, Counted
from skyloom.server.audited import Audited
from skyloom.server.credentials import COOKIE, Credentials, bearer_text
from skyloom.server.descriptions import AROUND, CLASSIC, NATIVE
from skyloom.server.desk import Desk
from skyloom.server.errors import Faults, fault_of_ours, http_problem
from skyloom.server.gate import Gate
from skyloom.server.hosts import AllowedHosts, host_name
from skyloom.server.metrics import Measured, Metrics
from skyloom.server.origins import Origins
from skyloom.server.patience import LastWords, PatientBodies
from skyloom.server.pipeline_descriptions import PIPELINES
from skyloom.server.plain_paths import PlainPaths
from skyloom.server.rate_limits import RateLimits
from skyloom.server.refusals import refusal
from skyloom.server.routes import (
    blobs,
    classic_authoring,
    classic_experiments,
    datasources,
    inference,
    jobs,
    metrics,
    oauth,
    pages,
    pipeline_history,
    pipeline_rest,
    places,
    score,
    service_documents,
    sessions,
    status,
    webservices,
)
from skyloom.server.scoring import Scoring, trace_call
from skyloom.server.secure_headers import HEADERS, SecureHeaders
from skyloom.server.short_path import ShortPath
from skyloom.server.sockets import Sockets
from skyloom.server.web_port import WebFront
from skyloom.server.web_routes import add_routes

API = "/api/v1"


def build_web_app(desk: Desk, front: WebFront) -> ASGIApp:
    """All that one open port answers."""
    counted = Metrics()
    identify = identifier(desk)
    app: ASGIApp = build_routes(desk, front, counted)
    app = RateLimits(app, desk)
    app = Gate(app, identify)
    app = Audited(app, desk.workspace.audit)
    app = Scoring(app, desk, counted, identify)
    app = PatientBodies(app)
    app = Origins(app)
    app = PlainPaths(app)
    app = AllowedHosts(app, front.hosts)
    app = Counted(app, desk)
    app = Faults(app)
    app = Measured(app, counted)
    app = SecureHeaders(app)
    app = LastWords(app)
    return Sockets(short_way(app, desk, front, counted), desk, front, identify)


def short_way(app: ASGIApp, desk: Desk, front: WebFront, counted: Metrics) -> ASGIApp:
    """Calls of open endpoints by their own keys go past everything else (short_path.py)."""
    services, workspace = desk.workspace.web_services, desk.workspace_id

    def find(asked_workspace: str, endpoint: str, authorization: str, host: str) -> OpenService | None:
        found = services.opened_now(endpoint)
        if found is None or asked_workspace != workspace or host_name(host) not in front.hosts:
            return None
        return found.service if found.endpoint.fits(bearer_text(authorization)) else None

    diagnostics = desk.workspace.diagnostics

    def observe(endpoint: str, reply: Reply, seconds: float, number: str) -> None:
        found = services.opened_now(endpoint)
        if found is not None:
            counted.call(found.endpoint.service, found.endpoint.name, reply.status, seconds)
            desk.workspace.usage.note(endpoint, reply.status >= 400, seconds)
            if found.endpoint.trace_level != "None":
                trace_call(diagnostics, found.endpoint, reply, seconds, number)

    return ShortPath(app, find, observe, HEADERS)


def build_routes(desk: Desk, front: WebFront, counted: Metrics) -> FastAPI:
    """The routes alone."""
    app = FastAPI(
        title="Skyloom",
        version=__version__,
        summary="Runs, datasets and web services of one workspace.",
        docs_url=None,  # its page loads scripts from elsewhere, which the content policy forbids
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        exception_handlers={
            ProblemError: _on_problem,
            HTTPException: _on_http,
            RequestValidationError: _on_invalid,
            Exception: _on_fault,
        },
    )
    app.state.desk = desk
    app.state.front = front
    app.state.metrics = counted
    app.state.listeners = CapacityLimiter(MOST_LISTENERS)
    app.state.started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    app.router.routes.extend(route_table())
    _describe_further(app)
    return app


@cache
def route_table() -> tuple[BaseRoute, ...]:
    """Every route behind its scope; each finds its desk in the state of the application that it serves."""
    app = FastAPI(openapi_url=None)
    add_routes(app, status.HEALTH, AROUND, "", "health")
    add_routes(app, metrics.ROUTES, AROUND, "", "health")
    add_routes(app, sessions.ROUTES, AROUND, "", "sessions")
    for noun in NOUNS:
        add_routes(app, noun.ROUTES, NATIVE, API, noun.__name__.rpartition(".")[2])
    add_routes(app, places.PAGE_ROUTES, NATIVE, API, "places")
    add_routes(app, webservices.ROUTES, CLASSIC, "", "webservices")
    add_routes(app, jobs.ROUTES, CLASSIC, "", "jobs")
    add_routes(app, score.ROUTES, CLASSIC, "", "score")
    add_routes(app, inference.ROUTES, CLASSIC, "", "inference")
    add_routes(app, datasources.ROUTES, CLASSIC, "", "datasources")
    add_routes(app, classic_experiments.ROUTES, CLASSIC, "", "experiments")
    add_routes(app, classic_authoring.ROUTES, CLASSIC, "", "experiments")
    add_routes(app, pipeline_rest.ROUTES, PIPELINES, "", "pipelines")
    add_routes(app, pipeline_history.ROUTES, PIPELINES, "", "pipelines")
    add_routes(app, oauth.ROUTES, AROUND, "", "sessions")
    app.router.routes.extend(service_documents.ROUTES)
    app.router.routes.extend(blobs.ROUTES)
    app.router.routes.extend(pages.ROUTES)
    return tuple(app.router.routes)


def identifier(desk: Desk) -> Callable[[Credentials], Grant | None]:
    """Who shows these credentials."""
    access, services = desk.workspace.access, desk.workspace.web_services

    def identify(shown: Credentials) -> Grant | None:
        if shown.bearer:
            grant = access.grant(shown.bearer)
            if grant is not None:
                return grant
            # a key of an endpoint stands in for the workspace's token there (services.md 1.5)
            endpoint = services.endpoint_of_key(shown.bearer)
            return Grant(endpoint.id, frozenset({ENDPOINT + endpoint.id})) if endpoint else None
        return access.session_grant(shown.cookie) if shown.cookie else None

    return identify


def _describe_further(app: FastAPI) -> None:
    written = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = written()
            components = document.setdefault("components", {})
            components.setdefault("schemas", {}).update(SHAPES.named)
            schemes = components.setdefault("securitySchemes", {})
            schemes["bearer"] = {"type": "http", "scheme": "bearer"}
            schemes["session"] = {"type": "apiKey", "in": "cookie", "name": COOKIE}
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return refusal(request.url.path, error.problems)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reply = refusal(request.url.path, [http_problem(request, error)])
    allowed = (error.headers or {}).get("Allow")
    if allowed:
        reply.headers["Allow"] = allowed
    return reply


async def _on_fault(request: Request, error: Exception) -> Response:
    """In the form of the address; the framework's own answer would be a bare text."""
    return refusal(request.url.path, [fault_of_ours(request.scope, error)])


async def _on_invalid(request: Request, error: Exception) -> Response:
    problem = Problem("A007", f"The request does not read: {error}", "", "See docs/reference/rest.md.")
    return refusal(request.url.path, [problem])
