"""Tables as they come from a store, for the tests of this room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.table_file import SealedTable, open_table, seal_table, write_table


def store(table: Table, path: Path, files: Any = None) -> SealedTable:
    """Write and seal the table as a file."""
    descriptor = os.open(str(path), os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    try:
        return seal_table(descriptor, write_table(table, descriptor), files or {})
    finally:
        os.close(descriptor)


def stored(frame: Any, path: Path) -> tuple[Table, dict[str, str]]:
    """The frame as a stored and mapped table, and the mapping that later tables need to refer to it."""
    sealed = store(table_from_frame(frame), path)
    return open_table(str(path)), {sealed.content_digest: str(path)}
