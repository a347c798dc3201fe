"""Datastores and datasets of pipelines, over HTTP. What opens a datastore comes in and never goes out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.data_api import DataApi
from skyloom.core.datastore import Datastore
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.server.bodies import query_text, read_as, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD


def datastores(request: Request) -> Response:
    return JsonReply({"datastores": [to_json(store) for store in _api(request).datastores()]})


async def register_datastore(request: Request) -> Response:
    body = await read_object(request)
    store = read_as(Datastore, body.get("datastore"), "datastore")
    secrets = _texts(body.get("secrets"), "secrets")
    overwrite, create = body.get("overwrite") is True, body.get("create") is True
    ask = partial(
        _api(request).register_datastore, store, secrets, overwrite, body.get("validate") is not False, create
    )
    return JsonReply(to_json(await to_thread.run_sync(ask)), 201)


async def unregister_datastore(request: Request) -> Response:
    await to_thread.run_sync(_api(request).unregister_datastore, request.path_params["datastore"])
    return JsonReply({})


async def define(request: Request) -> Response:
    definition = await _definition(request)
    return JsonReply({"id": await to_thread.run_sync(_api(request).define_dataset, definition)}, 201)


def definition(request: Request) -> Response:
    return JsonReply(_api(request).dataset_definition(request.path_params["id"]))


async def files(request: Request) -> Response:
    """Where a definition's files lie on this machine, for clients that share it; fetched first."""
    wanted = await _definition(request)
    return JsonReply(to_json(await to_thread.run_sync(_api(request).dataset_files, wanted)))


async def register(request: Request) -> Response:
    body = await read_object(request)
    given = body.get("definition")
    if not isinstance(given, dict):
        raise _no_object("definition")
    ask = partial(
        _api(request).register_definition,
        text_of(body, "name"),
        given,
        text_of(body, "description", ""),
        _texts(body.get("tags"), "tags"),
        body.get("new_version") is True,
    )
    return JsonReply(to_json(await to_thread.run_sync(ask)), 201)


def registered(request: Request) -> Response:
    found = _api(request).registered_datasets(request.query_params.get("name"))
    return JsonReply({"datasets": [to_json(one) for one in found]})


async def change(request: Request) -> Response:
    body = await read_object(request)
    version = body.get("version")
    ask = partial(
        _api(request).change_definition_notes,
        text_of(body, "name"),
        version if isinstance(version, int) else 0,
        text_of(body, "description", ""),
        _texts(body.get("tags"), "tags"),
    )
    return JsonReply(to_json(await to_thread.run_sync(ask)))


async def forget(request: Request) -> Response:
    await to_thread.run_sync(_api(request).forget_dataset, query_text(request, "name"))
    return JsonReply({})


async def _definition(request: Request) -> dict[str, Json]:
    given = (await read_object(request)).get("definition")
    if not isinstance(given, dict):
        raise _no_object("definition")
    return given


def _texts(given: Json, name: str) -> dict[str, str]:
    """An object of texts; a fault does not repeat what was sent, it may be a secret."""
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise _no_object(name)
    return {key: str(value) for key, value in given.items()}


def _no_object(name: str) -> ProblemError:
    return ProblemError(Problem("A007", f"'{name}' must be an object.", name, "Send one, with text in it."))


def _api(request: Request) -> DataApi:
    return desk_of(request).workspace.pipelines


async def listing(request: Request) -> Response:
    """The same without the paths: for clients elsewhere, that ask for each content."""
    wanted = await _definition(request)
    found = await to_thread.run_sync(_api(request).dataset_files, wanted)
    return JsonReply(to_json(replace(found, files=tuple(replace(one, local="") for one in found.files))))


async def content(request: Request) -> Response:
    """The bytes of one file that a definition leads to, by its ``store`` and ``path`` in the listing."""
    body = await read_object(request)
    given = body.get("definition")
    if not isinstance(given, dict):
        raise _no_object("definition")
    store, path = text_of(body, "store"), text_of(body, "path")
    found = await to_thread.run_sync(_api(request).dataset_files, given)
    for one in found.files:
        if (one.store, one.path) == (store, path):
            return FileResponse(one.local, headers=SAFE_DOWNLOAD, media_type="application/octet-stream")
    what = f"The dataset does not lead to '{path}' in '{store}'."
    raise ProblemError(Problem("R312", what, path, "Ask for its listing again."))


ROUTES = (
    Route("/datastores", datastores, methods=["GET"]),
    Route("/definitions", define, methods=["POST"]),
    Route("/definitions/listing", listing, methods=["POST"]),
    Route("/definitions/content", content, methods=["POST"]),
    Route("/definitions/{id}", definition, methods=["GET"]),
    Route("/registered", register, methods=["POST"]),
    Route("/registered", registered, methods=["GET"]),
    Route("/registered", change, methods=["PUT"]),
    Route("/registered", forget, methods=["DELETE"]),
)
# what opens a store, and paths of this machine, go over the workspace's own socket only
HOME_ROUTES = (
    Route("/datastores", register_datastore, methods=["POST"]),
    Route("/datastores/{datastore}", unregister_datastore, methods=["DELETE"]),
    Route("/definitions/files", files, methods=["POST"]),
)
