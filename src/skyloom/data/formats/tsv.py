"""Tab-separated files: the rules of ``csv.py`` with a tab between the fields."""

from __future__ import annotations

from typing import List, Optional

from skyloom.data.formats.csv import read_csv, write_csv
from skyloom.data.formats.source import PathOrDescriptor
from skyloom.data.table import Table


def read_tsv(file: PathOrDescriptor, *, header: bool = True, notices: Optional[List[str]] = None) -> Table:
    """Read a tab-separated file; see ``read_csv``."""
    return read_csv(file, header=header, separator="\t", notices=notices)


def write_tsv(
    table: Table, file: PathOrDescriptor, *, header: bool = True, guard_formulas: bool = False
) -> None:
    """Write a tab-separated file; see ``write_csv``."""
    write_csv(table, file, header=header, separator="\t", guard_formulas=guard_formulas)
