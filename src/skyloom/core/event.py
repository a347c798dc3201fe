"""RunEvent: one line of the append-only story of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyloom.core.identity import Json, NodeId, RunId

EventKind = Literal["submitted", "state", "attempt", "cancel"]


@dataclass(frozen=True)
class RunEvent:
    """States of a run and its nodes are the fold of its events (run.py)."""

    run: RunId
    sequence: int  # 1, 2, 3 ... without gaps within a run
    at: str  # UTC, ISO 8601 with milliseconds
    kind: EventKind
    node: NodeId | None = None
    body: Mapping[str, Json] = field(default_factory=dict)
