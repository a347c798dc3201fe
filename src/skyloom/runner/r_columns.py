"""From a table to a bridge file: what R is given (docs/r-scripts.md, "Types").

Every column is encoded by itself; the same bytes coming back mean that the script left the column alone.
"""

from __future__ import annotations

import re
import struct
from typing import Any, BinaryIO, Callable, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.buffer_checks import as_array
from skyloom.data.layout import CODES, FIXED, MISSING_TIME, OFFSETS
from skyloom.data.names import clean_text, unique_names
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column
from skyloom.runner import r_format as form
from skyloom.runner.fence import safe_text

_SUBSTITUTE = 0x1A  # the control character that stands for one which cannot be had
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_POSIX_OFFSET = re.compile(r"<([+-])(\d\d)(\d\d)>([+-])(\d\d):(\d\d)")

Notice = Callable[[str], None]


class Encoded(NamedTuple):
    """A column as R gets it: ``parts`` are bytes and arrays, one after the other."""

    kind: int
    mark: str
    parts: Tuple[Any, ...]


def write_bridge(table: Table, file: BinaryIO, notice: Notice) -> None:
    """Write a table for R.

    Raises
    ------
    ProblemError
        S206 a column that R has no type for; every such column is named.
    """
    problems = [problem for column in table if (problem := _refusal(column)) is not None]
    if table.rows > form.MOST_ROWS:
        what = f"The table has {table.rows:,} rows; a data frame of R has at most {form.MOST_ROWS:,}."
        problems.append(Problem("S206", what, "", "Sample or split the rows before this node."))
    if problems:
        raise ProblemError(problems)
    file.write(form.MAGIC + struct.pack("<id", len(table.columns), float(table.rows)))
    for column in table:
        encoded = encode(column, notice)
        file.write(struct.pack("<i", encoded.kind) + _word(column.name) + _word(encoded.mark))
        for part in encoded.parts:
            plain: Any = part if isinstance(part, bytes) else np.ascontiguousarray(part)
            file.write(plain)


def encode(column: Column, notice: Optional[Notice] = None) -> Encoded:
    """One column in R's terms. What cannot be kept exactly is told to ``notice``."""
    return _ENCODERS[column.type](column, notice or (lambda text: None))


def name_for_r(name: str) -> str:
    """A column's name as R gets it: as it is, but for characters of code 0."""
    return name.replace("\0", chr(_SUBSTITUTE))


def category_texts(categories: Column) -> Tuple[str, ...]:
    """The categories as R's levels: text as it is, everything else as Python writes it, made distinct."""
    values = series_from_column(categories, load_objects=True).tolist()
    return unique_names([clean_text(str(value)).replace("\0", chr(_SUBSTITUTE)) for value in values])


def zone_for_r(zone: Optional[str]) -> str:
    """A time zone as R knows it; R's own (empty) stands for times without one.

    >>> zone_for_r("+05:30"), zone_for_r("Europe/Berlin"), zone_for_r(None)
    ('<+0530>-05:30', 'Europe/Berlin', '')
    """
    if zone == form.LOCAL_ZONE:
        return "UTC"
    found = _OFFSET.fullmatch(zone or "")
    if found is None:
        return zone or ""
    turned = "-" if found[1] == "+" else "+"
    return f"<{found[1]}{found[2]}{found[3]}>{turned}{found[2]}:{found[3]}"


def zone_from_r(zone: str) -> Optional[str]:
    """The other way round.

    >>> zone_from_r("<+0530>-05:30"), zone_from_r("")
    ('+05:30', None)
    """
    if zone == form.LOCAL_ZONE:
        return None
    found = _POSIX_OFFSET.fullmatch(zone)
    return f"{found[1]}{found[2]}:{found[3]}" if found else zone or None


def _refusal(column: Column) -> Optional[Problem]:
    if column.type != "Object" or column.attributes.encoding == "bytes" or not column.rows:
        return None
    name = safe_text(column.name)
    what = f"Column '{name}' holds Python objects; R has no such type."
    fix = "Leave the column out, or turn it into text or numbers before this node."
    return Problem("S206", what, name, fix)


def _word(text: str) -> bytes:
    return name_for_r(text).encode() + b"\0"


def _integers(column: Column, notice: Notice) -> Encoded:
    """R's integers have 32 bits; larger ones are doubles, as R itself has it."""
    values = as_array(column.buffers[0], FIXED["Integer"])
    if not values.size or (values.min() > form.MISSING_INTEGER and values.max() <= form.LARGEST_INTEGER):
        return Encoded(form.INTEGER, "", (values.astype("<i4"),))
    if max(int(values.max()), -int(values.min())) > form.LARGEST_EXACT:
        notice(
            f"Column '{column.name}' holds whole numbers above 2^53, which R rounds. "
            "They come back exactly where the script leaves the column alone."
        )
    return Encoded(form.DOUBLE, "", (values.astype("<f8"),))


