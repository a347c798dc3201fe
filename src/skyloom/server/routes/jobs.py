"""Batch jobs of web services at the old product's addresses (services.md 1.3). Bodies are never logged."""

from __future__ import annotations

from collections.abc import Mapping

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import SUBMIT
from skyloom.core.blob import ACCOUNT, BatchJob, BlobRef
from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.blob_references import blob_of
from skyloom.server.bodies import read_object
from skyloom.server.desk import desk_of
from skyloom.server.gate import forbidden, grant_of_request
from skyloom.server.origin import base_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.webservices import check_workspace
from skyloom.workspace.batch import Batch


async def submit(request: Request) -> Response:
    """Make a job; the answer is its id as a bare JSON text."""
    endpoint = await _endpoint(request)
    body = await read_object(request)
    inputs = _inputs(request, endpoint, body)
    outputs = _refs(request, body.get("Outputs"), "Outputs", may_write=True)
    parameters = body.get("GlobalParameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise _unfit("'GlobalParameters' is an object or null.", "GlobalParameters")
    job = await to_thread.run_sync(_batch(request).create, endpoint, inputs, outputs, parameters or {})
    return JsonReply(job.id)


async def start(request: Request) -> Response:
    """Begin the job."""
    endpoint = await _endpoint(request)
    await to_thread.run_sync(_batch(request).start, endpoint.id, request.path_params["job"])
    return Response(status_code=204)


async def status(request: Request) -> Response:
    """StatusCode, Results, Details: all three always; addresses of results are signed anew each time."""
    endpoint = await _endpoint(request)
    job = await to_thread.run_sync(_batch(request).find, endpoint.id, request.path_params["job"])
    results: Json = None
    if job.status == "Finished":
        results = {name: _result(request, ref) for name, ref in job.outputs.items()}
    return JsonReply({"StatusCode": job.status, "Results": results, "Details": _details(job)})


async def cancel(request: Request) -> Response:
    """End the job if it goes on; clients ask for this after every job."""
    endpoint = await _endpoint(request)
    await to_thread.run_sync(_batch(request).cancel, endpoint.id, request.path_params["job"])
    return Response(status_code=204)


def _details(job: BatchJob) -> str | None:
    return job.details if job.status == "Failed" else None


def _result(request: Request, ref: BlobRef) -> dict[str, Json]:
    path = f"/blobstore/{ACCOUNT}/{ref.path}"
    return {
        "ConnectionString": None,
        "RelativeLocation": ref.path,
        "BaseLocation": f"{base_of(request)}/blobstore/{ACCOUNT}/",
        "SasBlobToken": desk_of(request).workspace.blobs.sign(path),
    }


def _inputs(request: Request, endpoint: Endpoint, body: Mapping[str, Json]) -> dict[str, BlobRef]:
    """``Inputs``, or the ``Input`` of older clients."""
    one, many = body.get("Input"), body.get("Inputs")
    if one is not None and many:
        raise ProblemError(Problem("W145", "The request has Input and Inputs.", "Input", "Send Inputs."))
    if one is not None:
        names = [port.name for port in endpoint.graph.inputs]
        if len(names) != 1:
            raise ProblemError(
                Problem("W146", f"The service has {len(names)} inputs; 'Input' is for one.", "Input", "")
            )
        return _refs(request, {names[0]: one}, "Input", may_write=False)
    return _refs(request, many, "Inputs", may_write=False)


def _refs(request: Request, value: Json, where: str, may_write: bool) -> dict[str, BlobRef]:
    """Blobs by port name; a member may be null or absent."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _unfit(f"'{where}' is an object or null.", where)
    grant = grant_of_request(request)
    is_trusted = grant is None or grant.may(SUBMIT)
    blobs = desk_of(request).workspace.blobs
    return {
        name: blob_of(ref, f"{where}.{name}", blobs, may_write, is_trusted)
        for name, ref in value.items()
        if ref is not None
    }


async def _endpoint(request: Request) -> Endpoint:
    check_workspace(request)
    services = desk_of(request).workspace.web_services
    found = await to_thread.run_sync(services.endpoint_by_id, request.path_params["endpoint"])
    grant = grant_of_request(request)
    if grant is not None and not grant.may_call(found.id):
        raise forbidden(f"endpoint:{found.id}")
    return found


def _unfit(message: str, where: str) -> ProblemError:
    return ProblemError(Problem("W121", message, where, "See docs/web-services.md."))


def _batch(request: Request) -> Batch:
    return desk_of(request).workspace.batch


ROUTES = (
    Route("/workspaces/{ws}/services/{endpoint}/jobs", submit, methods=["POST"]),
    Route("/workspaces/{ws}/services/{endpoint}/jobs/{job}/start", start, methods=["POST"]),
    Route("/workspaces/{ws}/services/{endpoint}/jobs/{job}", status, methods=["GET"]),
    Route("/workspaces/{ws}/services/{endpoint}/jobs/{job}", cancel, methods=["DELETE"]),
)
