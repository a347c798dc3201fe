"""TableViews over plain CSV files, for tests of what stands before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from skyloom.core.identity import Digest, Json
from skyloom.core.problem import Problem, ProblemError

_Rows = list[list[str]]


class MemoryTables:
    """Implements core/table_views.py; what holds no comma is no table, every cell is text."""

    def __init__(self, path_of: Callable[[Digest], Path]) -> None:
        self._path_of = path_of

    def heads(self, table: Digest) -> dict[str, Json]:
        head, rows = self._read(table)
        return {"rows": len(rows), "columns": _features(head, range(len(head)))}

    def rows(self, table: Digest, offset: int, limit: int, columns: Sequence[int] | None) -> dict[str, Json]:
        head, rows = self._read(table)
        places = [place for place in columns or range(len(head)) if place < len(head)]
        records: list[Json] = [[row[place] for place in places] for row in rows[offset : offset + limit]]
        return {
            "offset": offset,
            "numberOfRows": len(rows),
            "numberOfColumns": len(head),
            "features": _features(head, places),
            "records": records,
        }

    def profile(self, table: Digest, sample: bool = False) -> dict[str, Json]:
        return {"data": self.rows(table, 0, 100, None)}

    def compare(self, table: Digest, x: int, y: int) -> dict[str, Json]:
        head, rows = self._read(table)
        if max(x, y) >= len(head):
            raise ProblemError(Problem("W351", "There is no such column.", "x", ""))
        points: list[Json] = [[row[x], row[y]] for row in rows]
        return {"kind": "scatter", "x": head[x], "y": head[y], "numberOfRows": len(rows), "points": points}

    def model(self, content: Digest, type: str = "Object") -> dict[str, Json]:
        raise ProblemError(Problem("W390", "The content is no model.", content, ""))

    def image(self, file: Digest) -> tuple[str, str]:
        if not self._stored(file).read_bytes().startswith(b"\x89PNG\r\n\x1a\n"):
            raise ProblemError(Problem("W352", "This is no picture.", file, ""))
        return str(self._stored(file)), "image/png"

    def file(self, content: Digest, type: str, format: str) -> str:
        return str(self._stored(content))

    def _stored(self, digest: Digest) -> Path:
        path = self._path_of(digest)
        if not path.exists():
            raise ProblemError(Problem("R011", "The content is gone.", digest, ""))
        return path

    def _read(self, table: Digest) -> tuple[list[str], _Rows]:
        lines = self._stored(table).read_bytes().decode("latin-1").splitlines()
        if not lines or "," not in lines[0]:
            raise ProblemError(Problem("W350", "The content is no table.", table, ""))
        head, *rows = [line.split(",") for line in lines]
        return head, rows


def _features(head: list[str], places: Sequence[int]) -> list[Json]:
    return [
        {
            "name": head[place],
            "index": place,
            "elementType": "String",
            "featureType": "String Feature",
            "isFeature": True,
        }
        for place in places
    ]
