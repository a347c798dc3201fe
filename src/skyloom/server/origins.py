"""Origins: pages of other origins may change nothing here; CORS is off but for two routes.

Source: reliability.md 4.1, rows 2 and 3. A browser says where a page comes from; programs say nothing and
have to show a token anyway. The two routes that Excel's add-in and Swagger pages call from elsewhere carry
a key and no cookie (services.md 1.6).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyloom.core.problem import Problem
from skyloom.server.gate import SAFE
from skyloom.server.refusals import refusal

OPEN = re.compile(r"/workspaces/[0-9A-Za-z.-]+/services/[0-9A-Za-z.-]+/(?:execute|swagger\.json)")
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, accept, x-ms-client-request-id",
    "Access-Control-Max-Age": "600",
}


class Origins:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if OPEN.fullmatch(scope["path"]):
            await self._answer_anybody(scope, receive, send, headers)
        elif scope["method"] not in SAFE and is_foreign(headers):
            problem = Problem(
                "A109",
                "A page of another origin asks for a change.",
                headers.get(b"origin", "")[:100],
                "Only pages of this server and programs may do that.",
            )
            await refusal(scope["path"], [problem])(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer_anybody(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, str]
    ) -> None:
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
            return

        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start" and b"origin" in headers:
                more = [
                    (b"access-control-allow-origin", b"*"),
                    (b"access-control-expose-headers", b"x-ms-request-id, retry-after"),
                    (b"cross-origin-resource-policy", b"cross-origin"),
                ]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        await self._app(scope, receive, opened)


def is_foreign(headers: dict[bytes, str]) -> bool:
    """Whether a browser says that the page behind the request is not ours."""
    site = headers.get(b"sec-fetch-site", "")
    if site not in ("", "same-origin", "none"):
        return True
    origin = headers.get(b"origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc.lower() != headers.get(b"host", "").lower()
