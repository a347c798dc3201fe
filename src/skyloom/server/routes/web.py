"""The web port, opened and closed over the Unix socket."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.server.bodies import read_as, read_object
from skyloom.server.replies import JsonReply
from skyloom.server.web_port import WebPort, WebWish


async def told(request: Request) -> Response:
    return JsonReply(_port(request).told())


async def open_port(request: Request) -> Response:
    """Listen on TCP too; ``sign_in`` opens one session, ``new_token`` is the owner's if made just now."""
    body = await read_object(request)
    return JsonReply(await _port(request).open(read_as(WebWish, body, "web")))


async def close_port(request: Request) -> Response:
    return JsonReply({"closed": await _port(request).close()})


def _port(request: Request) -> WebPort:
    found = request.app.state.port
    assert isinstance(found, WebPort)
    return found


ROUTES = (
    Route("/web", told, methods=["GET"]),
    Route("/web", open_port, methods=["POST"]),
    Route("/web", close_port, methods=["DELETE"]),
)
