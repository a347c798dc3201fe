"""Management of web services at the addresses, and with the bodies, of the old product (services.md 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import READ, SUBMIT
from skyloom.core.artifact import Artifact
from skyloom.core.endpoint import Endpoint, ThrottleLevel, TraceLevel
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.web_services_api import EndpointWish
from skyloom.server.blob_references import blob_of
from skyloom.server.bodies import read_object
from skyloom.server.desk import desk_of
from skyloom.server.endpoint_shapes import classic_endpoint, classic_service
from skyloom.server.gate import forbidden, grant_of_request
from skyloom.server.origin import base_of
from skyloom.server.replies import JsonReply
from skyloom.workspace.code_service import publication_of
from skyloom.workspace.web_services import WebServices


def check_workspace(request: Request) -> str:
    """The workspace's id, as the address says it.

    Raises
    ------
    ProblemError
        W112.
    """
    ours, given = desk_of(request).workspace_id, request.path_params["ws"]
    if given != ours:
        raise ProblemError(
            Problem("W112", f"There is no workspace '{given}' here.", given, f"The id of this one is {ours}.")
        )
    return ours


def all_services(request: Request) -> Response:
    """Every web service; an empty list where there is none."""
    check_workspace(request)
    allow(request, READ)
    services = _services(request)
    return JsonReply([_service(request, one.id) for one in services.services()])


def one(request: Request) -> Response:
    """A web service."""
    check_workspace(request)
    allow(request, READ)
    return JsonReply(_service(request, request.path_params["sid"]))


async def publish(request: Request) -> Response:
    """Publish a function as a web service, or replace the one of this id (services.md 2.4)."""
    check_workspace(request)
    allow(request, SUBMIT)
    body, sid = await read_object(request), request.path_params["sid"].replace("-", "")
    workspace = desk_of(request).workspace
    wish = await to_thread.run_sync(publication_of, body, sid, workspace.upload)
    try:
        service, _ = await to_thread.run_sync(_services(request).publish, wish)
    except ProblemError as error:
        if error.problem.code not in _NO_RUNTIME:
            raise
        raise ProblemError(replace(error.problem, code="W160")) from error
    return JsonReply(_service(request, service.id))


def delete(request: Request) -> Response:
    """Remove a web service and its endpoints."""
    check_workspace(request)
    allow(request, SUBMIT)
    _services(request).delete_service(request.path_params["sid"])
    return Response(status_code=204)


def endpoints(request: Request) -> Response:
    """The endpoints of a service, with their keys."""
    workspace = check_workspace(request)
    allow(request, SUBMIT)
    found = _services(request).endpoints(request.path_params["sid"])
    return JsonReply([classic_endpoint(endpoint, workspace, base_of(request)) for endpoint in found])


def endpoint(request: Request) -> Response:
    """An endpoint, with its keys; its own key may ask for it too."""
    workspace = check_workspace(request)
    found = _endpoint(request)
    _allow_endpoint(request, found)
    return JsonReply(classic_endpoint(found, workspace, base_of(request)))


async def put_endpoint(request: Request) -> Response:
    """Add an endpoint, or change how it is called."""
    workspace = check_workspace(request)
    allow(request, SUBMIT)
    body = await read_object(request)
    wish = EndpointWish(
        _text(body, "Description"),
        cast(ThrottleLevel | None, _choice(body, "ThrottleLevel", get_args(ThrottleLevel))),
        _calls(body),
        _flag(body, "PreventUpdate"),
        cast(TraceLevel | None, _choice(body, "DiagnosticsTraceLevel", get_args(TraceLevel))),
    )
    sid, name = request.path_params["sid"], request.path_params["name"]
    made = await to_thread.run_sync(_services(request).put_endpoint, sid, name, wish)
    return JsonReply(classic_endpoint(made, workspace, base_of(request)))


def delete_endpoint(request: Request) -> Response:
    """Remove an endpoint."""
    check_workspace(request)
    allow(request, SUBMIT)
    _services(request).delete_endpoint(request.path_params["sid"], request.path_params["name"])
    return Response(status_code=204)


async def patch_endpoint(request: Request) -> Response:
    """Replace trained models by name: the way a web service is retrained. The endpoint's key is enough."""
    check_workspace(request)
    found = await to_thread.run_sync(_endpoint, request)
    _allow_endpoint(request, found)
    body = await read_object(request)
    resources = body.get("Resources")
    if not isinstance(resources, list) or not resources:
        raise unfit("Resources", "a list of objects", resources)
    grant = grant_of_request(request)
    is_trusted = grant is None or grant.may(SUBMIT)
    blobs = desk_of(request).workspace.blobs
    content: dict[str, Artifact] = {}
    for place, resource in enumerate(resources):
        where = f"Resources[{place}]"
        if not isinstance(resource, dict) or not isinstance(resource.get("Name"), str):
            raise unfit(where, "an object with a Name", resource)
        ref = blob_of(resource.get("Location"), f"{where}.Location", blobs, False, is_trusted)
        content[str(resource["Name"])] = (await to_thread.run_sync(blobs.find, ref)).artifact
    await to_thread.run_sync(_services(request).patch_endpoint, found.service, found.name, content)
    return Response(status_code=204)


