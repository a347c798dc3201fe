"""A workspace's server by its address: where it is, and the token that is shown there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from skyloom.core.problem import Problem, ProblemError

URL = "SKYLOOM_URL"
TOKEN = "SKYLOOM_TOKEN"


class ServerPlace:
    """Stands where an AgentPlace stands, for an agent that is reached over the network.

    Raises
    ------
    ProblemError
        P215: the address is none of http or https, or holds more than host, port and path.
    """

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise ProblemError(
                Problem("P215", f"{url!r:.200} is no address of a server.", URL, "Write http://HOST:PORT.")
            )
        self.home = self.url = url.rstrip("/")
        self.token = token
        self.is_tls = parts.scheme == "https"
        self.host = parts.hostname
        self.port = parts.port
        self.path = parts.path.rstrip("/")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def __repr__(self) -> str:
        return f"ServerPlace({self.url!r})"  # never the token


def named_server(environ: Mapping[str, str] = os.environ, url: str = "") -> ServerPlace | None:
    """The server that ``url`` or SKYLOOM_URL names, with SKYLOOM_TOKEN; None when neither does."""
    found = environ.get(URL) or url
    return ServerPlace(found, environ.get(TOKEN, "")) if found else None
