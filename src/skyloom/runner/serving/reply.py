"""Rows as the wire wants them: every cell a JSON string or null, numbers in repr form (services.md 1.1).

One old client runs ``json.loads`` on each cell and fails on a JSON number, so numbers are text as well.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Callable, Dict, List, Sequence, Tuple

import numpy

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.buffer_checks import as_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import CODES, FIXED, MISSING_TIME
from skyloom.data.table import Column
from skyloom.data.to_frame import series_from_column
from skyloom.runner.fence import safe_text
from skyloom.runner.serving.json_text import json_text, number_texts
from skyloom.runner.serving.rows import Rows

# the wire's word for each column type; a Categorical has that of its categories
WIRE_TYPES = {
    "Double": "Double",
    "Integer": "Int64",
    "Boolean": "Boolean",
    "String": "String",
    "DateTime": "DateTime",
    "TimeSpan": "TimeSpan",
    "Object": "String",
}

Cells = Sequence[bytes]  # JSON texts, quotes included

_FEW = 4  # so many numbers are written one by one


def output_json(name: str, rows: Rows, is_swagger: bool, has_details: bool) -> bytes:
    """``"output1":{...}``: one member of Results, in the notation asked for.

    Raises
    ------
    ProblemError
        W233 a cell that cannot be written.
    """
    try:
        cells = columns_json(rows)
    except (TypeError, ValueError, OverflowError) as error:
        what = f"The result for {name!r} cannot be written: {type(error).__name__}: {safe_text(error)[:300]}."
        fix = "Let the service's last module give numbers, text, truth values or times."
        raise ProblemError(Problem("W233", what, name, fix)) from error
    if is_swagger:
        return json_text(name) + b":[" + b",".join(_objects(rows, cells)) + b"]"
    head = _head(name, rows, has_details)
    if rows.count == 1:
        return head + b"[[" + b",".join([column[0] for column in cells]) + b"]]}}"
    if not rows.count:
        return head + b"[]}}"
    return head + b"[[" + b"],[".join(map(b",".join, zip(*cells))) + b"]]}}"


def _head(name: str, rows: Rows, has_details: bool) -> bytes:
    """Everything before the values; the same on every call that gives the same columns."""
    key = (name, has_details)
    known = _heads.get(key)
    if known is not None and known[0] is rows.attributes:
        return known[1]
    types = b',"ColumnTypes":' + json_text(wire_types(rows)) if has_details else b""
    table = b':{"type":"table","value":{"ColumnNames":' + json_text(rows.names)
    head = json_text(name) + table + types + b',"Values":'
    _heads[key] = (rows.attributes, head)
    return head


_heads: Dict[Tuple[str, bool], Tuple[Tuple[ColumnAttributes, ...], bytes]] = {}


def wire_types(rows: Rows) -> List[str]:
    return [
        WIRE_TYPES[(column.underlying or "String") if column.type == "Categorical" else column.type]
        for column in rows.attributes
    ]


def columns_json(rows: Rows) -> List[Cells]:
    """Every column's cells as JSON texts."""
    if rows.arrays is not None:
        return [
            _texts(array) if column.type == "String" else _numbers(array)
            for column, array in zip(rows.attributes, rows.arrays)
        ]
    return [_cells(column) for column in rows.table.columns]


def _objects(rows: Rows, cells: Sequence[Cells]) -> List[bytes]:
    keys = [json_text(name) + b":" for name in rows.names]
    return [b"{" + b",".join(map(bytes.__add__, keys, row)) + b"}" for row in zip(*cells)]


def _cells(column: Column) -> Cells:
    return _WRITERS[column.type](column)


def _numbers(values: Any) -> Cells:
    """All at once: written as a JSON list of numbers, then quoted."""
    if len(values) <= _FEW:
        return [_number(value) for value in values.tolist()]
    if values.dtype.kind == "f" and numpy.isinf(values).any():
        return [_number(value) for value in values.tolist()]
    inner = number_texts(values)[1:-1]
    quoted = b'"' + inner.replace(b",", b'","') + b'"'
    cells: Cells = quoted.replace(b'"null"', b"null").split(b",")
    return cells


