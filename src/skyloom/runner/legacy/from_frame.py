"""From a DataFrame of old pandas to columns of a table file (studio.md 1.5 and 1.6)."""

from __future__ import absolute_import, division, print_function

import os

import numpy as np
import pandas as pd

from .pickles import dump_object, pickled_anew
from .table_file import CODES, FIXED, MISSING_BOOLEAN, OFFSETS, Column
from .to_frame import are_same_ticks, cells_of
from .words import BYTES, INTEGERS, IS_2, TEXT, Fault, clean_text, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

MAX_COLUMNS = 100000
MAX_NAME_LENGTH = 9900
_INT64_MAX = 2**63 - 1
_INT64_MIN = -(2**63)
_TEXTS = {TEXT, BYTES} if IS_2 else {TEXT}
_NUMBERS = {bool, float} | set(INTEGERS)


def columns_from_frame(frame, stored, budget_bytes, notice):
    # type: (Any, list[Column], Any, Any) -> list[Column]
    """The frame's columns: names made text and distinct, each given a type; the index is dropped.

    A column that is byte for byte a column of ``stored`` (the inputs) is only referred to.
    """
    _refuse_by_shape(frame, stored, budget_bytes)
    names = unique_names([_text_name(label, place) for place, label in enumerate(frame.columns)])
    known = {}  # type: dict[Any, list[Column]]
    for column in stored:
        known.setdefault(column.name, []).append(column)
    columns = []
    for place, name in enumerate(names):
        series = frame.iloc[:, place]
        column = column_from_series(series, name, notice)
        same = [other for other in known.get(name, []) if _is_handed_through(column, series, other)]
        columns.append(same[0] if same else column)
    return columns


def unique_names(names):
    # type: (list[str]) -> list[str]
    """Distinct names: each repetition gets the lowest free number from 2 on (studio.md 1.6).

    >>> [str(name) for name in unique_names(["a", "a", "a(2)", "a(2)"])]
    ['a', 'a(3)', 'a(2)', 'a(2)(2)']
    """
    taken = set(names)
    seen = set()  # type: set[str]
    result = []
    for name in names:
        if name in seen:
            number = 2
            while u"%s(%d)" % (name, number) in taken:
                number += 1
            name = u"%s(%d)" % (name, number)
            taken.add(name)
        seen.add(name)
        result.append(name)
    return result


def column_from_series(series, name, notice):
    # type: (Any, str, Any) -> Column
    """One column; the first rule that fits its dtype decides (studio.md 1.5)."""
    dtype = series.dtype
    word = str(dtype)
    if word == "category":
        return _from_categories(series, name, notice)
    if word.startswith("Sparse") or "Sparse" in type(series).__name__:
        series = pd.Series(np.asarray(series.to_dense()))
        dtype = series.dtype
    kind = dtype.kind
    if kind == "M":
        return _from_times(series, name, notice)
    if kind == "m":
        ticks = series.values.astype("m8[ns]").view("i8")
        return _fixed("TimeSpan", ticks, name, {"unit": "ns"})
    if not isinstance(dtype, np.dtype) and kind in "iu":
        return _from_nullable(series, name, notice)
    if kind == "b":
        return _fixed("Boolean", series.values.astype("i1"), name)
    if kind in "iu":
        return _from_integers(series.values, name, notice)
    if kind == "f":
        return _fixed("Double", series.values, name)
    return _from_objects(_object_array(series), name, notice)


def _is_handed_through(column, series, stored):
    # type: (Column, Any, Column) -> bool
    """Whether a column is the stored one, also where old pandas or Python 2 cannot tell two types apart."""
    if column.is_stored_as(stored) or are_same_ticks(column, stored):
        return True
    if not len(series) and not stored.rows:  # text or objects without a row
        return series.dtype == object and stored.kind in ("String", "Object")
    is_bytes = stored.attributes.get("encoding") == "bytes"
    if IS_2 and is_bytes and column.kind == "String":  # ASCII is text as well as bytes
        return column.is_stored_as(stored.labelled("String"))
    return _are_same_objects(column, stored)


def _are_same_objects(column, stored):
    # type: (Column, Column) -> bool
    """Whether pickled cells are those of a stored column, which another Python may have pickled otherwise."""
    if any(one.attributes.get("encoding") != "pickle" for one in (column, stored)):
        return False
    if column.rows != stored.rows:
        return False
    pairs = zip(cells_of(column), cells_of(stored))
    return all(mine == given or (mine and given and mine == pickled_anew(given)) for mine, given in pairs)


def _refuse_by_shape(frame, stored, budget_bytes):
    # type: (Any, list[Column], Any) -> None
    rows, columns = frame.shape
    if columns > MAX_COLUMNS:
        what = u"The frame has %d columns; a table holds at most %d." % (columns, MAX_COLUMNS)
        raise Fault("D005", what, u"", u"Keep fewer columns, or turn the frame so that they are rows.")
    if budget_bytes is None:
        budget_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    budget_bytes += sum(buffer.nbytes for column in stored for buffer in column.flat_buffers)
    needed = rows * sum(_least_width(str(dtype)) for dtype in frame.dtypes)
    if needed > budget_bytes:
        what = u"The frame of %d rows and %d columns needs at least %d bytes; %d are allowed." % (
            rows,
            columns,
            needed,
            budget_bytes,
        )
        raise Fault("D006", what, u"", u"Return fewer rows or columns.")


