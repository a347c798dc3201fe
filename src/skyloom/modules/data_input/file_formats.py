"""Tables written into the working folder, in the format that is asked for."""

from __future__ import annotations

from skyloom.data.formats.arff import write_arff
from skyloom.data.formats.csv import write_csv
from skyloom.data.formats.parquet import write_parquet
from skyloom.data.formats.svmlight import write_svmlight
from skyloom.data.formats.tsv import write_tsv
from skyloom.data.table import Table


def write_file(table: Table, format: str, *, header: bool = True) -> str:
    """The path of a new file; ``format`` in any case: CSV, TSV, ARFF, SvmLight or Parquet.

    Raises
    ------
    ProblemError
        What the format cannot hold.
    """
    word = format.lower()
    path = f"table.{word}"
    if word == "csv":
        write_csv(table, path, header=header)
    elif word == "tsv":
        write_tsv(table, path, header=header)
    else:
        {"arff": write_arff, "svmlight": write_svmlight, "parquet": write_parquet}[word](table, path)
    return path
