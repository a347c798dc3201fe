"""A table's columns as the arrays that models read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import arrow_from_cells
from skyloom.data.to_frame import series_from_column
from skyloom.modules.tables.cells import fixed_cells, text_cells

_NUMBERS = ("Integer", "Double", "Boolean", "DateTime", "TimeSpan")
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


@dataclass(frozen=True)
class Coded:
    """Words as whole numbers into the list of those that occur; -1 is a missing cell."""

    codes: Any  # (n_rows,)
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


def is_number(attributes: ColumnAttributes) -> bool:
    """Whether a model sees the column as one number a row: numbers, truth values, times (studio.md 2.4)."""
    return attributes.type in _NUMBERS


def number_columns(table: Table, names: Iterable[str]) -> dict[str, Any]:
    """The named columns as numbers; one without any value may be of any type."""
    return {
        name: number_cells(column) if is_number(column.attributes) else np.full(column.rows, np.nan)
        for name, column in ((name, table.column(name)) for name in names)
    }


def word_columns(table: Table, names: Iterable[str]) -> dict[str, Any]:
    """The named columns as words; one without any value may be of any type."""
    return {
        name: Coded(np.full(column.rows, -1), ()) if is_number(column.attributes) else word_cells(column)
        for name, column in ((name, table.column(name)) for name in names)
    }


def number_cells(column: Column) -> Any:
    """The cells as float64, times as nanoseconds, missing as NaN."""
    cells = fixed_cells(column).astype(np.float64)
    if column.type in ("DateTime", "TimeSpan"):
        cells *= _NANOSECONDS[column.attributes.unit or "ns"]
    if column.type not in ("Integer", "Double"):
        cells[missing_mask(column)] = np.nan
    return cells


def word_cells(column: Column) -> Coded:
    """The cells as words: text as it is, anything else by ``str()``."""
    if column.type == "String":
        coded = arrow_from_cells(text_cells(column)).dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return Coded(codes.astype(np.int64), tuple(coded.dictionary.to_pylist()))
    if column.categories is not None:
        words = [str(value) for value in series_from_column(column.categories, load_objects=True).tolist()]
        return _distinct(fixed_cells(column).astype(np.int64), words)
    values = series_from_column(column, load_objects=True).tolist()
    missing = missing_mask(column)
    coded = pa.array(["" if gone else str(value) for value, gone in zip(values, missing)]).dictionary_encode()
    codes = np.where(missing, -1, coded.indices.to_numpy()).astype(np.int64)
    return Coded(codes, tuple(coded.dictionary.to_pylist()))


def as_words(values: Any) -> Coded:
    """Any array of words given from outside as ``Coded``; None and NaN are missing."""
    if isinstance(values, Coded):
        return values
    places: dict[str, int] = {}
    codes = np.empty(len(values), np.int64)
    for row, value in enumerate(values.tolist() if hasattr(values, "tolist") else values):
        missing = value is None or value != value
        codes[row] = -1 if missing else places.setdefault(str(value), len(places))
    return Coded(codes, tuple(places))


def as_numbers(values: Any) -> Any:
    """Any array of numbers, truth values or times given from outside as float64; None and NaT are NaN.

    Numbers and times may be text too, times in ISO form.
    """
    array = np.asarray(values)
    if array.dtype.kind in "mM":
        cells = array.astype(f"{array.dtype.kind}8[ns]").view(np.int64).astype(np.float64)
        cells[np.isnat(array)] = np.nan
        return cells
    if array.dtype.kind in "OU":
        return _numbers_of_objects(array)
    return array.astype(np.float64)


def sample_row(table: Table, names: Iterable[str]) -> Mapping[str, Any]:
    """The first row as values that JSON has, times as ISO text, missing as None; nothing of no rows."""
    if not table.rows:
        return {}
    row = {}
    for name in names:
        column = table.column(name)
        value = series_from_column(column, load_objects=True).iloc[0]
        gone = bool(missing_mask(column)[0])
        row[name] = None if gone else _plain(value)
    return row


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _numbers_of_objects(array: Any) -> Any:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):  # times, as objects or text
        first = next(value for value in array.tolist() if value is not None)
        is_span = isinstance(first, timedelta) or (isinstance(first, str) and first.startswith("P"))
        times = pd.to_timedelta(array) if is_span else pd.to_datetime(array, utc=True, format="ISO8601")
        return as_numbers(times.to_numpy(dtype="m8[ns]" if is_span else "M8[ns]"))


def _distinct(codes: Any, words: list[str]) -> Coded:
    """Categories whose texts are alike taken together."""
    places: dict[str, int] = {}
    moved = np.array([places.setdefault(word, len(places)) for word in words], np.int64)
    if len(places) == len(words):
        return Coded(codes, tuple(words))
    return Coded(np.where(codes < 0, -1, moved[np.maximum(codes, 0)]), tuple(places))
