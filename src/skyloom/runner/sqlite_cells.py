"""Cells to SQLite and back.

| column | stored as | comes back, when selected as it is |
|---|---|---|
| Integer, Boolean | INTEGER | Integer, Boolean |
| Double | REAL, missing as NULL | Double |
| String, Categorical of text | TEXT | String |
| DateTime | TEXT ``YYYY-MM-DD HH:MM:SS[.ffffff]`` in UTC, as SQLite's date functions read it | DateTime |
| TimeSpan | REAL seconds | Double |
| bytes | BLOB | Object (bytes) |

An expression's value has the type that SQLite gives it. Source: studio.md 2.4; the rest is ours.
"""

from __future__ import annotations

import sqlite3
from typing import Any, List, Sequence

import numpy
import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import safe_text

# SQLite takes the affinity from the whole text and Python picks its converter by the first word
DECLARATIONS = {
    "Integer": "INTEGER",
    "Double": "REAL",
    "String": "TEXT",
    "Boolean": "SKYLOOM_BOOLEAN INTEGER",
    "DateTime": "SKYLOOM_DATETIME TEXT",
    "TimeSpan": "REAL",
}
_STORABLE = {int, float, str, bytes, bool, type(None)}


class _Moment(str):
    """Text read from a DateTime column."""


def register_converters() -> None:
    """Teach sqlite3 to mark what comes straight from a Boolean or DateTime column."""
    sqlite3.register_converter("SKYLOOM_BOOLEAN", lambda cell: cell != b"0")
    sqlite3.register_converter("SKYLOOM_DATETIME", lambda cell: _Moment(cell.decode("utf-8", "replace")))


def cells_of(series: Any) -> List[Any]:
    """A column's cells as Python values that sqlite3 can bind; missing ones are None.

    Raises
    ------
    ProblemError
        S006 for cells that SQL has no type for.
    """
    dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, pandas.CategoricalDtype):
        categories = [*cells_of(series.cat.categories.to_series()), None]  # code -1 is the last: None
        return [categories[code] for code in series.cat.codes.tolist()]
    if kind in "iub" and isinstance(dtype, numpy.dtype):
        cells: List[Any] = series.to_numpy().tolist()
        return cells
    if kind == "f" and isinstance(dtype, numpy.dtype):
        return _without_missing(series.to_numpy().tolist(), series)
    if kind == "M":
        return _moments(series)
    if kind == "m":
        return _without_missing(series.dt.total_seconds().tolist(), series)
    return _objects(series)


def frame_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pandas.DataFrame:
    """Result rows as a frame; equal names are left for the data room to tell apart."""
    columns = zip(*rows) if rows else ([] for _ in names)
    frame = pandas.DataFrame({place: _column(cells) for place, cells in enumerate(columns)})
    frame.columns = pandas.Index(list(names), dtype=object)
    return frame


def _column(cells: Any) -> Any:
    column = list(cells)
    if any(type(cell) is _Moment for cell in column):
        return _read_moments(column)
    return pandas.Series(column, dtype=None if column else object)


def _read_moments(column: List[Any]) -> Any:
    """Cells that `_moments` wrote, as times again."""
    # one form for all: without fractions where none has any
    texts = numpy.array(["NaT" if cell is None else str(cell).replace(" ", "T") for cell in column])
    return pandas.Series(texts.astype(f"datetime64[{'us' if any('.' in text for text in texts) else 's'}]"))


def _objects(series: Any) -> List[Any]:
    cells: List[Any] = _without_missing(series.astype(object).tolist(), series)
    kinds = set(map(type, cells))
    if kinds <= _STORABLE:
        return cells
    cells = [cell.item() if isinstance(cell, numpy.generic) else cell for cell in cells]
    strange = set(map(type, cells)) - _STORABLE
    if strange:
        names = ", ".join(sorted(safe_text(kind.__name__) for kind in strange))
        what = f"Column {safe_text(series.name)!r} holds cells of type {names}; SQL has no such type."
        fix = "Leave the column out, or turn it into text or numbers before this node."
        raise ProblemError(Problem("S006", what, safe_text(series.name), fix))
    return cells


def _without_missing(cells: List[Any], series: Any) -> List[Any]:
    for place in numpy.flatnonzero(series.isna().to_numpy()).tolist():
        cells[place] = None
    return cells


def _moments(series: Any) -> List[Any]:
    """Date and time as SQLite writes it, with fractions only where the column has some."""
    if series.dt.tz is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    values = series.to_numpy()
    whole = values.astype("datetime64[s]")
    is_whole = bool(((values == whole) | numpy.isnat(values)).all())
    texts = numpy.datetime_as_string(whole if is_whole else values.astype("datetime64[us]"))
    return _without_missing(numpy.char.replace(texts, "T", " ").tolist(), series)