def _least_width(dtype):
    # type: (str) -> int
    """Bytes that a cell of the dtype takes at least."""
    return {"bool": 1, "category": 4}.get(dtype, 8)


def _text_name(label, place):
    # type: (Any, int) -> str
    if isinstance(label, (TEXT, BYTES)) and not (isinstance(label, BYTES) and not IS_2):
        return safe_text(label)[:MAX_NAME_LENGTH]
    try:
        return safe_text(str(label))[:MAX_NAME_LENGTH]
    except Exception as error:
        what = u"The name of column %d is no text: %s." % (place + 1, safe_text(error))
        fix = u"Give the frame's columns names that are text."
        raise Fault("D004", what, u"column %d" % (place + 1), fix)


def _from_integers(values, name, notice):
    # type: (Any, str, Any) -> Column
    if values.dtype.kind == "u" and values.size and values.max() > _INT64_MAX:
        notice(u"Column '%s' holds whole numbers above %d; it is now Double." % (name, _INT64_MAX))
        return _fixed("Double", values, name)
    return _fixed("Integer", values, name)


def _from_nullable(series, name, notice):
    # type: (Any, str, Any) -> Column
    """Int64 and its like, which pandas has from 0.24 on."""
    missing = np.asarray(pd.isnull(series), dtype=bool)
    values = _object_array(series)
    if not missing.any():
        return _from_integers(np.array(values.tolist()), name, notice)
    numbers = np.array([np.nan if gone else value for value, gone in zip(values, missing)], "f8")
    if np.nanmax(np.abs(np.append(numbers, 0.0))) > 2**53:
        notice(u"Column '%s' has missing values and is now Double; large numbers are rounded." % name)
    return _fixed("Double", numbers, name)


def _from_times(series, name, notice):
    # type: (Any, str, Any) -> Column
    attributes = {"unit": "ns"}
    zone = getattr(series.dtype, "tz", None)
    if zone is not None:
        attributes["time_zone"] = _zone_name(zone, name, notice)
    return _fixed("DateTime", series.values.astype("M8[ns]").view("i8"), name, attributes)


def _from_categories(series, name, notice):
    # type: (Any, str, Any) -> Column
    values = series.cat
    nested = _categories(values.categories, name, notice)
    codes = np.ascontiguousarray(values.codes, CODES)
    attributes = {"ordered": bool(values.ordered)}
    return Column(name, "Categorical", len(codes), [codes], attributes, nested)


def _categories(index, name, notice):
    # type: (Any, str, Any) -> Column
    """The categories as a nested column: of a plain type, else objects."""
    series = pd.Series(index)
    if series.dtype != object:
        return column_from_series(series, u"", notice)
    values = _object_array(series)
    kinds = _kinds(values)
    if len(values) and kinds <= _TEXTS:
        cells = _text_cells(values, np.zeros(len(values), bool))
        if cells is not None and len(set(cells)) == len(cells):
            return _cells("String", u"", cells, np.zeros(len(values), bool), {})
    if len(values) and kinds == {bool}:
        return column_from_series(series, u"", notice)
    return _objects(values, np.zeros(len(values), bool), name)


def _from_objects(values, name, notice):
    # type: (Any, str, Any) -> Column
    """An object column, ranked by the Python types of what it holds (studio.md 1.5)."""
    if not len(values):
        return _objects(values, np.zeros(0, bool), name)
    missing = np.asarray(pd.isnull(values), dtype=bool)
    if missing.all():
        return _all_missing(values, name)
    values = _without_own_types(values, missing, name, notice)
    present = values[~missing]
    kinds = _kinds(present)
    if kinds == {bool}:
        flags = [MISSING_BOOLEAN if gone else int(value) for value, gone in zip(values, missing)]
        return _fixed("Boolean", np.array(flags, "i1"), name)
    if kinds <= _NUMBERS:
        if any(not _INT64_MIN <= value <= _INT64_MAX for value in present if type(value) in INTEGERS):
            return _objects(values, missing, name)
        if float not in kinds and not missing.any():
            return _fixed("Integer", values.astype("i8"), name)
        return _fixed("Double", np.where(missing, np.nan, values).astype("f8"), name)
    if kinds <= _NUMBERS | _TEXTS:
        cells = _text_cells(values, missing)
        if cells is not None:
            return _cells("String", name, cells, missing, {})
        if kinds <= _TEXTS:
            return _bytes_of_2(values, missing, name, notice)
    return _objects(values, missing, name)


