"""TableViews: what Visualize asks of stored content, by its digest alone.

``workspace/table_views.py`` carries it out. Content never changes, so neither do answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from skyloom.core.identity import Digest, Json


@runtime_checkable
class TableViews(Protocol):
    """Every method may raise ProblemError: R011 the content is not here, R021 no digest, W350 no table."""

    def heads(self, table: Digest) -> dict[str, Json]:
        """Rows and columns of a table, from its footer."""

    def rows(self, table: Digest, offset: int, limit: int, columns: Sequence[int] | None) -> dict[str, Json]:
        """A page of a table (data/row_window.py)."""

    def profile(self, table: Digest, sample: bool = False) -> dict[str, Json]:
        """Statistics, histograms, box plots (studio.md 3.2); ``sample`` looks at some rows and is quick."""

    def compare(self, table: Digest, x: int, y: int) -> dict[str, Json]:
        """Two columns against each other (data/compare_columns.py); W351 there is no such column."""

    def model(self, content: Digest, type: str = "Object") -> dict[str, Json]:
        """Task, settings and weights of a model, read in a box; W390 it cannot be loaded there.

        A ``type`` File is any file that was registered as a model: one that is none of ours has no name.
        """

    def image(self, file: Digest) -> tuple[str, str]:
        """Path on this machine and media type of a picture; W352 it is none that a page may show."""

    def file(self, content: Digest, type: str, format: str) -> str:
        """Path on this machine of the content, of a table in that format (D062)."""
