"""Datasets at the addresses of the old product, for its Python, R, PowerShell clients (services.md 2.2)."""

from __future__ import annotations

from collections.abc import Mapping

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.access import READ, SUBMIT
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.bodies import query_number, query_text, read_object, spool
from skyloom.server.classic_time import date_text, ticks
from skyloom.server.desk import desk_of
from skyloom.server.gate import unauthorized
from skyloom.server.origin import base_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD
from skyloom.server.routes.classic_authoring import promoted
from skyloom.server.routes.webservices import allow, check_workspace, unfit
from skyloom.workspace.classic_datasets import ClassicDataset, ClassicDatasets

CLIENT = "Skyloom"


def all_rows(request: Request) -> Response:
    """The newest of each family; clients ask for this at every step."""
    check_workspace(request)
    allow(request, READ)
    return JsonReply([_row(request, found) for found in _datasets(request).all()])


def one_row(request: Request) -> Response:
    """One dataset by its id."""
    workspace = check_workspace(request)
    allow(request, READ)
    return JsonReply(_row(request, _found(request, workspace)))


async def begin_upload(request: Request) -> Response:
    """Begin an upload. R and PowerShell send all bytes here, Python sends them in blocks afterwards."""
    check_workspace(request)
    allow(request, SUBMIT)
    datasets = _datasets(request)
    upload = await to_thread.run_sync(datasets.begin)
    content = await spool(request)
    try:
        if content.seek(0, 2):
            content.seek(0)
            await to_thread.run_sync(datasets.add_block, upload, 0, content)
    finally:
        content.close()
    return JsonReply({"Id": upload, "DataTypeId": request.query_params.get("dataTypeId", "")})


async def add_block(request: Request) -> Response:
    """One block of an upload."""
    check_workspace(request)
    allow(request, SUBMIT)
    number = int(query_number(request, "blockId", 0, 10**6))
    upload = query_text(request, "uploadId")
    content = await spool(request)
    try:
        await to_thread.run_sync(_datasets(request).add_block, upload, number, content)
    finally:
        content.close()
    return JsonReply({"Id": upload})


async def register(request: Request) -> Response:
    """Make a dataset of an upload; the answer is its id as a bare JSON text."""
    workspace = check_workspace(request)
    allow(request, SUBMIT)
    body = await read_object(request)
    if body.get("ExperimentId"):  # an output of an experiment in place of an upload
        return await promoted(request, workspace, body, "DataSource", "Dataset")
    source = body.get("DataSource")
    if not isinstance(source, dict):
        raise unfit("DataSource", "an object", source)
    note: dict[str, Json] = {
        "owner": _text(source, "Owner"),
        "origin": _text(source, "SourceOrigin") or "FromResourceUpload",
        "file": _text(body, "UploadedFromFileName"),
        "client": request.headers.get("user-agent", "")[:100],
    }
    family = _text(source, "FamilyId")
    made = await to_thread.run_sync(
        _datasets(request).register,
        _text(body, "UploadId"),
        _text(source, "Name"),
        _text(source, "DataTypeId"),
        _text(source, "Description"),
        family,
        note,
    )
    return JsonReply(_id(workspace, made))


def delete_family(request: Request) -> Response:
    """Forget a dataset with all its contents."""
    check_workspace(request)
    allow(request, SUBMIT)
    _datasets(request).delete_family(request.path_params["family"])
    return Response(status_code=204)


def content(request: Request) -> Response:
    """The bytes as they were sent. Clients send no token here: the address itself is signed."""
    workspace, desk = check_workspace(request), desk_of(request)
    if not desk.workspace.blobs.is_signed(request.url.path, request.url.query):
        return unauthorized(request.scope, True)
    found = _found(request, workspace)
    artifact = found.raw or found.dataset.artifact
    path = desk.workspace.download(artifact, "csv" if artifact.type == "Dataset" else "raw")
    return FileResponse(path, headers=SAFE_DOWNLOAD, media_type="application/octet-stream")


def _found(request: Request, workspace: str) -> ClassicDataset:
    text: str = request.path_params["id"]
    owner, _, rest = text.partition(".")
    family, _, instance = rest.partition(".")
    if owner == workspace and instance:
        found = _datasets(request).find(instance)
        if found.family == family:
            return found
    raise ProblemError(Problem("D060", f"There is no dataset '{text:.200}'.", "id", ""))


def _id(workspace: str, found: ClassicDataset) -> str:
    return f"{workspace}.{found.family}.{found.instance}"


def _row(request: Request, found: ClassicDataset) -> dict[str, Json]:
    """Every member that some client reads; locations hold "" where others would hold null."""
    desk, dataset = desk_of(request), found.dataset
    name, artifact = _id(desk.workspace_id, found), found.raw or dataset.artifact
    path = f"/api/workspaces/{desk.workspace_id}/datasources/{name}/content"
    location = _location(f"{base_of(request)}/", path[1:], desk.workspace.blobs.sign(path), artifact.size)
    return {
        "Id": name,
        "Name": dataset.name,
        "DataTypeId": found.data_type,
        "Description": dataset.description,
        "FamilyId": found.family,
        "ResourceUploadId": str(found.note.get("upload", "")),
        "Size": artifact.size,
        "SourceOrigin": str(found.note.get("origin", "FromResourceUpload")),
        "CreatedDate": date_text(dataset.created_at),
        "CreatedDateTicks": ticks(dataset.created_at),
        "Owner": str(found.note.get("owner") or CLIENT),
        "ExperimentId": "",
        "ClientVersion": str(found.note.get("client", "")),
        "PromotedFrom": "",
        "UploadedFromFilename": str(found.note.get("file", "")),
        "UploadedFromFileName": str(found.note.get("file", "")),
        "ServiceVersion": dataset.version,
        "IsLatest": True,
        "Category": "",
        "IsDeprecated": False,
        "Culture": "",
        "Batch": 0,
        "SchemaStatus": "Complete",
        "VisualizeEndPoint": _location("", "", "", 0),
        "SchemaEndPoint": _location("", "", "", 0),
        "DownloadLocation": location,
    }


def _location(base: str, location: str, credential: str, size: int) -> dict[str, Json]:
    return {
        "BaseUri": base,
        "Location": location,
        "AccessCredential": credential,
        "Size": size,
        "EndpointType": "",
        "CredentialContainer": "",
        "FileType": "",
        "IsAuxiliary": False,
        "Name": "",
    }


def _text(body: Mapping[str, Json], name: str) -> str:
    """A text that may be null or absent."""
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    raise unfit(name, "text", value)


def _datasets(request: Request) -> ClassicDatasets:
    return desk_of(request).workspace.classic_datasets


ROUTES = (
    Route("/api/workspaces/{ws}/datasources", all_rows, methods=["GET"]),
    Route("/api/workspaces/{ws}/datasources", register, methods=["POST"]),
    Route("/api/workspaces/{ws}/datasources/family/{family}", delete_family, methods=["DELETE"]),
    Route("/api/workspaces/{ws}/datasources/{id}", one_row, methods=["GET"]),
    Route("/api/workspaces/{ws}/datasources/{id}/content", content, methods=["GET"]),
    Route("/api/resourceuploads/workspaces/{ws}/", begin_upload, methods=["POST"]),
    Route("/api/resourceuploads/workspaces/{ws}", begin_upload, methods=["POST"]),
    Route("/api/blobuploads/workspaces/{ws}/", add_block, methods=["POST"]),
    Route("/api/blobuploads/workspaces/{ws}", add_block, methods=["POST"]),
)
