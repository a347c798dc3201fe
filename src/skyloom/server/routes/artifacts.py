"""Artifacts over HTTP: bytes up, readable files down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.client.strict_json import parse_json
from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.core.task import Limits
from skyloom.server.bodies import query_text, read_as, read_object, spool, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply

SAFE_DOWNLOAD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


async def upload(request: Request) -> Response:
    """The body is the file; ``name`` says what it is called, ``type`` what it is to become."""
    name = query_text(request, "name")
    limits = _limits(request)
    file = await spool(request)
    try:
        artifact = await to_thread.run_sync(
            partial(desk_of(request).workspace.upload, file, name, request.query_params.get("type"), limits)
        )
    finally:
        file.close()
    return JsonReply(to_json(artifact), 201)


async def path(request: Request) -> Response:
    """Where the content lies on this machine, for clients that share it."""
    body = await read_object(request)
    found = await _exported(request, body)
    return JsonReply({"path": found})


async def content(request: Request) -> Response:
    """The content itself, streamed."""
    body = await read_object(request)
    found = await _exported(request, body)
    return FileResponse(found, headers=SAFE_DOWNLOAD, media_type="application/octet-stream")


async def profile(request: Request) -> Response:
    body = await read_object(request)
    artifact = read_as(Artifact, body.get("artifact"), "artifact")
    with named_by_the_client():
        return JsonReply(await to_thread.run_sync(desk_of(request).workspace.profile, artifact))


async def _exported(request: Request, body: dict[str, Json]) -> str:
    artifact = read_as(Artifact, body.get("artifact"), "artifact")
    with named_by_the_client():
        return await to_thread.run_sync(
            desk_of(request).workspace.download, artifact, text_of(body, "format", "raw")
        )


@contextmanager
def named_by_the_client() -> Iterator[None]:
    """Content that is not here is no loss of ours when the client has made up its digest."""
    try:
        yield
    except ProblemError as error:
        if error.problem.code != "R011":
            raise
        raise ProblemError(replace(error.problem, code="A111")) from error


def _limits(request: Request) -> Limits | None:
    text = request.query_params.get("limits")
    if text is None:
        return None
    try:
        value = parse_json(text.encode())
    except ValueError as error:
        raise ProblemError(
            Problem("A013", f"The query parameter 'limits' does not read: {error}.", "limits")
        ) from error
    return read_as(Limits, value, "limits")


ROUTES = (
    Route("/artifacts", upload, methods=["PUT"]),
    Route("/artifacts/path", path, methods=["POST"]),
    Route("/artifacts/content", content, methods=["POST"]),
    Route("/artifacts/profile", profile, methods=["POST"]),
)
