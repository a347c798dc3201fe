"""The web application over a workspace in memory, asked in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from skyloom.server.desk import Caps, Desk
from skyloom.server.web_app import build_web_app
from skyloom.server.web_port import LOOPBACK_NAMES, WebFront

from .asking import Answer, ask
from .memory_workspace import MemoryWorkspace


@dataclass
class Web:
    """An application, its workspace, and a token for each scope."""

    app: ASGIApp
    workspace: MemoryWorkspace
    desk: Desk

    def token(self, *scopes: str) -> str:
        return self.workspace.access.create("test", scopes, None)[1]

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        given = dict(headers or {})
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        return ask(self.app, method, target, body, given)


def make_web(home: Path, caps: Caps | None = None) -> Web:
    workspace = MemoryWorkspace(home)
    desk = Desk(workspace, home, caps or Caps())
    return Web(build_web_app(desk, WebFront(frozenset(LOOPBACK_NAMES), False)), workspace, desk)
