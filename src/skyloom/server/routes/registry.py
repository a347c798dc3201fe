"""The registry over HTTP: versions of models and of pipelines' modules."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.identity import Digest, Json
from skyloom.core.registry import RegistryApi
from skyloom.core.serialize import to_json
from skyloom.server.bodies import read_as, read_object
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply


@dataclass(frozen=True)
class NewEntry:
    """What is kept of a new version."""

    name: str
    body: dict[str, Json] = field(default_factory=dict)
    content: tuple[Digest, ...] = ()


@dataclass(frozen=True)
class Change:
    """Facts that are put into a version's body."""

    name: str
    version: int
    body: dict[str, Json] = field(default_factory=dict)


def entries(request: Request) -> Response:
    found = _api(request).entries(_kind(request), request.query_params.get("name"))
    return JsonReply({"entries": [to_json(entry) for entry in found]})


async def add_entry(request: Request) -> Response:
    new = read_as(NewEntry, dict(await read_object(request)), "entry")
    add = partial(_api(request).add_entry, _kind(request), new.name, new.body, new.content)
    return JsonReply(to_json(await to_thread.run_sync(add)), 201)


async def change_entry(request: Request) -> Response:
    change = read_as(Change, dict(await read_object(request)), "entry")
    write = partial(_api(request).change_entry, _kind(request), change.name, change.version, change.body)
    return JsonReply(to_json(await to_thread.run_sync(write)))


async def remove_entry(request: Request) -> Response:
    gone = read_as(Change, dict(await read_object(request)), "entry")
    remove = partial(_api(request).remove_entry, _kind(request), gone.name, gone.version)
    await to_thread.run_sync(remove)
    return JsonReply({"removed": True})


def _api(request: Request) -> RegistryApi:
    return desk_of(request).workspace.pipelines


def _kind(request: Request) -> str:
    return str(request.path_params["kind"])


ROUTES = (
    Route("/registry/{kind}", entries, methods=["GET"]),
    Route("/registry/{kind}", add_entry, methods=["POST"]),
    Route("/registry/{kind}", change_entry, methods=["PUT"]),
    Route("/registry/{kind}", remove_entry, methods=["DELETE"]),
)
