"""From a table file to a DataFrame of old pandas (studio.md 1.5; docs/translation-rules.md)."""

from __future__ import absolute_import, division, print_function

import re

import numpy as np
import pandas as pd

from .pickles import StoredObject, load_cell
from .table_file import CODES, FIXED, MISSING_TIME, OFFSETS, Column, as_array
from .words import IS_2, cell_text, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_OFFSET = re.compile("([+-])([0-9][0-9]):([0-9][0-9])$")


def frame_from_columns(rows, columns, notice):
    # type: (int, list[Column], Any) -> Any
    """The columns as a DataFrame with index 0..n-1; nothing in it is the file's own memory."""
    index = pd.RangeIndex(rows)
    names = [cell_text(column.name.encode("utf-8")) for column in columns]
    series = [pd.Series(values_of(column, notice), index=index) for column in columns]
    # by position first: a dict would sort the names, and old pandas has no other way
    frame = pd.DataFrame(dict(enumerate(series)), index=index, columns=range(len(names)))
    frame.columns = names if names else pd.Index([], dtype=object)
    return frame


def values_of(column, notice):
    # type: (Column, Any) -> Any
    """The cells of one column as pandas holds them."""
    kind = column.kind
    if kind in ("Integer", "Double"):
        return as_array(column.buffers[0], FIXED[kind]).copy()
    if kind == "Boolean":
        flags = as_array(column.buffers[0], FIXED[kind])
        if not flags.size or flags.min() >= 0:
            return flags.astype(bool)
        return np.array([False, True, np.nan], object)[flags]  # -1 takes the last
    if kind == "String":
        return _objects([None if cell is None else cell_text(cell) for cell in cells_of(column)])
    if kind in ("DateTime", "TimeSpan"):
        return _ticks(column, notice)
    if kind == "Categorical":
        return _categorical(column, notice)
    return _stored_objects(column, notice)


def cells_of(column):
    # type: (Column) -> list[bytes | None]
    """The bytes of each cell of a String or Object column, None where it is missing."""
    bounds = as_array(column.buffers[0], OFFSETS).tolist()
    data = column.buffers[1].tobytes()
    cells = [data[start:stop] for start, stop in zip(bounds, bounds[1:])]
    if len(column.buffers) < 3:
        return cells
    present = as_array(column.buffers[2], "i1").tolist()
    return [cell if there else None for cell, there in zip(cells, present)]


def _ticks(column, notice):
    # type: (Column, Any) -> Any
    letter = "M8" if column.kind == "DateTime" else "m8"
    unit = str(column.attributes["unit"])
    ticks = as_array(column.buffers[0], "<i8")
    if not _fits_nanoseconds(ticks, unit):  # old pandas knows nothing but nanoseconds
        return _objects(list(ticks.view("%s[%s]" % (letter, unit)).astype(object)))
    values = _as_nanoseconds(ticks, unit).view(letter + "[ns]")
    zone = column.attributes.get("time_zone")
    return values if zone is None else _zoned(values, zone, column, notice)


def _zoned(values, zone, column, notice):
    # type: (Any, Any, Column, Any) -> Any
    import pytz  # type: ignore[import-untyped,unused-ignore]

    offset = _OFFSET.match(zone)
    try:
        if offset:
            minutes = int(offset.group(2)) * 60 + int(offset.group(3))
            place = pytz.FixedOffset(-minutes if offset.group(1) == "-" else minutes)
        else:
            place = pytz.timezone(str(zone))
    except (KeyError, ValueError, IOError):
        notice(
            u"This environment has no time zone '%s'; column '%s' holds the same instants in UTC."
            % (zone, column.name)
        )
        place = pytz.utc
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(place)


def are_same_ticks(column, stored):
    # type: (Column, Column) -> bool
    """Whether times in nanoseconds are those of a stored column in another unit."""
    kinds = ("DateTime", "TimeSpan")
    if column.kind not in kinds or (column.kind, column.rows) != (stored.kind, stored.rows):
        return False
    unit = str(stored.attributes["unit"])
    ticks = as_array(stored.buffers[0], "<i8")
    if unit == "ns" or column.attributes.get("time_zone") != stored.attributes.get("time_zone"):
        return False
    return _fits_nanoseconds(ticks, unit) and np.array_equal(column.buffers[0], _as_nanoseconds(ticks, unit))


def _as_nanoseconds(ticks, unit):
    # type: (Any, str) -> Any
    return np.where(ticks == MISSING_TIME, MISSING_TIME, ticks * _NANOSECONDS[unit])


def _fits_nanoseconds(ticks, unit):
    # type: (Any, str) -> bool
    present = ticks[ticks != MISSING_TIME]
    limit = (2**63 - 1) // _NANOSECONDS[unit]
    return not present.size or bool(present.min() >= -limit and present.max() <= limit)


def _categorical(column, notice):
    # type: (Column, Any) -> Any
    nested = column.categories
    values = values_of(nested, notice)
    if nested.kind in ("Object", "String"):
        categories = pd.Index(values, dtype=object, tupleize_cols=False)
    else:
        categories = pd.Index(values)
    codes = as_array(column.buffers[0], CODES).copy()
    return pd.Categorical.from_codes(codes, categories, ordered=bool(column.attributes.get("ordered")))


def _stored_objects(column, notice):
    # type: (Column, Any) -> Any
    cells = cells_of(column)
    if column.attributes.get("encoding") == "bytes":
        return _objects(cells)
    loaded = [None if cell is None else load_cell(cell) for cell in cells]
    if any(isinstance(value, StoredObject) for value in loaded):
        old = u"Python 2.7" if IS_2 else u"this Python"
        notice(
            u"Column '%s' holds objects that %s cannot open; they are passed on as they are."
            % (safe_text(column.name), old)
        )
    return _objects(loaded)


def _objects(values):
    # type: (list[Any]) -> Any
    array = np.empty(len(values), object)
    array[:] = values
    return array
