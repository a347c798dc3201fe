"""Tokens for programs: client credentials in exchange for a token that ends by itself (sdk.md 15).

The client id is a token's id, the client secret its secret; the whole token's text is taken for a secret too.
"""

from __future__ import annotations

import base64
import binascii
import time
from urllib.parse import parse_qs, unquote_plus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.identity import Json
from skyloom.core.problem import Problem
from skyloom.server.bodies import read_bytes
from skyloom.server.desk import desk_of
from skyloom.server.errors import status_of
from skyloom.server.replies import JsonReply

NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def token(request: Request) -> Response:
    """A bearer token with the scopes of the token whose id and secret are shown (RFC 6749, 4.4)."""
    form = parse_qs((await read_bytes(request)).decode("utf-8", "replace"), keep_blank_values=True)
    given = {name: values[-1] for name, values in form.items()}
    if given.get("grant_type") != "client_credentials":
        problem = Problem("P213", "grant_type must be client_credentials.", "grant_type")
        return _refused("unsupported_grant_type", problem)
    client, secret = _basic(request) or (given.get("client_id", ""), given.get("client_secret", ""))
    access = desk_of(request).workspace.access
    made = await to_thread.run_sync(access.exchange, client, secret)
    if made is None:
        return _refused("invalid_client", Problem("P212", "The client id and secret open nothing."))
    text, life_s = made
    body: dict[str, Json] = {
        "token_type": "Bearer",
        "access_token": text,
        "expires_in": int(life_s),
        "ext_expires_in": int(life_s),
        "expires_on": str(int(time.time() + life_s)),
        "resource": given.get("resource") or given.get("scope") or "",
    }
    return JsonReply(body, 200, NEVER_KEPT)


def _basic(request: Request) -> tuple[str, str] | None:
    """Id and secret in the header, where a client puts them there."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, colon, secret = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (unquote_plus(client), unquote_plus(secret)) if colon else None


def _refused(error: str, problem: Problem) -> Response:
    status = status_of(problem)
    headers = {**NEVER_KEPT, **({"WWW-Authenticate": "Basic"} if status == 401 else {})}
    return JsonReply(
        {"error": error, "error_description": f"{problem.code}: {problem.message}"}, status, headers
    )


ROUTES = (
    Route("/oauth2/token", token, methods=["POST"]),
    Route("/{tenant}/oauth2/token", token, methods=["POST"]),
    Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
)
