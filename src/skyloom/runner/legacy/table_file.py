"""The table file (docs/decisions/0001) with numpy alone: columns out of it, columns into it."""

from __future__ import absolute_import, division, print_function

import json
import mmap
import os

import numpy as np

from .words import Fault

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

MAGIC = b"SKYTBL01"
ALIGNMENT = 64
FIXED = {"Integer": "<i8", "Double": "<f8", "Boolean": "i1", "DateTime": "<i8", "TimeSpan": "<i8"}
CODES = "<i4"
OFFSETS = "<i8"
MISSING_TIME = -(2**63)
MISSING_BOOLEAN = -1

_TAIL_BYTES = 8 + len(MAGIC)
_WRITE_BYTES = 1 << 24
_ATTRIBUTES = ("unit", "time_zone", "encoding", "ordered", "underlying")


class Column(object):
    """One column's cells: a type, its attributes as the footer has them, numpy arrays of its buffers.

    ``place`` is (digest of its file, offset) for a column of an input; ``categories`` the nested column of a
    Categorical.
    """

    def __init__(self, name, kind, rows, buffers, attributes=None, categories=None, place=None):
        # type: (Any, str, int, list[Any], Any, Any, Any) -> None
        self.name = name
        self.kind = kind
        self.rows = rows
        self.buffers = buffers
        self.attributes = attributes or {}
        self.categories = categories
        self.place = place

    @property
    def flat_buffers(self):
        # type: () -> list[Any]
        return self.buffers + (self.categories.flat_buffers if self.categories is not None else [])

    def shape(self):
        # type: () -> tuple[Any, ...]
        """What must be equal before cells are compared."""
        nested = self.categories.shape() if self.categories is not None else None
        attributes = tuple(sorted((key, value) for key, value in self.attributes.items() if value))
        return self.kind, self.rows, attributes, tuple(buffer.nbytes for buffer in self.buffers), nested

    def labelled(self, kind):
        # type: (str) -> Column
        """The same bytes under another type."""
        return Column(self.name, kind, self.rows, self.buffers, {}, None, self.place)

    def is_stored_as(self, other):
        # type: (Column) -> bool
        """Whether the bytes are those of a stored column."""
        if self.shape() != other.shape():
            return False
        pairs = zip(self.flat_buffers, other.flat_buffers)
        return all(np.array_equal(_flat(mine), _flat(stored)) for mine, stored in pairs)


def open_table(descriptor, digest, files):
    # type: (int, str, dict[str, int]) -> tuple[int, list[Column]]
    """Rows and columns of a sealed table file; the arrays lie in the file, read-only.

    ``files`` are descriptors of the further files that columns lie in, by digest.
    """
    footer = _footer(descriptor)
    maps = {None: (digest, _mapped(descriptor))}  # type: dict[Any, Any]
    for name, further in files.items():
        maps[name] = (name, _mapped(further))
    columns = []
    for item in footer["columns"]:
        segment = item["segment"]
        file_digest, content = maps[segment.get("file")]
        arrays = _arrays(content, segment["offset"], segment["buffers"])
        columns.append(_column(item, footer["rows"], arrays, (file_digest, segment["offset"])))
    return footer["rows"], columns


def write_table(rows, columns, descriptor):
    # type: (int, list[Column], int) -> dict[str, Any]
    """Write what is new into an empty file and return the footer, which is not written."""
    position = 0
    listed = []
    for column in columns:
        lengths = [buffer.nbytes for buffer in column.flat_buffers]
        segment = {"buffers": lengths}  # type: dict[str, Any]
        if column.place is not None:
            segment["file"], segment["offset"] = column.place
        else:
            position = segment["offset"] = _aligned(position)
            for buffer in column.flat_buffers:
                position = _aligned(position)
                _write_at(descriptor, buffer, position)
                position += buffer.nbytes
        listed.append(_column_json(column, segment))
    os.ftruncate(descriptor, position)
    return {"format": 1, "rows": rows, "columns": listed, "extras": {}}


def as_array(content, dtype):
    # type: (Any, str) -> Any
    """Bytes as an array over the same memory."""
    return np.frombuffer(content, dtype) if len(content) else np.empty(0, dtype)


def _column_json(column, segment):
    # type: (Column, dict[str, Any]) -> dict[str, Any]
    value = {"name": column.name, "type": column.kind, "segment": segment}
    value.update((key, item) for key, item in column.attributes.items() if item)
    nested = column.categories
    if nested is not None:
        value["underlying"] = nested.kind
        value["categories"] = {"type": nested.kind, "rows": nested.rows}
        value["categories"].update((key, item) for key, item in nested.attributes.items() if item)
    return value


def _column(item, rows, arrays, place):
    # type: (dict[str, Any], int, list[Any], Any) -> Column
    attributes = {key: item[key] for key in _ATTRIBUTES[:-1] if item.get(key)}
    nested = item.get("categories")
    if nested is None:
        return Column(item.get("name", ""), item["type"], rows, arrays, attributes, None, place)
    categories = _column(nested, nested["rows"], arrays[1:], None)
    return Column(item["name"], item["type"], rows, arrays[:1], attributes, categories, place)


def _footer(descriptor):
    # type: (int) -> dict[str, Any]
    size = os.fstat(descriptor).st_size
    tail = _read_at(descriptor, max(size - _TAIL_BYTES, 0), _TAIL_BYTES)
    if tail[8:] != MAGIC:
        raise Fault("D023", u"The input is no table file.", u"", u"Run the node before it again.")
    length = int(np.frombuffer(tail[:8], "<u8")[0])
    text = _read_at(descriptor, size - _TAIL_BYTES - length, length)
    footer = json.loads(text.decode("utf-8"))  # type: dict[str, Any]
    return footer


def _read_at(descriptor, position, length):
    # type: (int, int, int) -> bytes
    os.lseek(descriptor, position, os.SEEK_SET)
    pieces = []
    while length:
        piece = os.read(descriptor, min(length, _WRITE_BYTES))
        if not piece:
            break
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _mapped(descriptor):
    # type: (int) -> Any
    return np.frombuffer(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ), "u1")


def _arrays(content, offset, lengths):
    # type: (Any, int, list[int]) -> list[Any]
    arrays = []
    position = offset
    for length in lengths:
        position = _aligned(position)
        arrays.append(content[position : position + length])
        position += length
    return arrays


def _write_at(descriptor, buffer, position):
    # type: (int, Any, int) -> None
    os.lseek(descriptor, position, os.SEEK_SET)
    content = memoryview(_flat(buffer))
    while len(content):
        content = content[os.write(descriptor, content[:_WRITE_BYTES]) :]


def _flat(buffer):
    # type: (Any) -> Any
    return np.ascontiguousarray(buffer).reshape(-1).view("u1")


def _aligned(position):
    # type: (int) -> int
    return -(-position // ALIGNMENT) * ALIGNMENT
