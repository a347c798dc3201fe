"""What came out of R as a table: the types of R in the words of datasets (docs/r-scripts.md, "Types").

A column that comes back byte for byte is the input's column again, with everything that R cannot tell apart
(parts of a microsecond, 64-bit integers). One that was changed keeps what its namesake among the inputs was
where that still fits: the unit of its times, whole numbers beyond 32 bits, categories that are no text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import pandas as pd

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import column_from_series
from skyloom.data.layout import CODES, FIXED, MISSING_BOOLEAN, MISSING_TIME, OFFSETS
from skyloom.data.names import text_names, unique_names
from skyloom.data.recognition import KnownColumns
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column
from skyloom.runner import r_format as form
from skyloom.runner.r_bridge_file import BridgeTable
from skyloom.runner.r_columns import Encoded, category_texts, encode, name_for_r, zone_from_r

_SECONDS_IN_A_DAY = 86_400
_LARGEST_TICKS = 2.0**63
_LONGEST_ZONE = 100

Notice = Callable[[str], None]


def table_from_bridge(bridge: BridgeTable, inputs: Sequence[Table], notice: Notice) -> Table:
    """The table; names made distinct, row names gone, roles not kept (as with a Python script)."""
    said: List[str] = []
    former = {name_for_r(column.name): column.name for table in inputs for column in table}
    given = [former.get(name, name) for name, _ in bridge.columns]
    names = unique_names(text_names(given, said))
    for text in said:
        notice(text)
    for name in bridge.replaced:
        notice(f"Column '{name}' held text that is not UTF-8; what could not be read is now U+FFFD.")
    known = KnownColumns(inputs)
    by_name: Dict[str, List[Column]] = {}
    for column in (column for table in inputs for column in table):
        by_name.setdefault(name_for_r(column.name), []).append(column)
    columns = []
    for name, (old, cells) in zip(names, bridge.columns):
        namesakes = by_name.get(old, [])
        same = next((one for one in namesakes if _is_unchanged(one, cells, bridge.rows)), None)
        if same is not None:
            columns.append(replace(same, attributes=replace(same.attributes.as_feature(), name=name)))
            continue
        namesake = namesakes[0] if namesakes else None
        columns.append(known.recognise(_COLUMNS[cells.kind](name, cells, namesake, notice)))
    return Table(bridge.rows, tuple(columns))


def _is_unchanged(column: Column, cells: Encoded, rows: int) -> bool:
    """Whether these are the very bytes that R was given for the column."""
    if column.rows != rows or (column.type == "Object" and rows and column.attributes.encoding != "bytes"):
        return False
    given = encode(column)
    shapes = [(one.kind, one.mark, len(one.parts)) for one in (given, cells)]
    return shapes[0] == shapes[1] and all(map(_is_same, given.parts, cells.parts))


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, bytes) or isinstance(other, bytes):
        return bool(bytes(one) == bytes(other))
    return one.nbytes == other.nbytes and bool(np.array_equal(one.view("u1"), other.view("u1")))


def _logical(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    flags = np.where(cells.parts[0] < 0, MISSING_BOOLEAN, cells.parts[0] != 0)
    return _fixed(name, "Boolean", flags)


def _integer(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    """An integer column with missing values is Double (decision 0001)."""
    values = cells.parts[0]
    least = np.iinfo(values.dtype).min
    missing = values == least
    if not missing.any():
        return _fixed(name, "Integer", values)
    if np.abs(values[~missing].astype("<f8")).max(initial=0) > form.LARGEST_EXACT:
        notice(f"Column '{name}' has missing values and is now Double; large numbers are rounded.")
    return _fixed(name, "Double", np.where(missing, np.nan, values))


def _double(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    values = cells.parts[0]
    was_wide = namesake is not None and namesake.type == "Integer" and encode(namesake).kind == form.DOUBLE
    if was_wide and (np.abs(values) <= form.LARGEST_EXACT).all() and (values == np.rint(values)).all():
        return _fixed(name, "Integer", values.astype("<i8"))
    return _fixed(name, "Double", np.where(np.isnan(values), np.nan, values))


def _text(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    presence = cells.parts[1] if len(cells.parts) == 4 else None
    return _text_column(ColumnAttributes(name, "String"), cells.parts[-1], presence)


def _text_column(attributes: ColumnAttributes, ended: Any, presence: Any) -> Column:
    """Texts that each end with a zero byte, as offsets and bytes; a missing one takes no bytes."""
    zeros = np.flatnonzero(ended == 0)
    offsets = np.zeros(zeros.size + 1, OFFSETS)
    offsets[1:] = zeros - np.arange(zeros.size)
    data = ended[ended != 0]
    if presence is not None and not presence.all():
        lengths = np.diff(offsets)
        data = data[np.repeat(presence != 0, lengths)]
        np.cumsum(np.where(presence != 0, lengths, 0), out=offsets[1:])
        return _column(attributes, offsets, data, presence)
    return _column(attributes, offsets, data)


def _moment(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    ticks, unit = _ticks(name, cells.parts[0], _unit_of(namesake, "DateTime"), notice)
    zone = zone_from_r(cells.mark[:_LONGEST_ZONE])
    return _column(ColumnAttributes(name, "DateTime", unit=unit, time_zone=zone), ticks)


def _day(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    seconds = np.floor(cells.parts[0]) * _SECONDS_IN_A_DAY
    ticks, unit = _ticks(name, seconds, _unit_of(namesake, "DateTime") or "s", notice)
    return _column(ColumnAttributes(name, "DateTime", unit=unit), ticks)


def _span(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    ticks, unit = _ticks(name, cells.parts[0], _unit_of(namesake, "TimeSpan"), notice)
    return _column(ColumnAttributes(name, "TimeSpan", unit=unit), ticks)


def _unit_of(namesake: Optional[Column], kind: str) -> Optional[str]:
    return namesake.attributes.unit if namesake is not None and namesake.type == kind else None


def _ticks(name: str, seconds: Any, wanted: Optional[str], notice: Notice) -> Tuple[Any, str]:
    """Whole microseconds in the wanted unit, or in microseconds where they do not fit it."""
    with np.errstate(invalid="ignore", over="ignore"):
        micros = np.rint(seconds * 1e6)
        missing = ~(np.abs(micros) < _LARGEST_TICKS)
    lost = int(np.count_nonzero(missing & ~np.isnan(seconds)))
    if lost:
        notice(f"Column '{name}' held {lost} times beyond what a dataset can hold; they are missing now.")
    ticks = np.where(missing, 0, micros).astype("<i8")
    unit = "us"
    if wanted == "ns" and (np.abs(ticks) < _LARGEST_TICKS / 1000 - 1).all():
        ticks, unit = ticks * 1000, "ns"
    elif wanted in ("s", "ms") and not (ticks % (10**6 // form.TICKS[wanted])).any():
        ticks, unit = ticks // (10**6 // form.TICKS[wanted]), wanted
    return np.where(missing, MISSING_TIME, ticks), unit


def _factor(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    numbers, _, levels = cells.parts
    codes = np.where(numbers == form.MISSING_INTEGER, -1, numbers - 1).astype(CODES)
    is_ordered = cells.mark == "ordered"
    former = _former_categories(levels.split(b"\0")[:-1], namesake)
    if former is not None:
        values = pd.Categorical.from_codes(codes, categories=former, ordered=is_ordered)
        return column_from_series(pd.Series(values), name)
    ended = np.frombuffer(levels, "u1") if levels else np.empty(0, "u1")
    categories = _text_column(ColumnAttributes("", "String"), ended, None)
    attributes = ColumnAttributes(name, "Categorical", ordered=is_ordered, underlying=categories.type)
    return Column(attributes, len(codes), (_bytes(codes),), categories)


def _former_categories(texts: Sequence[bytes], namesake: Optional[Column]) -> Optional[Any]:
    """The namesake's categories in the order of the levels, when they were no text and no level is new."""
    former = namesake.categories if namesake is not None else None
    if namesake is None or former is None or former.type == "String":
        return None
    places = {text.encode(): place for place, text in enumerate(category_texts(former))}
    if not all(text in places for text in texts):
        return None
    index = series_from_column(namesake, load_objects=True).cat.categories
    return index.take([places[text] for text in texts])


