"""Sockets: the one door for WebSockets, with every check that other requests pass in a row of their own.

A browser sends its cookies to any address that a page of anybody's opens a WebSocket to, and asks nobody
first; so a socket that shows a cookie must come from a page of ours (CVE-2024-28179 is what happens else).
Source: reliability.md 4.1, rows 1 to 3. Refused ones get an HTTP answer and never a socket.
"""

from __future__ import annotations

import secrets

from anyio import to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from skyloom.core.access import SUBMIT
from skyloom.core.audit import AuditEntry
from skyloom.core.problem import Problem
from skyloom.engine.ports import utc_now
from skyloom.server.credentials import Credentials, credentials_of
from skyloom.server.desk import Desk
from skyloom.server.errors import problem_reply
from skyloom.server.gate import Identify, forbidden, unauthorized
from skyloom.server.hosts import host_name
from skyloom.server.origins import is_foreign
from skyloom.server.routes import language
from skyloom.server.web_port import WebFront

TALKS = {language.PATH: language.talk}


class Sockets:
    """ASGI application before another, which never sees a WebSocket."""

    def __init__(self, app: ASGIApp, desk: Desk, front: WebFront, identify: Identify) -> None:
        self._app = app
        self._desk = desk
        self._front = front
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        shown = credentials_of(scope)
        socket = WebSocket(scope, receive, send)
        refused = self._refuse_page(scope, shown) or await self._refuse_person(scope, shown)
        if refused is not None:
            self._note(scope, refused.status_code)
            await socket.send_denial_response(refused)
            return

        async def is_still_in() -> bool:
            return await to_thread.run_sync(self._may_talk, shown)

        self._desk.activity.begin()
        try:
            await TALKS[scope["path"]](
                socket, self._desk.workspace.languages, is_still_in, self._front.closing
            )
        finally:
            self._desk.activity.end()

    def _refuse_page(self, scope: Scope, shown: Credentials) -> Response | None:
        """What the address and the page behind it have against them."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = host_name(hosts[0].decode("latin-1")) if len(hosts) == 1 else ""
        if host not in self._front.hosts:
            what = "This host name is not one of the agent's."
            return problem_reply([Problem("A010", what, host[:100], "Use localhost.")])
        origin = headers.get(b"origin", "")
        # programs name no origin, and show a token; a browser always does
        if is_foreign(headers) or (not origin and not shown.bearer):
            what = "A page of another origin opens a WebSocket."
            fix = "Only pages of this server may do that, and programs that show a token."
            return problem_reply([Problem("A109", what, origin[:100], fix)])
        if scope["path"] not in TALKS:
            return problem_reply(
                [Problem("A008", "There is nothing at this address.", scope["path"][:100], "")]
            )
        return None

    async def _refuse_person(self, scope: Scope, shown: Credentials) -> Response | None:
        grant = await to_thread.run_sync(self._identify, shown)
        if grant is None:
            return unauthorized(scope, bool(shown.bearer or shown.cookie))
        if not grant.may(SUBMIT):
            return problem_reply(forbidden(SUBMIT).problems)
        return None

    def _may_talk(self, shown: Credentials) -> bool:
        grant = self._identify(shown)
        return grant is not None and grant.may(SUBMIT)

    def _note(self, scope: Scope, status: int) -> None:
        client = scope.get("client")
        place = client[0] if client else ""
        entry = AuditEntry(utc_now(), "", "GET", scope["path"][:500], status, place, secrets.token_hex(8))
        self._desk.workspace.audit.note(entry)
