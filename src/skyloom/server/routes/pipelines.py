"""What pipelines need, over HTTP: facts of the workspace, folders, datastores, graphs and notes of runs."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.client.strict_json import parse_json
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DataReference
from skyloom.core.folder import Folder, check_paths
from skyloom.core.identity import Digest, RunId
from skyloom.core.pipeline_address import workspace_path
from skyloom.core.pipeline_api import PipelineApi
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import graph_to_json, to_json
from skyloom.server.bodies import query_text, read_as, read_object, spool, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD, named_by_the_client

_LONGEST_HEADING = 1 << 20


def facts(request: Request) -> Response:
    """What the workspace says of itself, and below which path its published pipelines are started."""
    known = _api(request).facts()
    words = [str(known.get(name) or "") for name in ("subscription_id", "resource_group", "name")]
    return JsonReply({"facts": known, "pipelines": workspace_path(*words)})


async def change_facts(request: Request) -> Response:
    body = await read_object(request)
    given = body.get("facts")
    if not isinstance(given, dict):
        raise ProblemError(Problem("A007", "'facts' must be an object.", "facts", "Send what is to change."))
    create = body.get("create") is True
    changed = await to_thread.run_sync(partial(_api(request).change_facts, given, create))
    return JsonReply({"facts": changed})


def secret_names(request: Request) -> Response:
    return JsonReply({"names": [*_api(request).secret_names()]})


def secret(request: Request) -> Response:
    return JsonReply({"value": _api(request).secret(request.path_params["name"])})


async def put_secrets(request: Request) -> Response:
    body = await read_object(request)
    given = body.get("secrets")
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        what = "'secrets' must be an object of texts."
        raise ProblemError(Problem("A007", what, "secrets", "Send names with their values."))
    secrets = {name: str(value) for name, value in given.items()}
    await to_thread.run_sync(_api(request).put_secrets, secrets)
    return JsonReply({"names": sorted(secrets)})


def forget_secret(request: Request) -> Response:
    _api(request).forget_secret(request.path_params["name"])
    return JsonReply({"forgotten": request.path_params["name"]})


async def missing(request: Request) -> Response:
    body = await read_object(request)
    digests = body.get("digests")
    wanted = [Digest(str(one)) for one in digests] if isinstance(digests, list) else []
    found = await to_thread.run_sync(_api(request).missing, wanted)
    return JsonReply({"missing": list(found)})


async def keep_files(request: Request) -> Response:
    """The body: a line of JSON with the files' sizes, then the files one after the other."""
    file = await spool(request)
    try:
        digests = await to_thread.run_sync(_keep_files, _api(request), file)
    finally:
        file.close()
    return JsonReply({"digests": list(digests)}, 201)


def _keep_files(api: PipelineApi, file: BinaryIO) -> list[Digest]:
    sizes: Any = None
    with suppress(ValueError):
        sizes = parse_json(file.readline(_LONGEST_HEADING))
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        raise ProblemError(Problem("P261", "The first line is no list of sizes.", "", "Send sizes in bytes."))
    return api.keep_files(sizes, file)


async def keep_folder(request: Request) -> Response:
    body = await read_object(request)
    folder = read_as(Folder, body.get("folder"), "folder")
    try:
        check_paths([*(file.path for file in folder.files), *folder.folders])
    except ValueError as error:
        what = f"The folder cannot be kept: {error}."
        raise ProblemError(Problem("R304", what, "folder", "Use relative paths, each once.")) from error
    kept = await to_thread.run_sync(_api(request).keep_folder, folder, text_of(body, "name"))
    return JsonReply(to_json(kept), 201)


async def folder(request: Request) -> Response:
    body = await read_object(request)
    artifact = read_as(Artifact, body.get("artifact"), "artifact")
    with named_by_the_client():
        return JsonReply(to_json(await to_thread.run_sync(_api(request).folder, artifact)))


def stored_files(request: Request) -> Response:
    place = DataReference(request.path_params["datastore"], request.query_params.get("path", ""))
    return JsonReply({"files": [to_json(file) for file in _api(request).stored_files(place)]})


async def store_file(request: Request) -> Response:
    """The body is the file, ``path`` its place."""
    place = DataReference(request.path_params["datastore"], query_text(request, "path"))
    overwrite = request.query_params.get("overwrite") == "true"
    file = await spool(request)
    try:
        written = await to_thread.run_sync(_api(request).store_file, place, file, overwrite)
    finally:
        file.close()
    return JsonReply({"written": written}, 201 if written else 200)


def stored_path(request: Request) -> Response:
    """Where a file lies on this machine, for clients that share it."""
    place = DataReference(request.path_params["datastore"], query_text(request, "path"))
    return JsonReply({"path": _api(request).stored_path(place)})


def stored_content(request: Request) -> Response:
    """The bytes of one file, for clients elsewhere."""
    place = DataReference(request.path_params["datastore"], query_text(request, "path"))
    found = _api(request).stored_path(place)
    return FileResponse(found, headers=SAFE_DOWNLOAD, media_type="application/octet-stream")


def pool(request: Request) -> Response:
    return JsonReply(to_json(_api(request).pool(request.path_params["name"])))


def graph(request: Request) -> Response:
    return JsonReply(graph_to_json(_api(request).graph(_run(request))))


def source(request: Request) -> Response:
    """The files that the step ``node`` ran in: its script first, with the text of those that are text."""
    found = _api(request).step_source(_run(request), query_text(request, "node"))
    return JsonReply(to_json(found))


def notes(request: Request) -> Response:
    return JsonReply(to_json(_api(request).notes(_run(request))))


async def annotate(request: Request) -> Response:
    body = read_as(RunNotes, dict(await read_object(request)), "notes")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).annotate, _run(request), body)))


def _api(request: Request) -> PipelineApi:
    return desk_of(request).workspace.pipelines


def _run(request: Request) -> RunId:
    return RunId(request.path_params["run"])


ROUTES = (
    Route("/workspace", facts, methods=["GET"]),
    Route("/workspace", change_facts, methods=["PUT"]),
    Route("/secrets", secret_names, methods=["GET"]),
    Route("/secrets", put_secrets, methods=["PUT"]),
    Route("/secrets/{name}", secret, methods=["GET"]),
    Route("/secrets/{name}", forget_secret, methods=["DELETE"]),
    Route("/folders/missing", missing, methods=["POST"]),
    Route("/folders/files", keep_files, methods=["PUT"]),
    Route("/folders", keep_folder, methods=["POST"]),
    Route("/folders/list", folder, methods=["POST"]),
    Route("/datastores/{datastore}/files", stored_files, methods=["GET"]),
    Route("/datastores/{datastore}/content", store_file, methods=["PUT"]),
    Route("/datastores/{datastore}/content", stored_content, methods=["GET"]),
    Route("/datastores/{datastore}/path", stored_path, methods=["GET"]),
    Route("/pools/{name}", pool, methods=["GET"]),
    Route("/runs/{run}/graph", graph, methods=["GET"]),
    Route("/runs/{run}/source", source, methods=["GET"]),
    Route("/runs/{run}/notes", notes, methods=["GET"]),
    Route("/runs/{run}/notes", annotate, methods=["PUT"]),
)
