"""GraphView: where boxes stand and what is written beside them; kept out of the graph's digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.identity import NodeId


@dataclass(frozen=True)
class Position:
    """The place of a box on the canvas, in pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class GraphView:
    """What a person sees of a graph beside its meaning."""

    name: str = ""
    summary: str = ""
    positions: Mapping[NodeId, Position] = field(default_factory=dict)
    comments: Mapping[NodeId, str] = field(default_factory=dict)
