"""SvmLight files: ``label index:value ...`` a line, read as a dense table (studio.md 3.1)."""

from __future__ import annotations

from typing import List, Optional, Tuple

import numpy as np
import pandas as pd

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.formats.source import (
    PathOrDescriptor,
    created,
    empty_file,
    open_text,
    too_many_columns,
    unreadable,
)
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table

LABELS = "Labels"


def read_svmlight(
    file: PathOrDescriptor, *, budget_bytes: int = 1 << 33, notices: Optional[List[str]] = None
) -> Table:
    """Read features as Double columns Col1, Col2, ... (0 where a line names none) and the column Labels.

    Labels carries the label role. Comments after ``#`` and ``qid:`` pairs are left out.

    Raises
    ------
    ProblemError
        D041 with the line that is not SvmLight, D042 empty, D005 too wide, D006 when the dense table would
        take more than ``budget_bytes``: few lines can ask for very much.
    """
    labels: List[float] = []
    rows: List[int] = []
    places: List[int] = []
    values: List[float] = []
    with open_text(file, notices) as stream:
        for number, line in enumerate(stream, 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                pairs = [_pair(word) for word in words[1:] if not word.startswith("qid:")]
                labels.append(float(words[0]))
            except ValueError as error:
                raise unreadable("SvmLight", f"line {number}: {error}") from error
            rows.extend([len(labels) - 1] * len(pairs))
            places.extend(place for place, _ in pairs)
            values.extend(value for _, value in pairs)
    if not labels:
        raise empty_file("SvmLight")
    return _dense(labels, rows, places, values, budget_bytes, notices)


def write_svmlight(table: Table, file: PathOrDescriptor) -> None:
    """Write numeric and Boolean columns; the label column becomes the first word of each line.

    Zeros are left out. Missing values are written as ``nan``.

    Raises
    ------
    ProblemError
        D045 (Studio error 0024) without a label column, D046 (0017) for a column that is no number.
    """
    label_name = check_svmlight(table)
    frame = frame_from_table(table).astype("f8")
    label, features = frame.pop(label_name).to_numpy(), frame.to_numpy()
    with created(file) as stream:
        for first, row in zip(label.tolist(), features):
            pairs = " ".join(f"{place + 1}:{row[place]!s}" for place in np.flatnonzero(row))
            stream.write(f"{_plain(first)} {pairs}".rstrip().encode() + b"\n")


def check_svmlight(table: Table) -> str:
    """The name of the label column of a table that can be written as SvmLight.

    Raises
    ------
    ProblemError
        D045 (Studio error 0024) without a label column, D046 (0017) for a column that is no number.
    """
    labels = [column.name for column in table if column.attributes.label_role]
    if len(labels) != 1:
        raise ProblemError(
            Problem("D045", "The table has no label column.", fix="Mark one with Edit Metadata.")
        )
    wrong = [column for column in table if not column.attributes.is_numeric and column.type != "Boolean"]
    if wrong:
        raise ProblemError(
            Problem("D046", f"Column '{c.name}' of type {c.type} is no number.", c.name, "Leave it out.")
            for c in wrong
        )
    return labels[0]


def _pair(word: str) -> Tuple[int, float]:
    index, _, value = word.partition(":")
    place = int(index)
    if place < 1:
        raise ValueError(f"feature index {place} is below 1")
    return place, float(value)


def _dense(
    labels: List[float],
    rows: List[int],
    places: List[int],
    values: List[float],
    budget_bytes: int,
    notices: Optional[List[str]],
) -> Table:
    width = max(places, default=0)
    if width >= MAX_COLUMNS:
        raise too_many_columns(width + 1, MAX_COLUMNS)
    needed = 8 * len(labels) * (width + 1)
    if needed > budget_bytes:
        raise ProblemError(
            Problem(
                "D006",
                f"The dense table would take {needed:,} bytes; {budget_bytes:,} are allowed.",
                fix="Give fewer lines or smaller feature indexes.",
            )
        )
    # one row a feature: each column lies together
    cells = np.zeros((width, len(labels)))
    cells[np.array(places, int) - 1, rows] = values
    columns = {f"Col{place}": cells[place - 1] for place in range(1, width + 1)}
    table = table_from_frame(pd.DataFrame({**columns, LABELS: np.array(labels)}, copy=False), notices=notices)
    return table.with_attributes({LABELS: table.column(LABELS).attributes.as_label()})


def _plain(number: float) -> str:
    return (
        str(int(number))
        if number == number and abs(number) < 2**53 and number == int(number)
        else repr(number)
    )
