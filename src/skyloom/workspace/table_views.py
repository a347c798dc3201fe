"""TableViews of a workspace: every look at cells happens in a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Digest, Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_head import feature_of
from skyloom.workspace.files import Files

# what a file of the type begins with; SVG is no picture here, because it may hold scripts
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}

SAMPLE_ROWS = 100_000  # of a profile that is wanted at once


class WorkspaceTableViews:
    """Implements core/table_views.py."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def heads(self, table: Digest) -> dict[str, Json]:
        artifact = self._table(table)
        facts = self._files.facts(artifact)
        columns: list[Json] = [
            feature_of(place, column) for place, column in enumerate(self._files.columns(artifact))
        ]
        return {"rows": facts["rows"], "columns": columns}

    def rows(self, table: Digest, offset: int, limit: int, columns: Sequence[int] | None) -> dict[str, Json]:
        wanted: list[Json] | None = None if columns is None else list(columns)
        values: Mapping[str, Json] = {"Offset": offset, "Limit": limit, "Columns": wanted}
        return self._files.looked_at("Table Rows", values, self._table(table))

    def profile(self, table: Digest, sample: bool = False) -> dict[str, Json]:
        return self._files.profile(self._table(table), SAMPLE_ROWS if sample else 0)

    def compare(self, table: Digest, x: int, y: int) -> dict[str, Json]:
        artifact = self._table(table)
        columns = len(self._files.columns(artifact))
        if not max(x, y) < columns:
            raise ProblemError(
                Problem(
                    "W351",
                    f"There is no column {max(x, y)} in a table of {columns}.",
                    "x" if x >= columns else "y",
                    "Columns are counted from 0.",
                )
            )
        return self._files.looked_at("Compare Columns", {"X": x, "Y": y}, artifact)

    def model(self, content: Digest, type: str = "Object") -> dict[str, Json]:
        try:
            return self._files.looked_at("Describe Model", {}, _artifact(content, type), "Model")
        except ProblemError as error:
            if error.problem.code != "D032":
                raise
            message = "The content is no model that can be loaded here."
            raise ProblemError(
                Problem("W390", message, content, f"Download it to look at it. {error.problem.message}")
            ) from error

    def image(self, file: Digest) -> tuple[str, str]:
        path = self._files.stored(_artifact(file, "File"))
        with open(path, "rb") as content:
            head = content.read(8)
        kind = next((kind for begin, kind in _PICTURES.items() if head.startswith(begin)), None)
        if kind is None:
            raise ProblemError(
                Problem("W352", "This is neither PNG nor JPEG.", file, "Download it to look at it.")
            )
        return path, kind

    def file(self, content: Digest, type: str, format: str) -> str:
        artifact = self._table(content) if type == "Dataset" else _artifact(content, type)
        return self._files.download(artifact, format)

    def _table(self, digest: Digest) -> Artifact:
        """The content as a table, if it is one."""
        artifact = _artifact(digest, "Dataset")
        try:
            self._files.facts(artifact)
        except ProblemError as error:
            if error.problem.code != "D023":
                raise
            raise ProblemError(
                Problem("W350", "The content is no table.", digest, "Download it to look at it.")
            ) from error
        return artifact


def _artifact(digest: Digest, type: str) -> Artifact:
    return Artifact(digest, "content", type, "output", "application/octet-stream", 0)
