"""The subset of the Blob service that batch clients speak (services.md 1.4).

A key of the account, a signed address, or a token opens it. Bytes go out as they are, never compressed.
"""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import formatdate
from xml.sax.saxutils import escape

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.access import READ, SUBMIT
from skyloom.core.blob import ACCOUNT, Blob, BlobRef
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.blob_references import ref_of
from skyloom.server.bodies import read_bytes, spool
from skyloom.server.credentials import credentials_of
from skyloom.server.desk import desk_of
from skyloom.server.shared_key import is_signed_by_account
from skyloom.workspace.blob_store import BlobStore

# the list of blocks is four kinds of tag around base64: read as text, no XML parser needed
_LISTED = re.compile(r"<(Latest|Committed|Uncommitted)>([A-Za-z0-9+/=]{1,128})</\1>")
SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "attachment",
    "x-ms-blob-type": "BlockBlob",
    "x-ms-version": "2017-04-17",
}


async def put(request: Request) -> Response:
    """A block, a list of blocks, or a whole blob."""
    try:
        ref = await _opened(request, SUBMIT)
        what = request.query_params.get("comp", "")
        if what == "block":
            return await _put_block(request, ref)
        if what == "blocklist":
            return await _put_list(request, ref)
        if what or request.headers.get("x-ms-blob-type", "BlockBlob") != "BlockBlob":
            raise ProblemError(Problem("W121", "Only block blobs are spoken here.", ref.path, ""))
        content = await spool(request)
        try:
            blob = await to_thread.run_sync(_blobs(request).put, ref, content, _media_type(request))
        finally:
            content.close()
        return _created(blob)
    except ProblemError as error:
        return _refused(error.problem)


async def get(request: Request) -> Response:
    """The bytes, or a range of them; HEAD tells about them."""
    try:
        ref = await _opened(request, READ)
        blob = await to_thread.run_sync(_blobs(request).find, ref)
        path = await to_thread.run_sync(desk_of(request).workspace.download, blob.artifact, "raw")
    except ProblemError as error:
        return _refused(error.problem)
    wanted = request.headers.get("x-ms-range")
    if wanted is not None and "range" not in request.headers:
        request.scope["headers"].append((b"range", wanted.encode("latin-1")))
    return FileResponse(path, headers=SAFE, media_type=blob.media_type)


async def delete(request: Request) -> Response:
    """Forget the name."""
    try:
        ref = await _opened(request, SUBMIT)
        await to_thread.run_sync(_blobs(request).delete, ref)
    except ProblemError as error:
        return _refused(error.problem)
    return Response(status_code=202)


async def _put_block(request: Request, ref: BlobRef) -> Response:
    block = request.query_params.get("blockid", "")
    try:
        is_id = 0 < len(base64.b64decode(block, validate=True)) <= 64
    except (binascii.Error, ValueError):
        is_id = False
    if not is_id:
        raise ProblemError(Problem("W121", "'blockid' is base64 of up to 64 bytes.", "blockid", ""))
    content = await spool(request)
    try:
        await to_thread.run_sync(_blobs(request).put_block, ref, block, content)
    finally:
        content.close()
    return Response(status_code=201, headers={"x-ms-request-server-encrypted": "false"})


async def _put_list(request: Request, ref: BlobRef) -> Response:
    text = (await read_bytes(request)).decode("utf-8", "replace")
    blocks = [found[2] for found in _LISTED.finditer(text)]
    media_type = request.headers.get("x-ms-blob-content-type", "")
    blob = await to_thread.run_sync(_blobs(request).put_block_list, ref, blocks, media_type)
    return _created(blob)


async def _opened(request: Request, scope: str) -> BlobRef:
    """The blob of the address, if what the request shows opens it.

    Raises
    ------
    ProblemError
        A101, W148.
    """
    path = f"/{request.path_params['container']}/{request.path_params['blob']}"
    is_open = request.path_params["account"] == ACCOUNT and await to_thread.run_sync(
        _is_open, request, path, scope
    )
    if not is_open:
        raise ProblemError(Problem("A101", "Neither key nor signature opens this blob.", path, ""))
    return ref_of(path, path)


def _is_open(request: Request, path: str, scope: str) -> bool:
    blobs, desk = _blobs(request), desk_of(request)
    shown = credentials_of(request.scope)
    if shown.bearer:
        grant = desk.workspace.access.grant(shown.bearer)
        return grant is not None and grant.may(scope)
    if "sig" in request.query_params:
        return scope == READ and blobs.is_signed(f"/blobstore/{ACCOUNT}{path}", request.url.query)
    return is_signed_by_account(request, path, blobs)


def _created(blob: Blob) -> Response:
    return Response(
        status_code=201,
        headers={
            "ETag": f'"{blob.artifact.digest[7:39]}"',
            "Last-Modified": formatdate(usegmt=True),
            "x-ms-request-server-encrypted": "false",
        },
    )


def _refused(problem: Problem) -> Response:
    """The service's own form of a fault."""
    status, code = {
        "A101": (403, "AuthenticationFailed"),
        "W142": (404, "BlobNotFound"),
        "A006": (413, "RequestBodyTooLarge"),
    }.get(problem.code, (400, "InvalidInput"))
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code>'
        f"<Message>{escape(problem.message)}</Message></Error>"
    )
    return Response(body, status, {"x-ms-error-code": code}, "application/xml")


def _media_type(request: Request) -> str:
    found = request.headers.get("x-ms-blob-content-type") or request.headers.get("content-type", "")
    return found if len(found) < 100 else ""


def _blobs(request: Request) -> BlobStore:
    return desk_of(request).workspace.blobs


ROUTES = (
    Route("/blobstore/{account}/{container}/{blob:path}", put, methods=["PUT"]),
    Route("/blobstore/{account}/{container}/{blob:path}", get, methods=["GET", "HEAD"]),
    Route("/blobstore/{account}/{container}/{blob:path}", delete, methods=["DELETE"]),
)
