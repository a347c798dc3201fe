"""Stored content by its digest, for the page: rows, heads and figures of tables, pictures, downloads.

Content under a digest never changes, so pictures may be kept by the browser; tables are asked for anew.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.table_views import TableViews
from skyloom.server.bodies import query_number
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD, named_by_the_client

LARGEST_PLACE = 2**53
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}


def heads(request: Request) -> Response:
    """How many rows, and what columns, told from the footer at once."""
    with named_by_the_client():
        return JsonReply(_tables(request).heads(_digest(request)))


def rows(request: Request) -> Response:
    """Rows from ``offset``, at most 1,000 of them; ``columns`` are places such as 0,1,5."""
    offset = int(query_number(request, "offset", 0, LARGEST_PLACE))
    limit = int(query_number(request, "limit", 100, LARGEST_PLACE))
    with named_by_the_client():
        return JsonReply(_tables(request).rows(_digest(request), offset, limit, _places(request)))


def profile(request: Request) -> Response:
    """Sample, statistics, histograms and box plots of the first 100 columns; kept once made.

    With ``sample=true`` of about 100,000 rows, evenly spaced: at once, whatever the size; ``sampledRows``.
    """
    is_sample = request.query_params.get("sample") == "true"
    with named_by_the_client():
        return JsonReply(_tables(request).profile(_digest(request), is_sample))


def compare(request: Request) -> Response:
    """Two columns against each other: points, a table of counts, or boxes by class."""
    x, y = (int(query_number(request, name, 0, LARGEST_PLACE)) for name in ("x", "y"))
    with named_by_the_client():
        return JsonReply(_tables(request).compare(_digest(request), x, y))


def model(request: Request) -> Response:
    """What a model is: its task, its settings and what each feature weighs in it.

    ``type=File`` is a file that was registered as a model: one that does not load here has no name.
    """
    with named_by_the_client():
        is_file = request.query_params.get("type") == "File"
        return JsonReply(_tables(request).model(_digest(request), "File" if is_file else "Object"))


def image(request: Request) -> Response:
    """A picture to look at; only what is PNG or JPEG."""
    with named_by_the_client():
        path, media_type = _tables(request).image(_digest(request))
    return FileResponse(path, headers={**SAFE_DOWNLOAD, **_KEPT}, media_type=media_type)


def content(request: Request) -> Response:
    """A download: of a table (``type`` Dataset) in a format, of everything else as it is."""
    given = request.query_params
    with named_by_the_client():
        path = _tables(request).file(_digest(request), given.get("type", "File"), given.get("format", "raw"))
    name = quote(given.get("name", "content"), safe="")
    headers = {**SAFE_DOWNLOAD, "Content-Disposition": f"attachment; filename*=utf-8''{name}"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def _tables(request: Request) -> TableViews:
    return desk_of(request).workspace.tables


def _digest(request: Request) -> Digest:
    text = request.path_params["digest"]
    if not _DIGEST.fullmatch(text):
        raise ProblemError(
            Problem("A111", "There is no such content.", text[:100], "Use the digest of an artifact.")
        )
    return Digest(text)


def _places(request: Request) -> list[int] | None:
    text = request.query_params.get("columns")
    if text is None:
        return None
    parts = text.split(",") if text else []
    if not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in parts):
        raise ProblemError(
            Problem("W353", f"The columns {text!r:.40} do not read.", "columns", "Say places, as in 0,1,5.")
        )
    return [int(part) for part in parts]


_AT = "/artifacts/{digest}"
ROUTES = (
    Route(f"{_AT}/columns", heads, methods=["GET"]),
    Route(f"{_AT}/rows", rows, methods=["GET"]),
    Route(f"{_AT}/profile", profile, methods=["GET"]),
    Route(f"{_AT}/compare", compare, methods=["GET"]),
    Route(f"{_AT}/model", model, methods=["GET"]),
    Route(f"{_AT}/image", image, methods=["GET"]),
    Route(f"{_AT}/content", content, methods=["GET"]),
)
