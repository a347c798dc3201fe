"""Files and typed text read as tables; what had to be altered is said in the node's log."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from skyloom.data.formats.detect import read_table
from skyloom.data.formats.endings import format_of
from skyloom.data.table import Table

# the words of a parameter -> Studio's data types
_FORMATS = {
    "CSV": "GenericCSV",
    "TSV": "GenericTSV",
    "ARFF": "ARFF",
    "SvmLight": "SvmLight",
    "Parquet": "Parquet",
    "PlainText": "PlainText",
}
_WITH_HEADER = ("GenericCSV", "GenericTSV")
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def read_file(path: str | int, format: str | None, has_header: bool = True, name: str = "") -> Table:
    """A file by the word for its format, else by its name's ending, else as CSV.

    Raises
    ------
    ProblemError
        What the reader of the format finds wrong.
    """
    kind = _FORMATS[format] if format else format_of(os.path.basename(name))
    if kind == "GenericBinary":
        kind = "GenericCSV"
    if kind in _WITH_HEADER and not has_header:
        kind += "NoHeader"
    with said() as notices:
        return read_table(path, name=os.path.basename(name) or None, format=kind, notices=notices)


def read_text(text: str, format: str, has_header: bool = True) -> Table:
    """Typed text. Zero-width spaces, and blanks and tabs at the ends of lines, are left out.

    Raises
    ------
    ProblemError
        What the reader of the format finds wrong.
    """
    lines = [line.rstrip(" \t") for line in text.translate(_ZERO_WIDTH).splitlines()]
    with tempfile.TemporaryFile() as file:
        file.write("\n".join(lines).encode("utf-8", "replace"))
        file.flush()
        return read_file(file.fileno(), format, has_header)


@contextmanager
def said() -> Iterator[list[str]]:
    """A list for notices that are printed in the end, also after a failure."""
    notices: list[str] = []
    try:
        yield notices
    finally:
        for notice in notices:
            print(notice)
