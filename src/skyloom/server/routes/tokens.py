"""Tokens over HTTP: made, listed and revoked by the owner or with an admin token."""

from __future__ import annotations

from datetime import timedelta

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import Token
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.bodies import read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply

LONGEST_NAME = 100
LONGEST_LIFE_S = 100 * 365 * 86400


async def create(request: Request) -> Response:
    """Make a token. Its text is in this answer and nowhere else."""
    body = await read_object(request)
    name, scopes = text_of(body, "name", ""), body.get("scopes")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise _unreadable("'scopes' must be a list of texts", "scopes")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise _unreadable(f"'name' must be printable text of up to {LONGEST_NAME} characters", "name")
    life = body.get("expires_in_s")
    if life is not None and (isinstance(life, bool) or not isinstance(life, (int, float))):
        raise _unreadable("'expires_in_s' must be a number of seconds", "expires_in_s")
    if life is not None and not -LONGEST_LIFE_S < life < LONGEST_LIFE_S:
        raise _unreadable("'expires_in_s' is longer than a hundred years", "expires_in_s")
    token, text = await to_thread.run_sync(
        desk_of(request).workspace.access.create,
        name,
        [str(scope) for scope in scopes],
        None if life is None else timedelta(seconds=life),
    )
    return JsonReply({**shown(token), "token": text}, 201)


def all_known(request: Request) -> Response:
    """Every token, without its secret; revoked ones too."""
    return JsonReply({"tokens": [shown(token) for token in desk_of(request).workspace.access.all()]})


def revoke(request: Request) -> Response:
    """End a token and its sessions at once."""
    return JsonReply(shown(desk_of(request).workspace.access.revoke(request.path_params["token"])))


def first(request: Request) -> Response:
    """Make sure of the owner's token, and say where it lies."""
    access = desk_of(request).workspace.access
    _, is_new = access.first_token()
    return JsonReply({"token_file": str(access.token_file), "made": is_new})


def shown(token: Token) -> dict[str, Json]:
    """A token for people: never its digest."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": list(token.scopes),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }


def _unreadable(why: str, where: str) -> ProblemError:
    return ProblemError(
        Problem("A007", f"The request does not read: {why}.", where, "See docs/reference/rest.md.")
    )


ROUTES = (
    Route("/tokens", create, methods=["POST"]),
    Route("/tokens", all_known, methods=["GET"]),
    Route("/tokens/first", first, methods=["POST"]),
    Route("/tokens/{token}", revoke, methods=["DELETE"]),
)