def _bytes_column(name: str, cells: Encoded, namesake: Optional[Column], notice: Notice) -> Column:
    presence = cells.parts[1] if len(cells.parts) == 4 else None
    lengths, data = cells.parts[-2:]
    offsets = np.zeros(len(lengths) + 1, OFFSETS)
    np.cumsum(lengths.astype("<i8"), out=offsets[1:])
    arrays = (offsets, data) if presence is None else (offsets, data, presence)
    return _column(ColumnAttributes(name, "Object", encoding="bytes"), *arrays)


def _fixed(name: str, kind: str, values: Any) -> Column:
    return _column(ColumnAttributes(name, kind), np.ascontiguousarray(values, FIXED[kind]))


def _column(attributes: ColumnAttributes, *arrays: Any) -> Column:
    rows = len(arrays[0]) - (len(arrays) > 1)
    return Column(attributes, rows, tuple(map(_bytes, arrays)))


def _bytes(array: Any) -> memoryview:
    flat: Any = np.ascontiguousarray(array).view("u1")
    return memoryview(flat)


_COLUMNS = {
    form.LOGICAL: _logical,
    form.INTEGER: _integer,
    form.DOUBLE: _double,
    form.TEXT: _text,
    form.MOMENT: _moment,
    form.SPAN: _span,
    form.FACTOR: _factor,
    form.BYTES: _bytes_column,
    form.DAY: _day,
    form.INTEGER64: _integer,
}
