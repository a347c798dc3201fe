"""AllowedHosts: the Host header must name us, or a web page elsewhere could reach a port on this machine.

Source: reliability.md 4.1, row 3. On the Unix socket every name is taken: no browser can open it.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from skyloom.core.problem import Problem
from skyloom.server.errors import problem_reply


class AllowedHosts:
    """ASGI middleware; ``allowed`` None takes every host."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] | None) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._allowed is not None and _host(scope) not in self._allowed:
            problem = Problem(
                "A010",
                "This host name is not one of the agent's.",
                _host(scope)[:100],
                "Use localhost, or add the name to the allowed hosts.",
            )
            await problem_reply([problem])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _host(scope: Scope) -> str:
    """The one Host header without its port; nothing when it is missing or repeated."""
    found: list[str] = [
        value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"
    ]
    return host_name(found[0]) if len(found) == 1 else ""


def host_name(header: str) -> str:
    """A Host header without its port.

    >>> host_name("LocalHost:80"), host_name("[::1]:80")
    ('localhost', '[::1]')
    """
    name, bracket, _ = header.lower().partition("]")
    return name + bracket if bracket else name.partition(":")[0]
