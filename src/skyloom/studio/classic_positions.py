"""Positions in SerializedClientData: XML text in which only the places of boxes matter (studio.md 5).

It is scanned, not parsed: nothing else of it is understood, and all else must come out as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, unescape

from skyloom.core.graph_view import Position

EMPTY = "<DataV1><Meta/><NodePositions></NodePositions><NodeGroups/></DataV1>"
_QUOTES = {"&quot;": '"', "&apos;": "'", "&#39;": "'", "&#34;": '"'}
_ENTRY = re.compile(
    r"""<NodePosition\s+Node\s*=\s*(?:'(?P<node1>[^']*)'|"(?P<node2>[^"]*)")\s+"""
    r"""Position\s*=\s*(?P<quote>['"])(?P<place>[^'"]*)(?P=quote)"""
)
_END = re.compile(r"</NodePositions>|<NodePositions\s*/>")
_SIZE = "200,60"  # of a box, for those that the old client did not draw


def read_positions(client_data: str) -> dict[str, Position]:
    """Place of each node, and of each dataset, model and transform, by id."""
    found: dict[str, Position] = {}
    for entry in _ENTRY.finditer(client_data):
        numbers = _numbers(entry["place"])
        if len(numbers) >= 2:
            found.setdefault(_node(entry), Position(numbers[0], numbers[1]))
    return found


def with_positions(client_data: str, positions: Mapping[str, Position]) -> str:
    """The same text with these boxes moved or added; width and height of a box stay."""
    waiting = dict(positions)

    def moved(entry: re.Match[str]) -> str:
        place = waiting.pop(_node(entry), None)
        if place is None:
            return entry[0]
        rest = entry["place"].split(",")[2:]
        start, end = entry.start("place") - entry.start(), entry.end("place") - entry.start()
        return f"{entry[0][:start]}{','.join([_written(place), *rest])}{entry[0][end:]}"

    text = _ENTRY.sub(moved, client_data or EMPTY)
    if not waiting:
        return text
    added = "".join(
        f"<NodePosition Node='{escape(node, {chr(39): '&apos;'})}' Position='{_written(place)},{_SIZE}'/>"
        for node, place in waiting.items()
    )
    end = _END.search(text)
    if end is None:
        return with_positions(EMPTY, positions)
    closing = (
        f"{added}</NodePositions>" if end[0].startswith("</") else f"<NodePositions>{added}</NodePositions>"
    )
    return text[: end.start()] + closing + text[end.end() :]


def _node(entry: re.Match[str]) -> str:
    return unescape(entry["node1"] if entry["node1"] is not None else entry["node2"], _QUOTES)


def _numbers(place: str) -> list[float]:
    try:
        return [_plain(float(part)) for part in place.split(",")]
    except ValueError:
        return []


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def _written(place: Position) -> str:
    return f"{_plain(place.x)},{_plain(place.y)}"
