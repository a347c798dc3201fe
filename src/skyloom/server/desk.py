"""Desk: what every route of one agent shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from starlette.requests import Request

from skyloom.core.workspace_api import WorkspaceApi
from skyloom.server.activity import Activity


class ServedWorkspace(WorkspaceApi, Protocol):
    """A workspace that an agent can hold open and close again."""

    def is_idle(self) -> bool: ...

    def close(self, grace_s: float = 0.0) -> None: ...


@dataclass(frozen=True)
class Caps:
    """The most that one request may bring. Source: reliability.md 4.1, row 5."""

    json_bytes: int = 10 * 1024 * 1024
    upload_bytes: int = 1024**3


@dataclass(frozen=True)
class Desk:
    """The workspace served, where its agent lives, and what is going on."""

    workspace: ServedWorkspace
    home: Path
    caps: Caps = Caps()
    activity: Activity = field(default_factory=Activity)


def desk_of(request: Request) -> Desk:
    found = request.app.state.desk
    assert isinstance(found, Desk)
    return found