def _doubles(column: Column, notice: Notice) -> Encoded:
    return Encoded(form.DOUBLE, "", (_with_missing(as_array(column.buffers[0], FIXED["Double"])),))


def _with_missing(values: Any, missing: Any = None) -> Any:
    """The numbers with R's NA for every missing one."""
    missing = np.isnan(values) if missing is None else missing
    if missing.any():
        values = values.copy()
        values.view("<u8")[missing] = form.MISSING_DOUBLE
    return values


def _booleans(column: Column, notice: Notice) -> Encoded:
    return Encoded(form.LOGICAL, "", (as_array(column.buffers[0], FIXED["Boolean"]),))


def _strings(column: Column, notice: Notice) -> Encoded:
    return Encoded(form.TEXT, "", tuple(_texts(column, notice)))


def _texts(column: Column, notice: Notice) -> Iterator[Any]:
    offsets, data = as_array(column.buffers[0], OFFSETS), as_array(column.buffers[1], "u1")
    validity = as_array(column.buffers[2], "i1") if len(column.buffers) == 3 else None
    has_missing = validity is not None and not validity.all()
    if data.size and not data.all():
        notice(_zero_notice(column))
        data = np.where(data == 0, np.uint8(_SUBSTITUTE), data)
    yield struct.pack("<bb", has_missing, not data.size or bool(data.max() < 0x80))
    if has_missing:
        yield validity
    ended = _with_zeros(offsets, data)
    yield struct.pack("<d", float(ended.size))
    yield ended


def _zero_notice(column: Column) -> str:
    return f"Column '{column.name}' holds characters of code 0, which R's text cannot; they became 0x1A."


def _with_zeros(offsets: Any, data: Any) -> Any:
    """The texts, each followed by a zero byte."""
    rows = len(offsets) - 1
    ended = np.zeros(data.size + rows, "u1")
    is_text = np.ones(ended.size, bool)
    is_text[offsets[1:] + np.arange(rows)] = False
    ended[is_text] = data
    return ended


def _moments(column: Column, notice: Notice) -> Encoded:
    ticks, unit = as_array(column.buffers[0], FIXED["DateTime"]), column.attributes.unit or "ns"
    if unit == "ns" and ((ticks % 1000 != 0) & (ticks != MISSING_TIME)).any():
        notice(
            f"Column '{column.name}' holds parts of a microsecond, which R's times round. "
            "They come back exactly where the script leaves the column alone."
        )
    return Encoded(form.MOMENT, zone_for_r(column.attributes.time_zone), (_seconds(ticks, unit),))


def _spans(column: Column, notice: Notice) -> Encoded:
    ticks = as_array(column.buffers[0], FIXED["TimeSpan"])
    return Encoded(form.SPAN, "", (_seconds(ticks, column.attributes.unit or "ns"),))


def _seconds(ticks: Any, unit: str) -> Any:
    whole, part = np.divmod(ticks, form.TICKS[unit])
    return _with_missing(whole + part / form.TICKS[unit], ticks == MISSING_TIME)


def _factors(column: Column, notice: Notice) -> Encoded:
    categories = column.categories
    assert categories is not None  # a Categorical's layout has categories
    codes = as_array(column.buffers[0], CODES)
    numbers = np.where(codes < 0, form.MISSING_INTEGER, codes + 1).astype("<i4")
    if categories.type == "String" and not as_array(categories.buffers[1], "u1").all():
        notice(_zero_notice(column))
    levels = [text.encode() for text in category_texts(categories)]
    head = struct.pack(
        "<ibbd", len(levels), 0, all(map(bytes.isascii, levels)), float(sum(map(len, levels)) + len(levels))
    )
    mark = "ordered" if column.attributes.ordered else ""
    return Encoded(form.FACTOR, mark, (numbers, head, b"".join(level + b"\0" for level in levels)))


def _bytes(column: Column, notice: Notice) -> Encoded:
    if not column.rows:  # an object column without rows may have been anything: text is the least surprising
        return _strings(column, notice)
    offsets, data = as_array(column.buffers[0], OFFSETS), as_array(column.buffers[1], "u1")
    validity = as_array(column.buffers[2], "i1") if len(column.buffers) == 3 else None
    parts: List[Any] = [struct.pack("<b", validity is not None)]
    if validity is not None:
        parts.append(validity)
    return Encoded(form.BYTES, "", (*parts, np.diff(offsets).astype("<f8"), data))


_ENCODERS: "dict[str, Callable[[Column, Notice], Encoded]]" = {
    "Integer": _integers,
    "Double": _doubles,
    "Boolean": _booleans,
    "String": _strings,
    "DateTime": _moments,
    "TimeSpan": _spans,
    "Categorical": _factors,
    "Object": _bytes,
}
