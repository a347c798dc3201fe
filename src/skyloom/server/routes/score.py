"""Calls of score scripts: the body as it is to ``run``, what that returns as JSON (services.md 5)."""

from __future__ import annotations

import json
import re
import secrets
import time
from base64 import b64encode

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom import __version__
from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.score_script import INPUT, OUTPUT, SCHEMAS
from skyloom.core.score_words import ASKED, BODY, HEADERS, RESULT, STATUS
from skyloom.core.service import RequestTable, ResponseTable, ServiceCall
from skyloom.server.bodies import read_bytes
from skyloom.server.desk import desk_of
from skyloom.server.gate import forbidden, grant_of_request
from skyloom.server.replies import JsonReply
from skyloom.server.routes.webservices import check_workspace

LONGEST_ID = 100
FAILED = "An unexpected error occurred in scoring script. Check the logs for more info."
_JSON = "application/json"
# what a script may not see (the key that opens the endpoint), and what it may not say for the server
_UNSEEN = frozenset({"authorization", "cookie"})
_UNSAID = re.compile(
    r"connection|content-length|content-security-policy.*|transfer-encoding|set-cookie.*|date|server|x-request-id"
    r"|access-control-.*|cross-origin-.*|x-content-type-options|referrer-policy|clear-site-data|www-authenticate"
    r"|strict-transport-security|x-ms-.*",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)


async def score(request: Request) -> Response:
    """Call ``run``; a GET hands it the query as a JSON object."""
    endpoint = await to_thread.run_sync(_endpoint, request)
    own_id = request.headers.get("x-request-id", "")
    if len(own_id) > LONGEST_ID:
        return JsonReply({"message": f"x-request-id is longer than {LONGEST_ID} characters."}, 431)
    raw = await read_bytes(request)
    body = _query(request) if request.method == "GET" else raw.decode("utf-8", "replace")
    opened = await to_thread.run_sync(desk_of(request).workspace.web_services.opened, endpoint.id)
    begun = time.perf_counter()
    try:
        table = RequestTable((BODY, ASKED), [[body, _asked(request, raw)]])
        result = await opened.service.call(ServiceCall({INPUT: table}))
        reply, failed = _answer(result.outputs[OUTPUT]), False
    except ProblemError as error:
        if error.problem.code[:1] not in "SW" or error.problem.code in ("W210", "W211", "W212"):
            raise
        reply, failed = JsonReply({"message": FAILED}, 500), True
    number = secrets.token_hex(16)
    reply.headers["x-ms-request-id"] = number
    reply.headers["x-request-id"] = own_id or number
    reply.headers["x-ms-run-function-failed"] = str(failed)
    reply.headers["x-ms-run-fn-exec-ms"] = f"{(time.perf_counter() - begun) * 1000:.3f}"
    reply.headers["x-ms-server-version"] = f"skyloom/{__version__}"
    client = request.headers.get("x-ms-client-request-id")
    if client and len(client) <= LONGEST_ID:
        reply.headers["x-ms-client-request-id"] = client
    return reply


def _asked(request: Request, raw: bytes) -> str:
    """The request beside its body. A key does not go into the box."""
    headers: dict[str, Json] = {name: value for name, value in request.headers.items() if name not in _UNSEEN}
    told: dict[str, Json] = {"method": request.method, "headers": headers}
    if request.url.query:
        told["query"] = {name: list(request.query_params.getlist(name)) for name in request.query_params}
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        told["raw"] = b64encode(raw).decode()
    return json.dumps(told)


def _answer(table: ResponseTable) -> Response:
    """What the box said, as far as it may say it: a script chooses status, body and plain headers."""
    row = dict(zip(table.names, table.rows[0], strict=True))
    status, headers = str(row.get(STATUS) or ""), json.loads(row.get(HEADERS) or "{}")
    number = int(status) if status.isdecimal() and len(status) == 3 and int(status) >= 200 else 500
    reply = Response(row.get(RESULT) or "", number, media_type=_JSON)
    for name, value in headers.items() if isinstance(headers, dict) else ():
        text = str(value)
        if _FIELD.fullmatch(name) and not _UNSAID.fullmatch(name) and text.isprintable() and text.isascii():
            reply.headers[name] = text
    if not reply.headers["content-type"].lower().startswith(_JSON):
        # written by a script: no page of ours
        reply.headers["content-disposition"] = "attachment"
    return reply


def _query(request: Request) -> str:
    """The query as JSON text; keys that repeat become lists."""
    found: dict[str, Json] = {}
    for name in dict.fromkeys(request.query_params.keys()):
        values: list[Json] = list(request.query_params.getlist(name))
        found[name] = values[0] if len(values) == 1 else values
    return json.dumps(found)


def _endpoint(request: Request) -> Endpoint:
    check_workspace(request)
    services = desk_of(request).workspace.web_services
    found = services.endpoint_by_id(request.path_params["endpoint"])
    grant = grant_of_request(request)
    if grant is not None and not grant.may_call(found.id):
        raise forbidden(f"endpoint:{found.id}")
    if dict(found.schemas) != SCHEMAS:
        raise ProblemError(
            Problem("W110", "This endpoint is no score script.", found.id, "Call .../execute instead.")
        )
    return found


ROUTES = (
    Route("/workspaces/{ws}/services/{endpoint}/score", score, methods=["POST"]),
    Route("/workspaces/{ws}/services/{endpoint}/score", score, methods=["GET"]),
)
