"""Datasets over HTTP. Their names may hold any character, so they stand in the query."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.artifact import Artifact
from skyloom.core.dataset import Dataset
from skyloom.core.serialize import to_json
from skyloom.server.bodies import query_number, query_text, read_as, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD

LARGEST_PAGE = 500


async def register(request: Request) -> Response:
    body = await read_object(request)
    artifact = read_as(Artifact, body.get("artifact"), "artifact")
    name, description = text_of(body, "name"), text_of(body, "description", "")
    dataset = await to_thread.run_sync(
        desk_of(request).workspace.register_dataset, name, artifact, description
    )
    return JsonReply(to_json(dataset), 201)


def all_newest(request: Request) -> Response:
    """Newest version of each, by name; ``after`` is the last name of the page before."""
    limit = max(1, int(query_number(request, "limit", 100, LARGEST_PAGE)))
    after = request.query_params.get("after")
    found = sorted(desk_of(request).workspace.datasets(), key=lambda dataset: dataset.name)
    rest = [dataset for dataset in found if after is None or dataset.name > after]
    page = rest[:limit]
    return JsonReply(
        {"datasets": [to_json(one) for one in page], "next": page[-1].name if len(rest) > limit else None}
    )


def one(request: Request) -> Response:
    return JsonReply(to_json(_dataset(request)))


def content(request: Request) -> Response:
    """The dataset in a format, streamed."""
    dataset = _dataset(request)
    path = desk_of(request).workspace.download(dataset.artifact, request.query_params.get("format", "raw"))
    return FileResponse(path, headers=SAFE_DOWNLOAD, media_type="application/octet-stream")


def delete(request: Request) -> Response:
    name, version = query_text(request, "name"), _version(request)
    return JsonReply({"name": name, "deleted": desk_of(request).workspace.delete_dataset(name, version)})


def _dataset(request: Request) -> Dataset:
    return desk_of(request).workspace.dataset(query_text(request, "name"), _version(request))


def _version(request: Request) -> int:
    return int(query_number(request, "version", 0, 2**31))


ROUTES = (
    Route("/datasets", register, methods=["POST"]),
    Route("/datasets", all_newest, methods=["GET"]),
    Route("/datasets/version", one, methods=["GET"]),
    Route("/datasets/version", delete, methods=["DELETE"]),
    Route("/datasets/content", content, methods=["GET"]),
)
