"""PlainPaths: addresses that try to climb or to hide what they name are refused before any route sees them.

Source: reliability.md 4.1, row 4. Ids in addresses are looked up, never joined to a path; this is the wall in
front of that.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from skyloom.core.problem import Problem
from skyloom.server.refusals import refusal

# controls, backslash; a percent sign that is left after decoding once would be decoded twice by somebody
_ODD = re.compile(r"[\x00-\x1f\x7f\\]|%[0-9a-fA-F]{2}|[\ud800-\udfff]")


class PlainPaths:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_plain(scope["path"]):
            problem = Problem("A108", "The address holds characters that no address here has.", "", "")
            await refusal("/", [problem])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_plain(path: str) -> bool:
    """Whether the decoded path names things and nothing else.

    >>> is_plain("/api/v1/runs/1"), is_plain("/api/v1/../x"), is_plain("/a/%2e%2e/b"), is_plain("//host/x")
    (True, False, False, False)
    """
    if not path.startswith("/") or path.startswith("//") or _ODD.search(path):
        return False
    return not any(part in (".", "..") for part in path.split("/"))
