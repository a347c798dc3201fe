"""Scoring: the one route that is called thousands of times a second, without a framework.

``POST /workspaces/{ws}/services/{endpoint}/execute`` (services.md 1.1). Key, limit and form are looked at
here; the body goes to the endpoint's workers as it came and their answer goes out as it is. Nothing here
touches the disk or the database while an endpoint is open. Bodies are never logged.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from skyloom.core.access import Grant
from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import Reply, ReplyForm
from skyloom.server.classic_errors import classic_reply
from skyloom.server.credentials import Credentials, credentials_of
from skyloom.server.desk import Desk
from skyloom.server.gate import unauthorized
from skyloom.server.metrics import Metrics
from skyloom.workspace.diagnostics import Diagnostics, fault_codes
from skyloom.workspace.web_services import OpenEndpoint

PATH = re.compile(r"/(?:workspaces|subscriptions)/([^/]+)/services/([0-9a-f]{32})/execute", re.ASCII)
API_VERSIONS = ("2.0", "1.0")
CLIENT_ID = b"x-ms-client-request-id"


class Scoring:
    """ASGI application in front of the others: takes the scoring address, hands on everything else."""

    def __init__(
        self, app: ASGIApp, desk: Desk, metrics: Metrics, identify: Callable[[Credentials], Grant | None]
    ) -> None:
        self._app = app
        self._desk = desk
        self._services = desk.workspace.web_services
        self._metrics = metrics
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            found = PATH.fullmatch(scope["path"])
            if found is not None:
                await self._score(scope, receive, send, found[1], found[2])
                return
        await self._app(scope, receive, send)

    async def _score(self, scope: Scope, receive: Receive, send: Send, workspace: str, endpoint: str) -> None:
        begun = time.perf_counter()
        opened: OpenEndpoint | None = None
        try:
            opened = await self._opened(scope, workspace, endpoint)
            form = _form(scope)
            body = await self._body(scope, receive)
            answered = await opened.service.answer(body, form)
            reply = Response(answered.body, answered.status, media_type="application/json")
            if answered.status == 503:
                reply.headers["Retry-After"] = "1"
        except _Unauthorized as error:
            reply = unauthorized(scope, error.was_shown)
        except ProblemError as error:
            reply = classic_reply(error.problems)
        reply.raw_headers.extend(self._headers(scope))
        await reply(scope, receive, send)
        service, name = (opened.endpoint.service, opened.endpoint.name) if opened else ("unknown", "unknown")
        seconds = time.perf_counter() - begun
        self._metrics.call(service, name, reply.status_code, seconds)
        if opened is not None:
            self._desk.workspace.usage.note(opened.endpoint.id, reply.status_code >= 400, seconds)
        if opened is not None and opened.endpoint.trace_level != "None":
            told = Reply(reply.status_code, bytes(reply.body))
            number = reply.headers.get("x-ms-request-id", "")
            trace_call(self._desk.workspace.diagnostics, opened.endpoint, told, seconds, number)

    async def _opened(self, scope: Scope, workspace: str, endpoint: str) -> OpenEndpoint:
        """The endpoint, open, if the caller may call it."""
        shown = credentials_of(scope)
        if not shown.bearer:
            raise _Unauthorized(False)
        opened = self._services.opened_now(endpoint)
        if opened is None or not opened.endpoint.fits(shown.bearer):
            # not warm yet, or a token instead of a key: both take a look into the records
            grant = await to_thread.run_sync(self._identify, shown)
            if grant is None or not grant.may_call(endpoint):
                raise _Unauthorized(True)  # a key of another endpoint is no key here
            if opened is None:
                opened = await to_thread.run_sync(self._services.opened, endpoint)
        if workspace != self._desk.workspace_id and scope["path"].startswith("/workspaces/"):
            raise ProblemError(Problem("W112", f"There is no workspace '{workspace}' here.", workspace, ""))
        return opened

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        cap = self._desk.caps.json_bytes
        message = await receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts, size = [body], len(body)
            while message.get("more_body"):
                message = await receive()
                if message["type"] == "http.disconnect":
                    break
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > cap:
                    break
            body = b"".join(parts)
        if len(body) > cap:
            size_mib = cap / 1024**2
            raise ProblemError(Problem("A006", f"The request is larger than {size_mib:g} MiB.", "body", ""))
        return body

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        more = [(b"x-ms-request-id", secrets.token_hex(16).encode())]
        for name, value in scope["headers"]:
            if name == CLIENT_ID and len(value) <= 100:
                more.append((CLIENT_ID, value))
        return more


def trace_call(
    diagnostics: Diagnostics, endpoint: Endpoint, reply: Reply, seconds: float, number: str
) -> None:
    """One call for the endpoint's diagnostics, without a word of its body."""
    is_fault = reply.status >= 400
    told: dict[str, Json] = {"status": reply.status, "milliseconds": round(seconds * 1000, 3)}
    if is_fault:
        told["codes"] = fault_codes(reply.body)
    diagnostics.note(endpoint, "score/requests", is_fault, told, number)


class _Unauthorized(Exception):
    """Nobody that may call."""

    def __init__(self, was_shown: bool) -> None:
        super().__init__()
        self.was_shown = was_shown


def _form(scope: Scope) -> ReplyForm:
    """How the answer is to be written.

    Raises
    ------
    ProblemError
        W120: an api-version that is not spoken.
    """
    text = scope["query_string"]
    if text == b"api-version=2.0":
        return _PLAIN
    query = parse_qs(text.decode("latin-1"), keep_blank_values=True)
    version = query.get("api-version", ["2.0"])[-1]
    if version not in API_VERSIONS:
        raise ProblemError(
            Problem("W120", f"The api-version '{version:.20}' is not spoken here.", "api-version", "Use 2.0.")
        )
    is_swagger = query.get("format", [""])[-1].lower() == "swagger" or _is_true(query.get("swagger"))
    return ReplyForm(is_swagger, _is_true(query.get("details")))


def _is_true(values: list[str] | None) -> bool:
    return bool(values) and values[-1].lower() == "true"  # type: ignore[index]


_PLAIN = ReplyForm()
