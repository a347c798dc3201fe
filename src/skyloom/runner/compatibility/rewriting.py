"""Changes of a text that keep its lines where they are."""

from __future__ import annotations

from typing import Any, List, Tuple

_CLOSE, _OPEN, _REPLACE = 0, 1, 2  # the order of changes at one place


class Rewriting:
    """Collects changes of one text by the places that ``ast`` gives, and carries them out together.

    ``ast`` counts columns in bytes of UTF-8, so that is what is cut here. Changes nest: what is inserted
    first at one place
    stands outermost.
    """

    def __init__(self, text: str) -> None:
        self._bytes = text.encode("utf-8", "surrogatepass")
        self._starts = [0]
        for line in self._bytes.split(b"\n")[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._changes: List[Tuple[int, int, int, int, bytes]] = []  # start, kind, order, end, text

    def __bool__(self) -> bool:
        return bool(self._changes)

    def start(self, node: Any) -> int:
        return int(self._starts[node.lineno - 1] + node.col_offset)

    def end(self, node: Any) -> int:
        return int(self._starts[node.end_lineno - 1] + node.end_col_offset)

    def source(self, start: int, end: int) -> str:
        return self._bytes[start:end].decode("utf-8", "surrogatepass")

    def replace(self, start: int, end: int, text: str) -> None:
        """Put ``text`` in place of [start, end); it must hold as many line ends as it replaces."""
        self._changes.append((start, _REPLACE, len(self._changes), end, text.encode("utf-8")))

    def open(self, place: int, text: str) -> None:
        """Put text before an expression."""
        self._changes.append((place, _OPEN, len(self._changes), place, text.encode("utf-8")))

    def close(self, place: int, text: str) -> None:
        """Put text behind an expression; at one place, what was opened last is closed first."""
        self._changes.append((place, _CLOSE, -len(self._changes), place, text.encode("utf-8")))

    def wrap(self, node: Any, before: str, after: str) -> None:
        """Put text on both sides of an expression."""
        self.open(self.start(node), before)
        self.close(self.end(node), after)

    def text(self) -> str:
        parts: List[bytes] = []
        at = 0
        for start, _, _, end, text in sorted(self._changes):
            if start < at:
                continue  # inside something that was replaced whole
            parts += (self._bytes[at:start], text)
            at = end
        parts.append(self._bytes[at:])
        return b"".join(parts).decode("utf-8", "surrogatepass")
