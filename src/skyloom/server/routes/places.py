"""Datastores and compute targets for the page: listed with their marks, tried, browsed, made and removed."""

from __future__ import annotations

import ipaddress
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.datastore import Datastore
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.core.store_view import ComputesApi, StoresApi
from skyloom.server.bodies import read_as, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.hosts import host_name
from skyloom.server.replies import JsonReply
from skyloom.server.web_port import LOOPBACK_NAMES


def stores(request: Request) -> Response:
    """Every datastore; nothing of what opens them."""
    return JsonReply({"stores": [to_json(one) for one in _stores(request).all()]})


async def register(request: Request) -> Response:
    """Keep a datastore after it has let us in. What opens it is taken over TLS or on this machine only."""
    body = await read_object(request)
    store = read_as(Datastore, body.get("datastore"), "datastore")
    secrets = _secrets(body.get("secrets"))
    if secrets and not _is_private(request):
        what = "What opens a datastore is not taken over a network that everybody can listen to."
        fix = "Open this page on the workspace's machine, or over https, or register it from Python there."
        raise ProblemError(Problem("W384", what, "secrets", fix))
    overwrite, create = body.get("overwrite") is True, body.get("create") is True
    ask = partial(_stores(request).register, store, secrets, overwrite, create)
    return JsonReply(to_json(await to_thread.run_sync(ask)), 201)


def unregister(request: Request) -> Response:
    """Forget a datastore; what it holds stays where it is."""
    name = request.path_params["name"]
    _stores(request).unregister(name)
    return JsonReply({"unregistered": name})


def make_default(request: Request) -> Response:
    """Let this be the store of those who name none."""
    name = request.path_params["name"]
    _stores(request).make_default(name)
    return JsonReply({"default": name})


def test(request: Request) -> Response:
    """Try to reach a datastore."""
    return JsonReply(to_json(_stores(request).test(request.path_params["name"])))


def level(request: Request) -> Response:
    """Files and folders right at a path of a datastore."""
    path = request.query_params.get("path", "")
    return JsonReply(to_json(_stores(request).level(request.path_params["name"], path)))


def computes(request: Request) -> Response:
    """Every compute target with its nodes as they are now."""
    return JsonReply({"computes": [to_json(one) for one in _computes(request).all()]})


async def put_compute(request: Request) -> Response:
    """Make a pool of nodes on this machine, or change its numbers."""
    body = await read_object(request)
    numbers = [
        _whole(body, name, usual) for name, usual in (("min_nodes", 0), ("max_nodes", 4), ("idle_s", 1800))
    ]
    ask = partial(_computes(request).put, text_of(body, "name"), *numbers)
    return JsonReply(to_json(await to_thread.run_sync(ask)))


def remove_compute(request: Request) -> Response:
    """Forget a compute target."""
    name = request.path_params["name"]
    _computes(request).remove(name)
    return JsonReply({"removed": name})


def _whole(body: dict[str, Json], name: str, usual: int) -> int:
    value = body.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ProblemError(Problem("W385", f"'{name}' must be a whole number.", name, "Send one."))
    return value


def _secrets(given: Json) -> dict[str, str]:
    """Texts by name; a fault does not repeat what was sent."""
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ProblemError(Problem("A007", "'secrets' must be an object of texts.", "secrets", "Send one."))
    return {name: str(value) for name, value in given.items() if value}


def _is_private(request: Request) -> bool:
    """Whether nobody on the way could read the body: this machine, or TLS as clients see it."""
    if request.app.state.front.is_tls:
        return True
    if host_name(request.headers["host"]) not in LOOPBACK_NAMES:  # a proxy of this machine, for others
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _stores(request: Request) -> StoresApi:
    return desk_of(request).workspace.stores


def _computes(request: Request) -> ComputesApi:
    return desk_of(request).workspace.computes


ROUTES = (
    Route("/stores", stores, methods=["GET"]),
    Route("/stores/{name}", unregister, methods=["DELETE"]),
    Route("/stores/{name}/default", make_default, methods=["PUT"]),
    Route("/stores/{name}/test", test, methods=["POST"]),
    Route("/stores/{name}/level", level, methods=["GET"]),
    Route("/computes", computes, methods=["GET"]),
    Route("/computes", put_compute, methods=["PUT"]),
    Route("/computes/{name}", remove_compute, methods=["DELETE"]),
)
PAGE_ROUTES = (Route("/stores", register, methods=["POST"]),)  # needs to know its port: not on the socket
