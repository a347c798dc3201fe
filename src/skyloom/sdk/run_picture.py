"""The steps of a run drawn as a graph with their states: SVG for a notebook. Source: sdk.md 17."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.identity import NodeId

_WIDTH, _HEIGHT, _GAP = 170, 40, 30
_COLOURS = {
    "NotStarted": "#e8e8e8",
    "Queued": "#d8e2f0",
    "Running": "#9cc8f5",
    "Finished": "#a9dba9",
    "Failed": "#f2a7a7",
    "Canceled": "#e3c99a",
    "Bypassed": "#f4f4f4",
}


def run_picture(graph: Graph, states: Mapping[NodeId, str]) -> str:
    """One box a step with its name and state; steps stand below those that they wait for."""
    rows = _rows(graph)
    places = {
        node: (_GAP + column * (_WIDTH + _GAP), _GAP + row * (_HEIGHT + _GAP))
        for row, nodes in enumerate(rows)
        for column, node in enumerate(nodes)
    }
    widest = max((len(nodes) for nodes in rows), default=0)
    width, height = _GAP + widest * (_WIDTH + _GAP), _GAP + len(rows) * (_HEIGHT + _GAP)
    lines = [
        _line(places[before], places[node])
        for node, earlier in graph.predecessors().items()
        for before in sorted(earlier)
        if node in places and before in places
    ]
    boxes = [_box(graph, node, place, states.get(node, "NotStarted")) for node, place in places.items()]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-size="12">'
    return "".join([head, *lines, *boxes, "</svg>"])


def _rows(graph: Graph) -> Sequence[Sequence[NodeId]]:
    """Steps by the longest way that leads to them."""
    before = graph.predecessors()
    steps = [node.id for node in graph.nodes if isinstance(node, ModuleNode)]
    depth: dict[NodeId, int] = {}
    left = list(steps)
    while left:
        ready = [node for node in left if all(one in depth for one in before[node] if one in steps)]
        for node in ready:
            depth[node] = 1 + max((depth[one] for one in before[node] if one in steps), default=-1)
        left = [node for node in left if node not in depth]
    count = max(depth.values(), default=-1) + 1
    return [[node for node in steps if depth[node] == row] for row in range(count)]


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1, x2, y2 = start[0] + _WIDTH // 2, start[1] + _HEIGHT, end[0] + _WIDTH // 2, end[1]
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#888"/>'


def _box(graph: Graph, node: NodeId, place: tuple[int, int], state: str) -> str:
    x, y = place
    module = graph.node(node)
    title = (module.title if isinstance(module, ModuleNode) else "") or node
    shown = title if len(title) <= 24 else f"{title[:23]}…"
    return (
        f'<g><title>{escape(title)}</title><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5" '
        f'fill="{_COLOURS.get(state, "#e8e8e8")}" stroke="#666"/>'
        f'<text x="{x + 8}" y="{y + 16}">{escape(shown)}</text>'
        f'<text x="{x + 8}" y="{y + 32}" fill="#444">{escape(state)}</text></g>'
    )