def _number(value: Any) -> bytes:
    """Python's word for infinity is inf; .NET and JSON readers that know it say Infinity."""
    if value - value == 0:
        return b'"' + json_text(value) + b'"'
    if value != value:
        return b"null"
    return b'"Infinity"' if value > 0 else b'"-Infinity"'


def _texts(values: Sequence[Any]) -> Cells:
    """Few distinct texts are written once each."""
    known: Dict[Any, bytes] = {}
    cells: List[bytes] = []
    for value in values.tolist() if hasattr(values, "tolist") else values:
        text = known.get(value)
        if text is None:
            text = known[value] = json_text(value)
        cells.append(text)
    return cells


def _doubles(column: Column) -> Cells:
    return _numbers(as_array(column.buffers[0], FIXED[column.type]))


def _truths(column: Column) -> Cells:
    words = (b'"False"', b'"True"', b"null")  # -1, missing, takes the last
    return [words[flag] for flag in as_array(column.buffers[0], FIXED["Boolean"]).tolist()]


def _strings(column: Column) -> Cells:
    values = series_from_column(column).astype(object)
    return _texts([None if value != value else value for value in values.tolist()])


def _moments(column: Column) -> Cells:
    """ISO 8601, with a fraction where the column has one; zoned times in UTC with a Z."""
    ticks = as_array(column.buffers[0], FIXED["DateTime"])
    values = ticks.view(f"M8[{column.attributes.unit}]")
    whole = values.astype("M8[s]")
    exact = whole if bool(((values == whole) | numpy.isnat(values)).all()) else values
    ending = '"' if column.attributes.time_zone is None else 'Z"'
    texts = numpy.datetime_as_string(exact)
    return _unless_missing(ticks, [f'"{text}{ending}'.encode() for text in texts.tolist()])


def _spans(column: Column) -> Cells:
    """.NET's invariant form: [-][d.]hh:mm:ss[.fffffff]."""
    ticks = as_array(column.buffers[0], FIXED["TimeSpan"])
    scale = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[column.attributes.unit or "ns"]
    return _unless_missing(ticks, [_span(tick * scale) for tick in ticks.tolist()])


def _span(nanoseconds: int) -> bytes:
    sign = "-" if nanoseconds < 0 else ""
    seconds, rest = divmod(abs(nanoseconds), 10**9)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    fraction = f".{rest // 100:07d}" if rest >= 100 else ""
    return f'"{sign}{f"{days}." if days else ""}{hour:02d}:{minute:02d}:{second:02d}{fraction}"'.encode()


def _unless_missing(ticks: Any, texts: List[bytes]) -> Cells:
    return [b"null" if tick == MISSING_TIME else text for tick, text in zip(ticks.tolist(), texts)]


def _categories(column: Column) -> Cells:
    assert column.categories is not None  # a Categorical's layout has categories
    words = [*_cells(column.categories), b"null"]  # code -1 takes the last
    return [words[code] for code in as_array(column.buffers[0], CODES).tolist()]


def _objects_as_text(column: Column) -> Cells:
    values = series_from_column(column, load_objects=True).tolist()
    return [json_text(_object_text(value)) for value in values]


def _object_text(value: Any) -> Any:
    if value is None or (isinstance(value, float) and value != value):
        return None
    return b64encode(value).decode() if isinstance(value, bytes) else safe_text(value)


_WRITERS: Dict[str, Callable[[Column], Cells]] = {
    "Double": _doubles,
    "Integer": _doubles,
    "Boolean": _truths,
    "String": _strings,
    "DateTime": _moments,
    "TimeSpan": _spans,
    "Categorical": _categories,
    "Object": _objects_as_text,
}