async def refresh(request: Request) -> Response:
    """Take over the default endpoint's graph; 304 when that changes nothing."""
    check_workspace(request)
    allow(request, SUBMIT)
    body = await read_object(request)
    overwrite = _flag(body, "OverwriteResources") is True
    sid, name = request.path_params["sid"], request.path_params["name"]
    fresh = await to_thread.run_sync(_services(request).refresh_endpoint, sid, name, overwrite)
    return Response(status_code=304 if fresh is None else 204)


def allow(request: Request, scope: str) -> None:
    """Go on if the token's scope covers it; raises A103."""
    grant = grant_of_request(request)
    if grant is not None and not grant.may(scope):
        raise forbidden(scope)


def _allow_endpoint(request: Request, found: Endpoint) -> None:
    grant = grant_of_request(request)
    if grant is not None and not grant.may_call(found.id):
        raise forbidden(f"endpoint:{found.id}")


def _service(request: Request, sid: str) -> dict[str, Json]:
    services = _services(request)
    return classic_service(services.service(sid), desk_of(request).workspace_id, len(services.endpoints(sid)))


def _services(request: Request) -> WebServices:
    return desk_of(request).workspace.web_services


def _endpoint(request: Request) -> Endpoint:
    return _services(request).endpoint(request.path_params["sid"], request.path_params["name"])


def _text(body: Mapping[str, Json], name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise unfit(name, "text", value)


def _choice(body: Mapping[str, Json], name: str, choices: tuple[str, ...]) -> str | None:
    value = body.get(name)
    if value is None or (isinstance(value, str) and value in choices):
        return value
    raise unfit(name, f"one of {', '.join(choices)}", value)


def _calls(body: Mapping[str, Json]) -> int | None:
    """Clients send a number or a text."""
    value = body.get("MaxConcurrentCalls")
    if value is None:
        return None
    is_number = isinstance(value, (int, str)) and not isinstance(value, bool)
    if is_number and str(value).isdecimal() and len(str(value)) < 9:
        return int(str(value))
    raise unfit("MaxConcurrentCalls", "a number", value)


def _flag(body: Mapping[str, Json], name: str) -> bool | None:
    """Clients send true, or "True" (services.md 1.5)."""
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise unfit(name, "true or false", value)


def unfit(name: str, wanted: str, value: Json) -> ProblemError:
    """W121: a member of a body that is something else."""
    return ProblemError(
        Problem("W121", f"'{name}' must be {wanted}, not {value!r:.80}.", name, "See docs/web-services.md.")
    )


_NO_RUNTIME = ("C050", "C051", "G008")  # the environment, its interpreter, or the module is not here
ROUTES = (
    Route("/workspaces/{ws}/webservices", all_services, methods=["GET"]),
    Route("/workspaces/{ws}/webservices/{sid}", one, methods=["GET"]),
    Route("/workspaces/{ws}/webservices/{sid}", publish, methods=["PUT"]),
    Route("/workspaces/{ws}/webservices/{sid}", delete, methods=["DELETE"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints", endpoints, methods=["GET"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints/{name}", endpoint, methods=["GET"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints/{name}", put_endpoint, methods=["PUT"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints/{name}", delete_endpoint, methods=["DELETE"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints/{name}", patch_endpoint, methods=["PATCH"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints/{name}/refresh", refresh, methods=["POST"]),
)
