"""Reading a file of any format as a table."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Optional

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.formats.arff import read_arff
from skyloom.data.formats.csv import read_csv
from skyloom.data.formats.endings import ENDINGS, format_of
from skyloom.data.formats.parquet import read_parquet
from skyloom.data.formats.plain_text import read_plain_text
from skyloom.data.formats.source import PathOrDescriptor
from skyloom.data.formats.svmlight import read_svmlight
from skyloom.data.formats.tsv import read_tsv
from skyloom.data.formats.zip import extract_member, table_members
from skyloom.data.table import Table

_READERS: Dict[str, Callable[..., Table]] = {
    "GenericCSV": read_csv,
    "GenericCSVNoHeader": lambda file, **options: read_csv(file, header=False, **options),
    "GenericTSV": read_tsv,
    "GenericTSVNoHeader": lambda file, **options: read_tsv(file, header=False, **options),
    "PlainText": read_plain_text,
    "ARFF": read_arff,
    "SvmLight": read_svmlight,
    "Parquet": read_parquet,
}
_WITH_BUDGET = ("SvmLight", "Parquet")


def read_table(
    file: PathOrDescriptor,
    *,
    name: Optional[str] = None,
    format: Optional[str] = None,
    member: Optional[str] = None,
    budget_bytes: Optional[int] = None,
    notices: Optional[List[str]] = None,
) -> Table:
    """Read a file as a table.

    Parameters
    ----------
    file
        A path or a descriptor. Run it in a sandbox when the file is a stranger's.
    name
        The file's name where the path does not tell it.
    format
        One of ``endings.TABLE_FORMATS`` or ``Zip``; by default what the name's ending says.
    member
        The member of a zip archive to read; by default its only table.

    Raises
    ------
    ProblemError
        D040 (Studio error 0018) for a file that is no table: pickles, models, archives of numpy and
        spreadsheets are kept as they are and never opened here. Otherwise what the format's reader raises.
    """
    shown = name or ("" if isinstance(file, int) else os.path.basename(os.fspath(file)))
    kind = format or format_of(shown)
    if kind == "Zip":
        return _read_member(file, member, budget_bytes, notices)
    reader = _READERS.get(kind)
    if reader is None:
        raise ProblemError(
            Problem(
                "D040",
                f"'{shown}' is not a table; it is kept as a file and not opened.",
                where=shown,
                fix="Tables come from .csv, .tsv, .txt, .arff, .svmlight and .parquet files.",
            )
        )
    options: Dict[str, Any] = {"notices": notices}
    if budget_bytes is not None and kind in _WITH_BUDGET:
        options["budget_bytes"] = budget_bytes
    return reader(file, **options)


def _read_member(
    file: PathOrDescriptor, member: Optional[str], budget_bytes: Optional[int], notices: Optional[List[str]]
) -> Table:
    if member is None:
        tables = table_members(file, tuple(ending for ending in ENDINGS if ending != ".zip"))
        if len(tables) != 1:
            raise ProblemError(
                Problem(
                    "D048",
                    f"The zip archive has {len(tables)} tables, so it does not say which one is meant.",
                    fix=f"Name one of: {', '.join(tables[:10])}." if tables else "Put a table into it.",
                )
            )
        member = tables[0]
    if format_of(member) == "Zip":
        raise ProblemError(
            Problem("D048", f"'{member}' is an archive in an archive.", fix="Unpack it first.")
        )
    descriptor = extract_member(file, member)
    try:
        return read_table(descriptor, name=member, budget_bytes=budget_bytes, notices=notices)
    finally:
        os.close(descriptor)
