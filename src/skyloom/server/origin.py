"""Origin: the address that a request came to, for the addresses that answers hold."""

from __future__ import annotations

from starlette.requests import Request

from skyloom.server.web_port import WebFront


def base_of(request: Request) -> str:
    """Scheme and host without a slash at the end. The host was checked (hosts.py) before anything was read.

    The scheme is what clients see: https behind a proxy that speaks TLS, whatever arrives here.
    """
    front = request.app.state.front
    assert isinstance(front, WebFront)
    return f"{'https' if front.is_tls else 'http'}://{request.headers['host']}"
