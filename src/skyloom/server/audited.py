"""Audited: what the network face changed or refused goes into the audit log (reliability.md 4.1, row 9).

Entered are all requests but those that only read, and refusals of any. Scoring is not: it changes nothing
and is counted in the metrics. Of an address the path is kept, never the query, which may hold a signature.
"""

from __future__ import annotations

import re
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyloom.core.access import Grant
from skyloom.core.audit import AuditEntry
from skyloom.engine.ports import utc_now
from skyloom.server.gate import SAFE
from skyloom.workspace.audit_trail import AuditTrail

REQUEST_ID = b"x-request-id"
_REFUSED = (401, 403, 429)
_CALLS = re.compile(r"/workspaces/[^/]+/services/[^/]+/score|/v2/models/.*/infer|/api/v1/services/.*/call")
_LONGEST_PATH = 500


class Audited:
    """ASGI middleware around the gate, whose finding it reads."""

    def __init__(self, app: ASGIApp, trail: AuditTrail) -> None:
        self._app = app
        self._trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        changes = scope["method"] not in SAFE and not _CALLS.fullmatch(scope["path"])
        number = secrets.token_hex(8)
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status, number
            if message["type"] == "http.response.start":
                status = message["status"]
                given = dict(message.get("headers", ())).get(REQUEST_ID)
                if given is not None:
                    number = given.decode("latin-1")[:100]
                else:
                    mark = (REQUEST_ID, number.encode())
                    message = {**message, "headers": [*message.get("headers", ()), mark]}
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if changes or status in _REFUSED:
                self._note(scope, status or 500, number)

    def _note(self, scope: Scope, status: int, number: str) -> None:
        grant = scope.get("state", {}).get("grant")
        client = scope.get("client")
        self._trail.note(
            AuditEntry(
                utc_now(),
                grant.subject if isinstance(grant, Grant) else "",
                scope["method"],
                scope["path"][:_LONGEST_PATH],
                status,
                client[0] if client else "",
                number,
            )
        )