def _without_own_types(values, missing, name, notice):
    # type: (Any, Any, str, Any) -> Any
    """Stamps and spans as Python's own, periods as text: pickles of old pandas are read by no other."""
    own = [place for place, kind in enumerate(map(type, values)) if kind.__module__.startswith("pandas")]
    own = [place for place in own if not missing[place]]
    if not own:
        return values
    values = values.copy()
    for place in own:
        value = values[place]
        if isinstance(value, pd.Timestamp):
            values[place] = value.to_pydatetime(warn=False)
        elif isinstance(value, pd.Timedelta):
            values[place] = value.to_pytimedelta()
        elif isinstance(value, pd.Period):
            values[place] = safe_text(value)
            notice(u"Column '%s' holds periods, which are kept as text." % name)
    return values


def _text_cells(values, missing):
    # type: (Any, Any) -> list[bytes] | None
    """UTF-8 of every cell; None when a ``str`` of Python 2 is no UTF-8."""
    cells = []
    for value, gone in zip(values, missing):
        if gone:
            cells.append(b"")
        elif isinstance(value, TEXT):
            cells.append(clean_text(value).encode("utf-8"))
        elif isinstance(value, BYTES):
            try:
                cells.append(clean_text(value.decode("utf-8")).encode("utf-8"))
            except UnicodeDecodeError:
                return None
        else:
            cells.append((repr(value) if type(value) is float else str(value)).encode("ascii"))
    return cells


def _bytes_of_2(values, missing, name, notice):
    # type: (Any, Any, str, Any) -> Column
    """``str`` of Python 2 that is no text, such as a pickle: the bytes themselves."""
    cells = []
    for value, gone in zip(values, missing):
        cells.append(b"" if gone else value.encode("utf-8") if isinstance(value, TEXT) else value)
    if TEXT in _kinds(values[~missing]):
        notice(u"Column '%s' mixes text with bytes that are no text; all of it is now bytes." % name)
    return _cells("Object", name, cells, missing, {"encoding": "bytes"})


def _all_missing(values, name):
    # type: (Any, str) -> Column
    if any(value is pd.NaT for value in values):
        return _fixed("DateTime", np.full(len(values), -(2**63), "i8"), name, {"unit": "ns"})
    if any(value is None for value in values):
        return _cells("String", name, [b""] * len(values), np.ones(len(values), bool), {})
    return _fixed("Double", np.full(len(values), np.nan), name)


def _objects(values, missing, name):
    # type: (Any, Any, str) -> Column
    if len(values) and _kinds(values[~missing]) <= {BYTES}:
        encoding, cells = "bytes", [b"" if gone else value for value, gone in zip(values, missing)]
    else:
        where = u"column '%s'" % name
        encoding = "pickle"
        cells = [b"" if gone else dump_object(value, where) for value, gone in zip(values, missing)]
    return _cells("Object", name, cells, missing, {"encoding": encoding})


def _cells(kind, name, cells, missing, attributes):
    # type: (str, str, list[bytes], Any, dict[str, Any]) -> Column
    offsets = np.zeros(len(cells) + 1, OFFSETS)
    np.cumsum([len(cell) for cell in cells], out=offsets[1:])
    joined = b"".join(cells)
    data = np.frombuffer(joined, "u1") if joined else np.empty(0, "u1")
    buffers = [offsets, data] + ([(~missing).astype("i1")] if missing.any() else [])
    return Column(name, kind, len(cells), buffers, attributes)


def _fixed(kind, values, name, attributes=None):
    # type: (str, Any, str, Any) -> Column
    array = np.ascontiguousarray(values, FIXED[kind])
    return Column(name, kind, len(array), [array], attributes)


def _object_array(series):
    # type: (Any) -> Any
    """The cells as Python objects: stamps, spans, periods and the like as pandas hands them out."""
    if series.dtype == object:
        return series.values
    array = np.empty(len(series), object)
    array[:] = list(series)
    return array


def _kinds(values):
    # type: (Any) -> set[type]
    """The exact types that occur; ``numpy.float64`` is not ``float`` here, as in Designer."""
    return {type(value) for value in values}


def _zone_name(zone, name, notice):
    # type: (Any, str, Any) -> str
    """A name that any environment knows again: of the IANA database, or an offset such as "+01:00"."""
    known = getattr(zone, "zone", None)
    if known is not None:
        return safe_text(known)
    path = safe_text(getattr(zone, "_filename", u""))  # dateutil
    if u"zoneinfo/" in path:
        return path.rsplit(u"zoneinfo/", 1)[1]
    if safe_text(zone) in (u"UTC", u"tzutc()"):
        return u"UTC"
    offset = zone.utcoffset(None)
    if offset is None:
        notice(u"The time zone of column '%s' has no name that can be stored; it is now UTC." % name)
        return u"UTC"
    minutes = int(offset.total_seconds()) // 60
    sign = u"-" if minutes < 0 else u"+"
    return u"%s%02d:%02d" % (sign, abs(minutes) // 60, abs(minutes) % 60) if minutes else u"UTC"

