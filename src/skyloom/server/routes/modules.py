"""Modules over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.serialize import to_json
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply


def palette(request: Request) -> Response:
    return JsonReply({"modules": [to_json(spec) for spec in desk_of(request).workspace.modules()]})


ROUTES = (Route("/modules", palette, methods=["GET"]),)
