"""Lines of named values as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table


def table_of_lines(lines: Sequence[Mapping[str, Any]]) -> Table:
    """One row a line; a name that a line lacks is missing there. Columns in the order of their first line."""
    names = dict.fromkeys(name for line in lines for name in line)
    return table_from_frame(pd.DataFrame([dict(line) for line in lines], columns=list(names)))
