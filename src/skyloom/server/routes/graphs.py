"""Graphs over HTTP."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.server.bodies import read_object
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply


async def validate(request: Request) -> Response:
    """Every problem of the graph; that there are some is a good answer, not a refusal."""
    body = await read_object(request)
    problems = await to_thread.run_sync(desk_of(request).workspace.validate, body.get("document"))
    return JsonReply({"problems": [problem.as_json() for problem in problems]})


ROUTES = (Route("/graphs/validate", validate, methods=["POST"]),)
