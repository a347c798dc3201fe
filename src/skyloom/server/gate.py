"""Gate: on the network every route but a few public ones asks who comes, also from this machine.

Source: reliability.md 4.1, rows 1 and 2. The Unix socket has no gate: its file belongs to the owner.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from hmac import compare_digest

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from skyloom.core.access import PIPELINES, Grant
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.credentials import Credentials, credentials_of
from skyloom.server.page_files import ASSET, PAGE
from skyloom.server.refusals import refusal
from skyloom.workspace.access import csrf_of

SAFE = ("GET", "HEAD", "OPTIONS")
_ID = "[0-9A-Za-z.-]+"
# what anybody may read or start with: health, the page (which holds no data), the sign-in, the shape of the
# API and of services. The shapes need no key because R and the Excel add-in read them before they have one
# (services.md 1.6 and 8)
PUBLIC = {
    "GET": re.compile(
        rf"{PAGE}|{ASSET}|/livez|/readyz|/openapi\.json|/signin|/api/?|/v2/health/(?:live|ready)"
        rf"|/workspaces/{_ID}/services/{_ID}/swagger\.json"
        rf"|/workspaces/{_ID}/webservices/{_ID}/endpoints/{_ID}/apidocument"
        rf"|/apihelp/workspaces/{_ID}/webservices/{_ID}/endpoints/{_ID}(?:/apidocument|/score|/jobs|/update)?"
    ),
    # they bring a token, or a token's id and secret, in the body
    "POST": re.compile(r"/session|/(?:[^/]+/)?oauth2/(?:v2\.0/)?token"),
}
PUBLIC["HEAD"] = PUBLIC["GET"]
# signed addresses and storage keys: routes/blobs.py, routes/datasources.py
OWN_CREDENTIALS = re.compile(rf"/blobstore/.*|/api/workspaces/{_ID}/datasources/{_ID}/content", re.DOTALL)

NOBODY = Grant("", frozenset())  # asks what anybody may ask; a route that wants more refuses it

Identify = Callable[[Credentials], Grant | None]


class Gate:
    """ASGI middleware; what it found stands in ``request.state.grant``."""

    def __init__(self, app: ASGIApp, identify: Identify) -> None:
        self._app = app
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # nothing here speaks anything else
        grant: Grant | None = NOBODY
        if not is_public(scope["method"], scope["path"]):
            shown = credentials_of(scope)
            grant = await to_thread.run_sync(self._identify, shown)
            reply = self._refuse(scope, shown, grant)
            if reply is not None:
                await reply(scope, receive, send)
                return
        scope.setdefault("state", {})["grant"] = grant
        await self._app(scope, receive, send)

    def _refuse(self, scope: Scope, shown: Credentials, grant: Grant | None) -> Response | None:
        if grant is None:
            return unauthorized(scope, bool(shown.bearer or shown.cookie))
        if shown.bearer or scope["method"] in SAFE or _is_of_our_page(shown):
            return None
        problem = Problem(
            "A104",
            "The request does not show the page's own word.",
            "X-Skyloom-CSRF",
            "Send the 'csrf' that GET /session tells.",
        )
        return refusal(scope["path"], [problem])


def _is_of_our_page(shown: Credentials) -> bool:
    return compare_digest(shown.csrf.encode(), csrf_of(shown.cookie).encode())


def is_public(method: str, path: str) -> bool:
    """Whether anybody may ask this."""
    pattern = PUBLIC.get(method)
    return bool(pattern and pattern.fullmatch(path)) or OWN_CREDENTIALS.fullmatch(path) is not None


def unauthorized(scope: Scope, was_shown: bool) -> Response:
    """401. Expired, revoked and unknown look the same from outside."""
    problem = Problem(
        "A101",
        "The token is not known, has expired or was revoked." if was_shown else "This address needs a token.",
        "Authorization",
        "Send 'Authorization: Bearer <token>'; 'skyloom token show' prints the owner's.",
    )
    reply = refusal(scope["path"], [problem])
    reply.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if was_shown else "Bearer"
    return reply


def grant_of_request(request: Request) -> Grant | None:
    """Who asks; nothing on the Unix socket, where only the owner can ask."""
    found = getattr(request.state, "grant", None)
    assert found is None or isinstance(found, Grant)
    return found


Handler = Callable[[Request], Response | Awaitable[Response]]


def require(request: Request, scope: str) -> None:
    """Go on if the one who asks may do this.

    Raises
    ------
    ProblemError
        A103.
    """
    grant = grant_of_request(request)
    if grant is not None and not grant.may(scope):
        raise forbidden(scope)


def require_pipeline(request: Request, *ids: str) -> None:
    """Go on if the one who asks may start one of these, by its own id or by that of an endpoint.

    Raises
    ------
    ProblemError
        A103.
    """
    grant = grant_of_request(request)
    if grant is not None and not any(grant.may_start(id) for id in ids):
        raise forbidden(PIPELINES)


def forbidden(scope: str) -> ProblemError:
    return ProblemError(
        Problem(
            "A103",
            f"The token does not allow this; it needs the scope '{scope}'.",
            "Authorization",
            "'skyloom token create' makes a token with other scopes.",
        )
    )
