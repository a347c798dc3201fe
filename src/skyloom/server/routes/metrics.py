"""Metrics over HTTP, in the text form that Prometheus reads; a token is needed (services.md 6)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.server.desk import desk_of
from skyloom.server.metrics import MEDIA_TYPE, Metrics


def metrics(request: Request) -> Response:
    """Requests by route, calls by endpoint, and what is going on now."""
    found = request.app.state.metrics
    assert isinstance(found, Metrics)
    gauges = {"skyloom_idle": float(desk_of(request).workspace.is_idle())}
    return Response(found.text(gauges), media_type=MEDIA_TYPE)


ROUTES = (Route("/metrics", metrics, methods=["GET"]),)
