"""A file as a table whose column types are known beforehand: a batch input of a web service.

What a file alone cannot tell is taken from the service: "007" is text where the service has text, and a
column of whole numbers is Double where it has Double. Cells are read as those of a request are (services.md
1.3, docs/scoring.md).
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np
import pandas as pd

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.formats.csv import read_csv
from skyloom.data.formats.detect import read_table
from skyloom.data.formats.endings import format_of
from skyloom.data.formats.source import PathOrDescriptor
from skyloom.data.from_frame import column_from_series
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column

_SEPARATORS = {"GenericCSV": ",", "GenericTSV": "\t"}
_TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_LARGEST_EXACT = 2.0**53
_SHOWN = 60  # characters of a cell that a message shows


def read_typed(
    file: PathOrDescriptor, name: str, columns: Sequence[Any], notices: Optional[List[str]] = None
) -> Table:
    """Read a file; columns that ``columns`` names get its types, all others what the file tells.

    Parameters
    ----------
    columns
        ``[name, type, categories as text]`` each.

    Raises
    ------
    ProblemError
        W304 for the first cell of every column that does not read; what the format's reader raises.
    """
    wanted = {str(item[0]): (str(item[1]), list(item[2])) for item in columns}
    separator = _SEPARATORS.get(format_of(name))
    if separator is None:
        table = read_table(file, name=name, notices=notices)
    else:
        table = read_csv(file, separator=separator, notices=notices, as_text=wanted.keys())
    problems: List[Problem] = []
    made: List[Column] = []
    for column in table.columns:
        kind, categories = wanted.get(column.name, (column.type, []))
        is_as_wanted = column.type == kind and (kind != "Categorical" or not categories)
        if kind not in _READERS or is_as_wanted:
            made.append(column)
            continue
        texts = [_text(value) for value in series_from_column(column).tolist()]
        try:
            series = _categorical(texts, categories) if kind == "Categorical" else _READERS[kind](texts)
        except _CellError as error:
            problems.append(_problem(column.name, kind, error))
            continue
        made.append(column_from_series(series, column.name))
    if problems:
        raise ProblemError(problems)
    return Table(table.rows, tuple(made))


class _CellError(ValueError):
    """A cell that does not read; ``place`` is its row, from 0."""

    def __init__(self, place: int, cell: str) -> None:
        super().__init__(place, cell)
        self.place, self.cell = place, cell


Texts = List[Optional[str]]


def _text(value: Any) -> Optional[str]:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value) or value is pd.NA:
        return None
    return value if isinstance(value, str) else str(value)


def _each(texts: Texts, read: Callable[[str], Any], missing: Any = None) -> List[Any]:
    values = []
    for place, text in enumerate(texts):
        try:
            values.append(missing if text is None else read(text.strip()))
        except (ValueError, KeyError, OverflowError) as error:
            raise _CellError(place, text or "") from error
    return values


def _number(text: str) -> float:
    if "_" in text:
        raise ValueError(text)
    return float(text)


def _doubles(texts: Texts) -> Any:
    return pd.Series(np.array(_each(texts, _number, float("nan")), np.float64))


def _whole(text: str) -> int:
    number = _number(text)
    try:
        return int(text)
    except ValueError:
        if number != int(number) or abs(number) > _LARGEST_EXACT:
            raise
        return int(number)


def _integers(texts: Texts) -> Any:
    """A column with missing cells is Double, as pandas has it."""
    values = _each(texts, _whole)
    if any(value is None for value in values):
        return pd.Series(np.array([np.nan if one is None else one for one in values], np.float64))
    return pd.Series(np.array(values, np.int64)) if values else pd.Series([], dtype="int64")


def _truths(texts: Texts) -> Any:
    values = _each(texts, lambda text: _TRUTHS[text.lower()])
    return pd.Series(values, dtype=object if None in values else bool)


def _texts(texts: Texts) -> Any:
    return pd.Series(texts, dtype=object)


def _moments(texts: Texts) -> Any:
    return pd.Series(pd.to_datetime(pd.Series(_each(texts, pd.Timestamp, pd.NaT))))


def _spans(texts: Texts) -> Any:
    """Pandas' own spelling, and .NET's ``[-][d.]hh:mm:ss[.f]``."""

    def read(text: str) -> Any:
        days, point, rest = text.partition(".")
        is_net = point and ":" in rest and days.lstrip("-").isdecimal()
        if not is_net:
            return pd.Timedelta(text)
        span = pd.Timedelta(days=int(days.lstrip("-"))) + pd.Timedelta(rest)
        return -span if days.startswith("-") else span

    return pd.Series(pd.to_timedelta(pd.Series(_each(texts, read, pd.NaT))))


def _categorical(texts: Texts, categories: List[str]) -> Any:
    """Categories of numbers stay numbers; a value that is not among them becomes a further one."""
    known: List[Any] = list(categories)
    values: List[Any] = list(texts)
    numbers = [_as_number(text) for text in categories]
    if numbers and None not in numbers:
        found = [None if text is None else _as_number(text) for text in texts]
        if all(number is not None or text is None for number, text in zip(found, texts)):
            known, values = numbers, found
    seen = set(known)
    known += [value for value in dict.fromkeys(values) if value is not None and value not in seen]
    return pd.Series(pd.Categorical(values, known))


def _as_number(text: str) -> Any:
    for read in (_whole, _number):
        try:
            return read(text.strip())
        except (ValueError, OverflowError):
            continue
    return None


def _problem(name: str, kind: str, error: _CellError) -> Problem:
    what = f"Row {error.place + 1} of column '{name}' does not read as {kind}: {error.cell[:_SHOWN]!r}."
    return Problem("W304", what, name, "Correct the file, or take the column out of it.")


_READERS: Dict[str, Callable[[Texts], Any]] = {
    "Double": _doubles,
    "Integer": _integers,
    "Boolean": _truths,
    "String": _texts,
    "DateTime": _moments,
    "TimeSpan": _spans,
    "Categorical": _texts,
}
