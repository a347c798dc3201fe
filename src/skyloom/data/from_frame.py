"""From a DataFrame to a table (studio.md 1.5 and 1.6). Never changes the frame."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterable, List, Optional, Sequence, Set, Tuple

import numpy as np
import pandas as pd

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.footer import MAX_CELLS, MAX_COLUMNS
from skyloom.data.layout import CODES, FIXED, MISSING_BOOLEAN
from skyloom.data.names import text_names, unique_names
from skyloom.data.object_arrays import identities
from skyloom.data.object_cells import PickledObject
from skyloom.data.objects import dump_object
from skyloom.data.recognition import KnownColumns
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import Cells, cells_from_arrow, cells_from_bytes, cells_from_objects

Notices = Optional[List[str]]

_INT64_MAX = np.iinfo(np.int64).max
_INT64_MIN = np.iinfo(np.int64).min


def table_from_frame(
    frame: Any,
    inputs: Sequence[Table] = (),
    *,
    budget_bytes: Optional[int] = None,
    notices: Notices = None,
) -> Table:
    """The frame as a table: index dropped, names made text and distinct, each column given a type.

    Parameters
    ----------
    frame
        Any DataFrame; ``docs/translation-rules.md`` says what becomes of each dtype.
    inputs
        Tables whose memory the frame may still hold. A column that is byte for byte an input's column keeps
        that origin and will be neither copied nor hashed; columns written in place are noticed.
    budget_bytes
        Refuse a frame that would take more than this, before anything is copied; None: this machine's memory.
    notices
        Receives a line for everything that was altered to fit.

    Raises
    ------
    ProblemError
        D005 too many columns (Studio error 0129), D006 too large, D004 a name without text (0155),
        D031 a cell that cannot be stored.
    """
    _refuse_by_shape(frame, inputs, budget_bytes)
    names = unique_names(text_names(frame.columns, notices))
    known = KnownColumns(inputs)
    columns = []
    for name, (_, series) in zip(names, pd.DataFrame.items(frame)):  # a subclass may leave some out
        same = known.handed_back(series, name)
        columns.append(same or known.recognise(column_from_series(series, name, notices)))
    return Table(len(frame), tuple(columns))


def column_from_series(series: Any, name: str, notices: Notices = None) -> Column:
    """One column; the first rule that fits its dtype decides (studio.md 1.5)."""
    dtype = series.dtype
    for suits, convert in _RULES:
        if suits(dtype):
            return convert(series, name, notices)
    # an extension type of some other package: look at the objects it holds
    return _from_objects(series.astype(object), name, notices)


def _refuse_by_shape(frame: Any, inputs: Sequence[Table], budget_bytes: Optional[int]) -> None:
    rows, columns = frame.shape
    if columns > MAX_COLUMNS:
        raise ProblemError(
            Problem(
                "D005",
                f"The frame has {columns:,} columns; a table holds at most {MAX_COLUMNS:,}.",
                fix="Keep fewer columns, or turn the frame so that they are rows.",
            )
        )
    if budget_bytes is None:
        budget_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    budget_bytes += sum(table.size_bytes for table in inputs)
    needed = rows * sum(_least_width(dtype) for dtype in frame.dtypes)
    if rows * columns > MAX_CELLS or needed > budget_bytes:
        raise ProblemError(
            Problem(
                "D006",
                f"The frame of {rows:,} rows and {columns:,} columns needs at least {needed:,} bytes; "
                f"{budget_bytes:,} are allowed.",
                fix="Return fewer rows or columns.",
            )
        )


def _least_width(dtype: Any) -> int:
    """Bytes that a cell of the dtype takes at least."""
    if isinstance(dtype, pd.CategoricalDtype):
        return 4
    return 1 if dtype.kind == "b" else 8


def _from_integers(series: Any, name: str, notices: Notices) -> Column:
    values = series.to_numpy()
    if values.dtype.kind == "u" and values.size and values.max() > _INT64_MAX:
        _say(notices, f"Column '{name}' holds whole numbers above {_INT64_MAX:,}; it is now Double.")
        return _fixed("Double", values, name)
    return _fixed("Integer", values, name)


def _from_floats(series: Any, name: str, notices: Notices) -> Column:
    return _fixed("Double", series.to_numpy(), name)


def _from_booleans(series: Any, name: str, notices: Notices) -> Column:
    return _fixed("Boolean", series.to_numpy().view("i1"), name)


def _from_masked(series: Any, name: str, notices: Notices) -> Column:
    """Nullable Int, UInt, Float and boolean of pandas, and the same kinds backed by pyarrow."""
    missing = series.isna().to_numpy(dtype=bool)
    kind = series.dtype.kind
    if kind == "b":
        flags = series.to_numpy(dtype=bool, na_value=False).astype("i1")
        flags[missing] = MISSING_BOOLEAN
        return _fixed("Boolean", flags, name)
    if kind == "f" or missing.any():
        values = series.to_numpy(dtype="f8", na_value=np.nan)
        if kind != "f" and np.nanmax(np.abs(values), initial=0) > 2**53:
            _say(notices, f"Column '{name}' has missing values and is now Double; large numbers are rounded.")
        return _fixed("Double", values, name)
    return _from_integers(pd.Series(series.to_numpy(dtype=kind + "8")), name, notices)


def _from_times(series: Any, name: str, notices: Notices) -> Column:
    values = series.array.asi8
    dtype = series.dtype
    zone = _zone_name(dtype.tz, name, notices) if isinstance(dtype, pd.DatetimeTZDtype) else None
    attributes = ColumnAttributes(name, "DateTime", unit=_unit(dtype), time_zone=zone)
    return _column(attributes, values, FIXED["DateTime"])


def _from_spans(series: Any, name: str, notices: Notices) -> Column:
    attributes = ColumnAttributes(name, "TimeSpan", unit=_unit(series.dtype))
    return _column(attributes, series.array.asi8, FIXED["TimeSpan"])


def _from_strings(series: Any, name: str, notices: Notices) -> Column:
    """``str`` and ``string`` of pandas, whatever holds them."""
    if getattr(series.dtype, "storage", "pyarrow") != "python":
        return _text(cells_from_arrow(series.array.__arrow_array__()), name)
    values = series.to_numpy(dtype=object)
    return _text(cells_from_objects(values, pd.isna(values), notices, name), name)


def _from_categories(series: Any, name: str, notices: Notices) -> Column:
    values = series.array
    categories = _categories(values.categories, name, notices)
    codes = np.ascontiguousarray(values.codes, CODES)
    attributes = ColumnAttributes(
        name, "Categorical", ordered=bool(values.ordered), underlying=categories.type
    )
    return Column(attributes, len(codes), (_bytes(codes),), categories)


def _categories(index: Any, name: str, notices: Notices) -> Column:
    """The categories as a nested column: of a plain type, else objects, so that each comes back as it was."""
    series = pd.Series(index)
    if series.dtype == object:
        kinds = _kinds(index.to_numpy())
        if kinds == {str}:
            texts = text_names(index)
            # replaced surrogates may make two categories one
            if len(set(texts)) == len(texts):
                return column_from_series(pd.Series(texts, dtype=object), "", notices)
        if kinds != {bool} or len(series) == 0:
            return _objects(index.to_numpy(), np.zeros(len(index), bool), name)
    if isinstance(series.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return _objects(series.to_numpy(dtype=object), np.zeros(len(index), bool), name)
    return column_from_series(series, "", notices)


def _from_sparse(series: Any, name: str, notices: Notices) -> Column:
    return column_from_series(series.sparse.to_dense(), name, notices)


def _from_arrow(series: Any, name: str, notices: Notices) -> Column:
    """``ArrowDtype``: by the Arrow type behind it; what has no column type of its own becomes objects."""
    import pyarrow as pa  # optional; at hand when the dtype is

    kind = series.dtype.pyarrow_dtype
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_strings(series, name, notices)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        unit = kind.unit if pa.types.is_timestamp(kind) else "s" if pa.types.is_date32(kind) else "ms"
        stamps = series.array.__arrow_array__().cast(pa.timestamp(unit, getattr(kind, "tz", None)))
        zone = _zone_name(kind.tz, name, notices) if getattr(kind, "tz", None) else None
        return _column(ColumnAttributes(name, "DateTime", unit=unit, time_zone=zone), _int64s(stamps), "<i8")
    if pa.types.is_duration(kind):
        spans = _int64s(series.array.__arrow_array__())
        return _column(ColumnAttributes(name, "TimeSpan", unit=kind.unit), spans, "<i8")
    if pa.types.is_dictionary(kind):
        return column_from_series(pd.Series(pd.Categorical(series.astype(object))), name, notices)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _from_masked(series, name, notices)
    return _from_objects(series.astype(object), name, notices)


def _int64s(array: Any) -> Any:
    """Ticks of an Arrow array of times, missing as the least int64."""
    return array.to_numpy().view("<i8")


def _from_objects(series: Any, name: str, notices: Notices) -> Column:
    """An object column, ranked by the Python types of what it holds (studio.md 1.5)."""
    values = series.to_numpy(dtype=object)
    if not len(values):
        return _objects(values, np.zeros(0, bool), name)
    flags = _flags(values)
    if flags is not None:
        return _fixed("Boolean", flags, name)
    missing = np.asarray(pd.isna(values), dtype=bool)
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        return _text(cells_from_objects(values, missing, notices, name), name)
    if missing.all():
        return _all_missing(values, name)
    kinds = _kinds(values[~missing])
    if kinds <= {bool, int, float}:
        if not _fits_numbers(values[~missing]):
            return _objects(values, missing, name)
        if kinds <= {bool, int} and not missing.any():
            return _fixed("Integer", values.astype("i8"), name)
        return _fixed("Double", np.where(missing, np.nan, values).astype("f8"), name)
    if kinds <= {bool, int, float, str}:
        texts = values.copy()
        texts[~missing] = [str(value) for value in values[~missing]]
        return _text(cells_from_objects(texts, missing, notices, name), name)
    return _objects(values, missing, name)


def _flags(values: Any) -> Optional[Any]:
    """Truth values of an object array of True, False and missing; None when it holds anything else.

    True and False exist once, so comparing identities tells them fifty times faster than asking for types.
    """
    known = identities(np.ascontiguousarray(values))
    flags = (known == id(True)).view("i1") - ((known != id(True)) & (known != id(False))).view("i1")
    others = flags == MISSING_BOOLEAN
    is_boolean = not others.all() and bool(np.all(pd.isna(values[others])))
    return flags if is_boolean else None


def _all_missing(values: Any, name: str) -> Column:
    if any(value is pd.NaT for value in values):
        attributes = ColumnAttributes(name, "DateTime", unit="ns")
        return _column(attributes, np.full(len(values), "NaT", "M8[ns]").view("i8"), "<i8")
    if any(value is None for value in values):
        return _text(cells_from_bytes([b""] * len(values), np.ones(len(values), bool)), name)
    return _fixed("Double", np.full(len(values), np.nan), name)


def _kinds(values: Iterable[Any]) -> Set[type]:
    """The exact types that occur; ``numpy.float64`` is not ``float`` here, as in Designer."""
    return set(map(type, values))


def _fits_numbers(values: Any) -> bool:
    """Whether every Python integer fits 64 bits; one that does not keeps its column Object."""
    return all(_INT64_MIN <= value <= _INT64_MAX for value in values if type(value) is int)


def _objects(values: Any, missing: Any, name: str) -> Column:
    kinds = _kinds(values[~missing])
    if kinds <= {bytes}:
        encoding, parts = "bytes", [b"" if gone else value for value, gone in zip(values, missing)]
    else:
        where = f"column '{name}'"
        encoding = "pickle"
        parts = [b"" if gone else _pickled(value, where) for value, gone in zip(values, missing)]
    return _cells(ColumnAttributes(name, "Object", encoding=encoding), cells_from_bytes(parts, missing))


def _pickled(value: Any, where: str) -> bytes:
    return value.content if isinstance(value, PickledObject) else dump_object(value, where)


def _text(cells: Cells, name: str) -> Column:
    return _cells(ColumnAttributes(name, "String"), cells)


def _cells(attributes: ColumnAttributes, cells: Cells) -> Column:
    arrays = [cells.offsets, cells.data] + ([] if cells.validity is None else [cells.validity])
    return Column(attributes, len(cells.offsets) - 1, tuple(map(_bytes, arrays)))


def _fixed(kind: str, values: Any, name: str) -> Column:
    return _column(ColumnAttributes(name, kind), values, FIXED[kind])


def _column(attributes: ColumnAttributes, values: Any, dtype: str) -> Column:
    array = np.ascontiguousarray(values, dtype)
    return Column(attributes, len(array), (_bytes(array),))


def _bytes(array: Any) -> memoryview:
    flat: Any = np.ascontiguousarray(array).view("u1")
    return memoryview(flat)


def _unit(dtype: Any) -> str:
    return getattr(dtype, "unit", None) or str(np.datetime_data(dtype)[0])


def _zone_name(zone: Any, name: str, notices: Notices) -> str:
    """A name that any environment knows again: of the IANA database, or an offset such as "+01:00"."""
    for attribute in ("key", "zone"):
        if isinstance(getattr(zone, attribute, None), str):
            return str(getattr(zone, attribute))
    text = str(zone)
    if isinstance(zone, str) or text == "UTC":
        return text
    file = getattr(zone, "_filename", "")  # dateutil
    if "zoneinfo/" in file:
        return str(file.rsplit("zoneinfo/", 1)[1])
    offset = zone.utcoffset(None)
    if offset is None:
        _say(notices, f"The time zone of column '{name}' has no name that can be stored; it is now UTC.")
        return "UTC"
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"


def _say(notices: Notices, line: str) -> None:
    if notices is not None:
        notices.append(line)


_ARROW_DTYPE: Any = getattr(pd, "ArrowDtype", ())
_Rule = Tuple[Callable[[Any], bool], Callable[[Any, str, Notices], Column]]
_RULES: Tuple[_Rule, ...] = (
    (lambda dtype: isinstance(dtype, pd.CategoricalDtype), _from_categories),
    (lambda dtype: isinstance(dtype, pd.SparseDtype), _from_sparse),
    (lambda dtype: isinstance(dtype, pd.StringDtype), _from_strings),
    (lambda dtype: isinstance(dtype, _ARROW_DTYPE), _from_arrow),
    (lambda dtype: isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind == "M", _from_times),
    (lambda dtype: dtype.kind == "m", _from_spans),
    (lambda dtype: pd.api.types.is_extension_array_dtype(dtype) and dtype.kind in "biuf", _from_masked),
    (lambda dtype: dtype.kind == "b", _from_booleans),
    (lambda dtype: dtype.kind in "iu", _from_integers),
    (lambda dtype: dtype.kind == "f", _from_floats),
    (lambda dtype: dtype.kind in "OcSU", _from_objects),
)
