"""Batch jobs and usage of web services, for the page; the old addresses of batch are in jobs.py."""

from __future__ import annotations

import secrets
from dataclasses import replace
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.artifact import Artifact
from skyloom.core.blob import BatchJob, BlobRef
from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.server.bodies import query_text, read_object, spool
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD

CONTAINER = "batch-input"
_LONGEST_NAME = 200


async def put_file(request: Request) -> Response:
    """Keep a file for a batch job; the answer names the blob that it has become."""
    await to_thread.run_sync(_endpoint, request)
    name = query_text(request, "name").rpartition("/")[2]
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ProblemError(Problem("W143", "The file needs a name of plain text.", "name", "people.csv"))
    ref = BlobRef(CONTAINER, f"{secrets.token_hex(8)}/{name}")
    file = await spool(request)
    try:
        blobs = desk_of(request).workspace.blobs
        await to_thread.run_sync(blobs.put, ref, file, "application/octet-stream")
    finally:
        file.close()
    return JsonReply({"blob": ref.name}, 201)


async def create(request: Request) -> Response:
    """Make a batch job and begin it: ``inputs`` are blobs by the name of the input."""
    endpoint = await to_thread.run_sync(_endpoint, request)
    body = await read_object(request)
    inputs = {name: BlobRef(CONTAINER, blob) for name, blob in _texts(body.get("inputs"), "inputs").items()}
    parameters = body.get("parameters")
    values: dict[str, Json] = parameters if isinstance(parameters, dict) else {}
    batch = desk_of(request).workspace.batch
    job = await to_thread.run_sync(batch.create, endpoint, inputs, {}, values)
    return JsonReply(_told(await to_thread.run_sync(batch.start, endpoint.id, job.id)), 201)


def jobs(request: Request) -> Response:
    """The newest batch jobs of an endpoint."""
    found = desk_of(request).workspace.batch.all(_endpoint(request).id)
    return JsonReply({"jobs": [_told(job) for job in found]})


def cancel(request: Request) -> Response:
    """End a batch job if it goes on."""
    batch = desk_of(request).workspace.batch
    return JsonReply(_told(batch.cancel(_endpoint(request).id, request.path_params["job"])))


def result(request: Request) -> Response:
    """The bytes of one output of a finished job."""
    workspace = desk_of(request).workspace
    job = workspace.batch.find(_endpoint(request).id, request.path_params["job"])
    name = request.path_params["output"]
    ref = job.outputs.get(name) if job.status == "Finished" else None
    if ref is None:
        what = f"The job has no result '{name:.60}'."
        raise ProblemError(Problem("W387", what, name, "Wait until it is finished; it names its results."))
    artifact: Artifact = workspace.blobs.find(ref).artifact
    path = workspace.download(artifact, "raw")
    shown = quote(f"{name}.{ref.ending or 'bin'}", safe="")
    headers = {**SAFE_DOWNLOAD, "Content-Disposition": f"attachment; filename*=utf-8''{shown}"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def usage(request: Request) -> Response:
    """Calls, faults and durations of an endpoint over the last hour, day, week or month."""
    endpoint = _endpoint(request)
    found = desk_of(request).workspace.usage.usage(endpoint.id, request.query_params.get("span", "day"))
    return JsonReply(to_json(found))


def _told(job: BatchJob) -> Json:
    """The job; the blobs that it reads are nobody's business."""
    return to_json(replace(job, inputs={}))


def _texts(given: Json, name: str) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ProblemError(Problem("A007", f"'{name}' must be an object of texts.", name, "Send one."))
    return {key: str(value) for key, value in given.items()}


def _endpoint(request: Request) -> Endpoint:
    services = desk_of(request).workspace.web_services
    return services.endpoint(request.path_params["service"], request.path_params["endpoint"])


_AT = "/services/{service}/endpoints/{endpoint}"
ROUTES = (
    Route(f"{_AT}/files", put_file, methods=["PUT"]),
    Route(f"{_AT}/jobs", create, methods=["POST"]),
    Route(f"{_AT}/jobs", jobs, methods=["GET"]),
    Route(f"{_AT}/jobs/{{job}}", cancel, methods=["DELETE"]),
    Route(f"{_AT}/jobs/{{job}}/results/{{output}}", result, methods=["GET"]),
    Route(f"{_AT}/usage", usage, methods=["GET"]),
)
