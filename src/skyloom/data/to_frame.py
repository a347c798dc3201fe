"""From a table to a DataFrame (studio.md 1.5): no copy where pandas can hold the bytes as they lie."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional

import numpy as np
import pandas as pd

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.buffer_checks import as_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import CODES, FIXED, MISSING_TIME, OFFSETS
from skyloom.data.object_cells import PickledObject
from skyloom.data.objects import load_object
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import Cells, arrow_from_cells, bytes_from_cells, objects_from_cells

_ArrowStringArray: Any = pd.arrays.ArrowStringArray  # its stubs know neither dtype= nor _simple_new
_DatetimeArray: Any = pd.arrays.DatetimeArray
_DatetimeTZDtype: Any = pd.DatetimeTZDtype

_MODERN_STRINGS = pd.Series([""]).dtype != object  # pandas 3: the dtype ``str``
_MODERN_TIMES = int(pd.__version__.split(".")[0]) >= 2  # units other than nanoseconds
_ARROW_STRINGS = _MODERN_STRINGS and getattr(pd.Series([""]).dtype, "storage", "") == "pyarrow"
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")

# beyond this pandas warns of a fragmented frame as soon as a script adds a column
_MAX_SEPARATE_COLUMNS = 80
_CONSOLIDATED_BYTES = 1 << 26


def frame_from_table(table: Table, *, load_objects: bool = False, notices: Optional[List[str]] = None) -> Any:
    """The table as a DataFrame with index 0..n-1.

    Numbers, times, truth values and (pandas 3) text keep the table's own memory, privately writable: what a
    script writes in place is seen by this process only. Wide small tables are copied together instead.

    Parameters
    ----------
    table
        docs/translation-rules.md says what becomes of each type.
    load_objects
        True in a sandbox only: loads pickled cells. Elsewhere they are ``PickledObject``.
    notices
        Receives a line for everything that could not be kept as it was.

    Raises
    ------
    ProblemError
        D032 when a pickled cell cannot be loaded here, D026 when categories repeat.
    """
    load = _load_cell if load_objects else _keep_cell
    cells: Dict[str, Any] = {column.name: _values(_lent(column), load, notices) for column in table.columns}
    index = pd.RangeIndex(table.rows)
    if not cells:
        return pd.DataFrame(index=index)
    together = len(cells) > _MAX_SEPARATE_COLUMNS and table.size_bytes <= _CONSOLIDATED_BYTES
    return pd.DataFrame(cells, index=index, copy=together)


def series_from_column(column: Column, *, load_objects: bool = False) -> Any:
    """One column as a Series with index 0..n-1."""
    values = _values(column, _load_cell if load_objects else _keep_cell, None)
    return pd.Series(values, index=pd.RangeIndex(column.rows), name=column.name, copy=False)


def _lent(column: Column) -> Column:
    """The column over memory that is given back when the frame no longer uses it."""
    if column.origin is None:
        return column
    return replace(column, buffers=tuple(map(column.origin.mapped.lend, column.buffers)))


_LoadCell = Callable[[bytes, str], Any]


def _load_cell(content: bytes, where: str) -> Any:
    return load_object(content, where)


def _keep_cell(content: bytes, where: str) -> Any:
    return PickledObject(content)


def _values(column: Column, load: _LoadCell, notices: Optional[List[str]]) -> Any:
    kind = column.type
    if kind in ("Integer", "Double"):
        return as_array(column.buffers[0], FIXED[kind])
    if kind == "Boolean":
        return _booleans(column)
    if kind == "String":
        return _strings(column)
    if kind == "DateTime":
        return _times(as_array(column.buffers[0], FIXED[kind]), column.attributes, notices)
    if kind == "TimeSpan":
        return _spans(as_array(column.buffers[0], FIXED[kind]), column.attributes.unit)
    if kind == "Categorical":
        return _categorical(column, load)
    return _plain(_objects(column, load))


def _cells(column: Column) -> Cells:
    validity = as_array(column.buffers[2], "i1") if len(column.buffers) == 3 else None
    return Cells(as_array(column.buffers[0], OFFSETS), as_array(column.buffers[1], "u1"), validity)


def _booleans(column: Column) -> Any:
    """``bool``, or objects True, False and NaN when some are missing."""
    flags = as_array(column.buffers[0], FIXED["Boolean"])
    if not flags.size or flags.min() >= 0:
        return flags.view(bool)
    values = np.array([False, True, np.nan], object)[flags]  # -1 takes the last
    return _plain(_handed_out(column, values))


def _strings(column: Column) -> Any:
    """``str`` in pandas 3, missing as NaN; objects before, missing as None."""
    cells = _cells(column)
    if _ARROW_STRINGS:
        return _ArrowStringArray(arrow_from_cells(cells), dtype=pd.Series([""]).dtype)
    values = objects_from_cells(cells)
    return pd.array(values, dtype="str") if _MODERN_STRINGS else _plain(_handed_out(column, values))


def _times(ticks: Any, attributes: ColumnAttributes, notices: Optional[List[str]]) -> Any:
    unit = attributes.unit
    if not _MODERN_TIMES and unit != "ns":
        if not _fits_nanoseconds(ticks, unit):
            return _plain(ticks.view(f"M8[{unit}]").astype(object))
        ticks, unit = _as_nanoseconds(ticks, unit), "ns"
    values = ticks.view(f"M8[{unit}]")
    return values if attributes.time_zone is None else _zoned(values, unit, attributes, notices)


def _spans(ticks: Any, unit: Optional[str]) -> Any:
    if not _MODERN_TIMES and unit != "ns":
        if not _fits_nanoseconds(ticks, unit):
            return _plain(ticks.view(f"m8[{unit}]").astype(object))
        ticks, unit = _as_nanoseconds(ticks, unit), "ns"
    return ticks.view(f"m8[{unit}]")


def _zoned(
    values: Any, unit: Optional[str], attributes: ColumnAttributes, notices: Optional[List[str]]
) -> Any:
    try:
        dtype = _DatetimeTZDtype(unit, _zone(attributes.time_zone or ""))
    except (ValueError, TypeError, LookupError, OSError):
        if notices is not None:
            notices.append(
                f"This environment has no time zone '{attributes.time_zone}'; "
                f"column '{attributes.name}' holds the same instants in UTC."
            )
        dtype = _DatetimeTZDtype(unit, "UTC")
    try:
        # every public way copies: the cells would lose their origin
        return _DatetimeArray._simple_new(values, dtype=dtype)
    except (AttributeError, TypeError):
        return pd.Series(values).dt.tz_localize("UTC").dt.tz_convert(dtype.tz).array


def _zone(name: str) -> Any:
    offset = _OFFSET.fullmatch(name)
    if not offset:
        return name
    minutes = int(offset[2]) * 60 + int(offset[3])
    return datetime.timezone(datetime.timedelta(minutes=-minutes if offset[1] == "-" else minutes))


def _fits_nanoseconds(ticks: Any, unit: Optional[str]) -> bool:
    present = ticks[ticks != MISSING_TIME]
    limit = (2**63 - 1) // _NANOSECONDS[unit or "ns"]
    return not present.size or bool(present.min() >= -limit and present.max() <= limit)


def _as_nanoseconds(ticks: Any, unit: Optional[str]) -> Any:
    return np.where(ticks == MISSING_TIME, MISSING_TIME, ticks * _NANOSECONDS[unit or "ns"])


def _categorical(column: Column, load: _LoadCell) -> Any:
    nested = column.categories
    assert nested is not None  # a Categorical's layout has categories
    if nested.type == "Object":
        categories = _index_of_objects(list(_objects(nested, load)))
    else:
        categories = pd.Index(_values(nested, load, None))
    try:
        return pd.Categorical.from_codes(
            as_array(column.buffers[0], CODES), categories=categories, ordered=column.attributes.ordered
        )
    except ValueError as error:
        raise ProblemError(
            Problem("D026", f"Column '{column.name}' has unusable categories: {error}.", where=column.name)
        ) from error


def _index_of_objects(values: List[Any]) -> Any:
    try:
        return pd.Index(values, tupleize_cols=False)  # intervals and periods get their own index again
    except UnicodeError:  # pandas 3 takes text with lone surrogates for ``str`` and fails
        return pd.Index(values, dtype=object, tupleize_cols=False)


def _objects(column: Column, load: _LoadCell) -> Any:
    values = bytes_from_cells(_cells(column))
    if column.attributes.encoding == "bytes":
        return _handed_out(column, values)
    where = f"column '{column.name}'"
    loaded = np.empty(len(values), object)
    for place, content in enumerate(values):
        loaded[place] = None if content is None else load(content, where)
    return loaded


def _handed_out(column: Column, values: Any) -> Any:
    """The values, remembered so that the column is known again when a script gives it back."""
    if column.origin is not None:
        column.origin.mapped.handed_out[column.origin.offset] = values.copy()
    return values


def _plain(values: Any) -> Any:
    """The object array as a column of dtype object, whatever pandas would make of it."""
    return pd.Series(values, dtype=object, copy=False).array
