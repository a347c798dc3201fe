"""Pages: the Studio, which the build puts in place (page_files.py), and the sign-in."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from skyloom.core.problem import Problem, ProblemError
from skyloom.server.page_files import MEDIA_TYPES, PAGE, PageFiles
from skyloom.server.secure_headers import policy_with

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FILES = {
    file.name: MEDIA_TYPES[file.suffix] for file in sorted(ASSETS.iterdir()) if file.suffix in MEDIA_TYPES
}
_A_YEAR = "public, max-age=31536000, immutable"  # the names carry digests
_BUILT = PageFiles()


def studio(request: Request) -> Response:
    """The Studio; where it was not built, a page that says so."""
    if not _BUILT.is_built:
        return HTMLResponse((ASSETS / "front.html").read_text(encoding="utf-8"))
    text, nonce = _BUILT.page()
    return HTMLResponse(text, headers={"Content-Security-Policy": policy_with(nonce)})


def sign_in(request: Request) -> Response:
    """The page that takes a token and begins a session."""
    return HTMLResponse((ASSETS / "signin.html").read_text(encoding="utf-8"))


def asset(request: Request) -> Response:
    """A file of the pages, by its exact name."""
    name = request.path_params["name"]
    if name in FILES:
        return FileResponse(ASSETS / name, media_type=FILES[name])
    found = _BUILT.asset(name, request.headers.get("accept-encoding", ""))
    if found is None:
        raise ProblemError(Problem("A008", "There is nothing at this address.", name, ""))
    headers = {"Cache-Control": _A_YEAR, "Vary": "Accept-Encoding"}
    if found.encoding:
        headers["Content-Encoding"] = found.encoding
    return FileResponse(found.path, headers=headers, media_type=found.media_type)


def api_door(request: Request) -> Response:
    """R's workspace() asks for the address of the API before it believes in it (services.md 0)."""
    return HTMLResponse("Skyloom\n")


class StudioRoute(Route):
    """Every address of the page; the page itself looks at the rest of the path."""

    def __init__(self) -> None:
        super().__init__("/", studio, methods=["GET"])
        self.path_regex = re.compile(f"^(?:{PAGE})$")


ROUTES: tuple[BaseRoute, ...] = (
    StudioRoute(),
    Route("/signin", sign_in, methods=["GET"]),
    Route("/assets/{name}", asset, methods=["GET"]),
    Route("/api", api_door, methods=["GET"]),
    Route("/api/", api_door, methods=["GET"]),
)
