"""Credentials: what a request shows to say who asks, in each of the ways that clients have."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

COOKIE = "__Host-skyloom"
WORKSPACE_TOKEN = b"x-ms-metaanalytics-authorizationtoken"  # clients of /api (services.md 1.5)
CSRF_HEADER = b"x-skyloom-csrf"


@dataclass(frozen=True)
class Credentials:
    """A bearer text or a cookie. Whoever shows a bearer text is not asked for the cookie (row 2)."""

    bearer: str = ""
    cookie: str = ""
    csrf: str = ""


def credentials_of(scope: Scope) -> Credentials:
    """What the headers show. A repeated Authorization header is none: readers differ in which one counts."""
    bearer: list[str] = []
    workspace: list[str] = []
    cookies: list[str] = []
    csrf = ""
    for name, value in scope["headers"]:
        if name == b"authorization":
            bearer.append(value.decode("latin-1"))
        elif name == WORKSPACE_TOKEN:
            workspace.append(value.decode("latin-1").strip())
        elif name == b"cookie":
            cookies += [part.strip() for part in value.decode("latin-1").split(";")]
        elif name == CSRF_HEADER:
            csrf = value.decode("latin-1").strip()
    found = bearer_text(bearer[0]) if len(bearer) == 1 else ""
    if not found and len(workspace) == 1 and not bearer:
        found = workspace[0]
    ours = [part.partition("=")[2] for part in cookies if part.startswith(f"{COOKIE}=")]
    return Credentials(found, ours[0] if len(ours) == 1 and not bearer and not workspace else "", csrf)


def bearer_text(header: str) -> str:
    """The text behind the scheme word: any case, any number of blanks (R sends two).

    >>> bearer_text("bearer  abc")
    'abc'
    >>> bearer_text("Basic abc")
    ''
    """
    scheme, _, text = header.strip().partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""
