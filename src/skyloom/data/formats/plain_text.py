"""Plain text: one column, one row a line (studio.md 3.1)."""

from __future__ import annotations

from typing import List, Optional

import pandas as pd

from skyloom.data.formats.source import PathOrDescriptor, open_text
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table

COLUMN = "Col1"


def read_plain_text(file: PathOrDescriptor, *, notices: Optional[List[str]] = None) -> Table:
    """Each line as a cell of the one column ``Col1``, without its line end; blank lines are empty cells."""
    with open_text(file, notices) as stream:
        # not splitlines: it also cuts at form feeds and other marks inside a line
        lines = stream.read().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return table_from_frame(pd.DataFrame({COLUMN: pd.Series(lines, dtype=object)}), notices=notices)
