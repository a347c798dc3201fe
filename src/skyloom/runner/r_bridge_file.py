"""A bridge file that R wrote, read as what it is: bytes of a program that may do anything.

Every count is held against the bytes that are there, every code against what it may be; text is valid UTF-8
when this is through with it. What a file says is turned into columns by ``r_tables``.
"""

from __future__ import annotations

import os
import stat
import struct
from typing import Any, List, NamedTuple, Optional, Tuple

import numpy as np

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.footer import MAX_COLUMNS
from skyloom.runner import r_format as form
from skyloom.runner.r_columns import Encoded

_LONGEST_WORD = 100_000
_FIXED = {
    form.LOGICAL: "i1",
    form.INTEGER: "<i4",
    form.DOUBLE: "<f8",
    form.MOMENT: "<f8",
    form.SPAN: "<f8",
    form.DAY: "<f8",
    form.INTEGER64: "<i8",
}


class BridgeTable(NamedTuple):
    """Rows, and (name, cells) of every column; names may repeat."""

    rows: int
    columns: Tuple[Tuple[str, Encoded], ...]
    replaced: Tuple[str, ...]  # names of columns whose text was not UTF-8


class Damaged(Exception):
    """What is wrong with the file."""


def read_bridge(path: str, most_bytes: int) -> Optional[BridgeTable]:
    """The table in a file, None when there is no file.

    Raises
    ------
    ProblemError
        S209 the file does not have the agreed form.
    """
    try:
        content = read_plain_file(path, most_bytes)
        return None if content is None else _Reader(content).table()
    except (Damaged, OSError, ValueError) as error:
        what = f"What R wrote for a result cannot be read: {error}."
        fix = "Leave the node's own files alone, and return a data frame."
        raise ProblemError(Problem("S209", what, "", fix)) from error


def read_plain_file(path: str, most_bytes: int) -> Optional[Any]:
    """The bytes of a regular file as an array; None when nothing is there.

    Pipes, links and devices in its place are refused and never waited for.

    Raises
    ------
    Damaged
        It is something else, or larger than ``most_bytes``.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Damaged("it is no plain file")
        if status.st_size > most_bytes:
            raise Damaged(f"it has {status.st_size:,} bytes; {most_bytes:,} are allowed")
        return np.fromfile(file, "u1", status.st_size)


class _Reader:
    """Goes through the bytes once, from front to back."""

    def __init__(self, content: Any) -> None:
        self._content = content
        self._at = 0
        self._replaced = False

    def table(self) -> BridgeTable:
        if self._take(8).tobytes() != form.MAGIC:
            raise Damaged("it does not begin as it should")
        count, rows = self._int32(), self._size()
        if not 0 <= count <= MAX_COLUMNS:
            raise Damaged(f"it says it has {count} columns; a table holds at most {MAX_COLUMNS:,}")
        columns: List[Tuple[str, Encoded]] = []
        replaced: List[str] = []
        for _ in range(count):
            kind, name, mark = self._int32(), self._word(), self._word()
            self._replaced = False
            columns.append((name, Encoded(kind, mark, self._cells(kind, rows))))
            if self._replaced:
                replaced.append(name)
        if self._at != self._content.size:
            raise Damaged("there is more in it than it says")
        return BridgeTable(rows, tuple(columns), tuple(replaced))

    def _cells(self, kind: int, rows: int) -> Tuple[Any, ...]:
        if kind in _FIXED:
            return (self._array(_FIXED[kind], rows),)
        if kind == form.TEXT:
            return self._texts(rows)
        if kind == form.FACTOR:
            return self._factor(rows)
        if kind == form.BYTES:
            return self._bytes(rows)
        raise Damaged(f"there is no kind of column with the number {kind}")

    def _texts(self, rows: int) -> Tuple[Any, ...]:
        has_missing, _ = self._array("i1", 2)
        presence = self._flags(rows) if has_missing else None
        ended = self._take(self._size())
        zeros = np.flatnonzero(ended == 0)
        if zeros.size != rows or (rows and zeros[-1] != ended.size - 1):
            raise Damaged(f"a column has {zeros.size} texts for {rows} rows")
        ended = self._valid(ended)
        is_ascii = not ended.size or bool(ended.max() < 0x80)
        head = struct.pack("<bb", presence is not None, is_ascii)
        return (head, *(() if presence is None else (presence,)), struct.pack("<d", float(ended.size)), ended)

    def _valid(self, ended: Any) -> Any:
        """The texts as UTF-8; the zeros between them keep a broken character from reaching into the next."""
        if not ended.size or ended.max() < 0x80:
            return ended
        content = ended.tobytes()
        try:
            content.decode()
            return ended
        except UnicodeDecodeError:
            self._replaced = True
            return np.frombuffer(content.decode("utf-8", "replace").encode(), "u1")

    def _factor(self, rows: int) -> Tuple[Any, ...]:
        codes = self._array("<i4", rows)
        count = self._int32()
        if count < 0:
            raise Damaged("a factor has a negative number of levels")
        present = codes[codes != form.MISSING_INTEGER]
        if present.size and (present.min() < 1 or present.max() > count):
            raise Damaged("a factor has codes without a level")
        texts = self._texts(count)
        if len(texts) != 3:
            raise Damaged("a factor has a missing level")
        levels = texts[2].tobytes()
        if len(set(levels.split(b"\0")[:-1])) != count:
            raise Damaged("a factor has a level twice")
        is_ascii = texts[0][1]
        return codes, struct.pack("<ibbd", count, 0, is_ascii, float(len(levels))), levels

    def _bytes(self, rows: int) -> Tuple[Any, ...]:
        presence = self._flags(rows) if self._array("i1", 1)[0] else None
        lengths = self._array("<f8", rows)
        if not ((lengths >= 0) & (lengths == np.floor(lengths)) & (lengths < 2**53)).all():
            raise Damaged("a length is no whole number")
        data = self._take(int(lengths.sum()))
        head = struct.pack("<b", presence is not None)
        return (head, *(() if presence is None else (presence,)), lengths, data)

    def _flags(self, rows: int) -> Any:
        flags = self._array("i1", rows)
        if rows and (flags.min() < 0 or flags.max() > 1):
            raise Damaged("presence other than 0 and 1")
        return flags

    def _word(self) -> str:
        window = self._content[self._at : self._at + _LONGEST_WORD]
        zeros = np.flatnonzero(window == 0)
        if not zeros.size:
            raise Damaged("a name does not end")
        text: bytes = self._take(int(zeros[0]) + 1)[:-1].tobytes()
        return text.decode("utf-8", "replace")

    def _int32(self) -> int:
        return int(self._array("<i4", 1)[0])

    def _size(self) -> int:
        value = float(self._array("<f8", 1)[0])
        if not 0 <= value < 2**53 or value != int(value):
            raise Damaged("a count is no whole number")
        return int(value)

    def _array(self, dtype: str, count: int) -> Any:
        found = self._take(np.dtype(dtype).itemsize * count)
        return np.frombuffer(found.tobytes(), dtype) if count else np.empty(0, dtype)

    def _take(self, size: int) -> Any:
        if size > self._content.size - self._at:
            raise Damaged("it ends too early")
        self._at += size
        return self._content[self._at - size : self._at]
