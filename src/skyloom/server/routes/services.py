"""Web services over HTTP, in our own form; the old product's addresses are in webservices.py."""

from __future__ import annotations

import time

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.client.strict_json import parse_json
from skyloom.core.blob import ACCOUNT
from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import Problem
from skyloom.core.service import ReplyForm
from skyloom.core.web_services_api import EndpointWish, Publication
from skyloom.server.bodies import read_as, read_bytes, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.endpoint_shapes import endpoint_json, keys_json, service_json
from skyloom.server.gate import forbidden, grant_of_request
from skyloom.server.replies import JsonReply
from skyloom.workspace.web_services import WebServices


async def publish(request: Request) -> Response:
    """Publish the graph of a run or of a document; with the id of a service, replace what it serves."""
    wish = read_as(Publication, await read_object(request), "publication")
    service, endpoint = await to_thread.run_sync(_services(request).publish, wish)
    return JsonReply(
        {**service_json(service, [endpoint], desk_of(request).workspace_id), "keys": keys_json(endpoint)}, 201
    )


def all_services(request: Request) -> Response:
    """Every web service with its endpoints."""
    services, workspace = _services(request), desk_of(request).workspace_id
    found = [service_json(one, services.endpoints(one.id), workspace) for one in services.services()]
    return JsonReply({"services": found})


def one(request: Request) -> Response:
    """A web service with its endpoints."""
    services, service = _services(request), request.path_params["service"]
    workspace = desk_of(request).workspace_id
    return JsonReply(service_json(services.service(service), services.endpoints(service), workspace))


def delete(request: Request) -> Response:
    """Remove a web service with all its endpoints."""
    service = request.path_params["service"]
    _services(request).delete_service(service)
    return JsonReply({"deleted": service})


def endpoint(request: Request) -> Response:
    """An endpoint, without its keys."""
    return JsonReply(endpoint_json(_endpoint(request), desk_of(request).workspace_id))


async def put(request: Request) -> Response:
    """Add an endpoint to a service, or change how it is called."""
    wish = read_as(EndpointWish, await read_object(request), "endpoint")
    service, name = request.path_params["service"], request.path_params["endpoint"]
    made = await to_thread.run_sync(_services(request).put_endpoint, service, name, wish)
    return JsonReply(endpoint_json(made, desk_of(request).workspace_id))


def delete_endpoint(request: Request) -> Response:
    """Remove an endpoint."""
    service, name = request.path_params["service"], request.path_params["endpoint"]
    _services(request).delete_endpoint(service, name)
    return JsonReply({"deleted": name})


def keys(request: Request) -> Response:
    """Both keys of an endpoint."""
    return JsonReply(keys_json(_endpoint(request)))


async def new_key(request: Request) -> Response:
    """Make a new Primary or Secondary key; the other one goes on."""
    which = text_of(await read_object(request), "which")
    service, name = request.path_params["service"], request.path_params["endpoint"]
    return JsonReply(
        keys_json(await to_thread.run_sync(_services(request).regenerate_key, service, name, which))
    )


async def refresh(request: Request) -> Response:
    """Take over the default endpoint's graph; its models too with ``overwrite_resources``."""
    body = await read_object(request)
    service, name = request.path_params["service"], request.path_params["endpoint"]
    fresh = await to_thread.run_sync(
        _services(request).refresh_endpoint, service, name, body.get("overwrite_resources") is True
    )
    return JsonReply({"changed": fresh is not None})


async def call(request: Request) -> Response:
    """Call an endpoint with the classic request (services.md 1.1); for tools that hold no key of it."""
    found = await to_thread.run_sync(_endpoint, request)
    grant = grant_of_request(request)
    if grant is not None and not grant.may_call(found.id):
        raise forbidden(f"endpoint:{found.id}")
    body = await read_bytes(request)
    opened = await to_thread.run_sync(_services(request).opened, found.id)
    is_swagger = request.query_params.get("format") == "swagger"
    begun = time.perf_counter()
    reply = await opened.service.answer(body, ReplyForm(is_swagger, True))
    desk_of(request).workspace.usage.note(found.id, reply.status >= 400, time.perf_counter() - begun)
    if reply.status >= 400:
        return JsonReply(_with_problems(reply.body), reply.status)
    return Response(reply.body, reply.status, media_type="application/json")


def storage(request: Request) -> Response:
    """Name and key of the storage account for batch clients (services.md 1.3)."""
    return JsonReply({"account": ACCOUNT, "account_key": desk_of(request).workspace.blobs.account_key})


def _with_problems(body: bytes) -> dict[str, Json]:
    """A classic fault that also reads as one of ours."""
    told = parse_json(body)
    error = told.get("error") if isinstance(told, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    said = [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []
    problems: list[Json] = [
        Problem(
            "W158",
            str(detail.get("message")).split("\n")[0],
            str(detail.get("target", "")),
            "",
            "\n".join(str(detail.get("message")).split("\n")[1:]),
        ).as_json()
        for detail in said
    ]
    return {"error": error, "problems": problems}


def _services(request: Request) -> WebServices:
    return desk_of(request).workspace.web_services


def _endpoint(request: Request) -> Endpoint:
    return _services(request).endpoint(request.path_params["service"], request.path_params["endpoint"])


ROUTES = (
    Route("/storage", storage, methods=["GET"]),
    Route("/services", publish, methods=["POST"]),
    Route("/services", all_services, methods=["GET"]),
    Route("/services/{service}", one, methods=["GET"]),
    Route("/services/{service}", delete, methods=["DELETE"]),
    Route("/services/{service}/endpoints/{endpoint}", endpoint, methods=["GET"]),
    Route("/services/{service}/endpoints/{endpoint}", put, methods=["PUT"]),
    Route("/services/{service}/endpoints/{endpoint}", delete_endpoint, methods=["DELETE"]),
    Route("/services/{service}/endpoints/{endpoint}/keys", keys, methods=["GET"]),
    Route("/services/{service}/endpoints/{endpoint}/keys", new_key, methods=["POST"]),
    Route("/services/{service}/endpoints/{endpoint}/refresh", refresh, methods=["POST"]),
    Route("/services/{service}/endpoints/{endpoint}/call", call, methods=["POST"]),
)
