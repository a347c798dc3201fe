"""Between the bytes of a column and numpy arrays over them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from skyloom.data.buffer_checks import as_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import CODES, FIXED, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME, OFFSETS
from skyloom.data.table import Column
from skyloom.data.text_cells import Cells, cells_from_bytes

# what stands for a missing cell, by type; 0 is for columns without rows
MISSING = {
    "Integer": 0,
    "Double": np.nan,
    "Boolean": MISSING_BOOLEAN,
    "DateTime": MISSING_TIME,
    "TimeSpan": MISSING_TIME,
    "Categorical": MISSING_CODE,
}


def fixed_cells(column: Column) -> Any:
    """The cells of a column whose type has a fixed width, or the codes of a Categorical, (n_rows,)."""
    return as_array(column.buffers[0], CODES if column.type == "Categorical" else FIXED[column.type])


def text_cells(column: Column) -> Cells:
    """The cells of a String or Object column."""
    validity = as_array(column.buffers[2], "i1") if len(column.buffers) == 3 else None
    return Cells(as_array(column.buffers[0], OFFSETS), as_array(column.buffers[1], "u1"), validity)


def column_of_fixed(attributes: ColumnAttributes, cells: Any, categories: Column | None = None) -> Column:
    """A column of fixed width, or of codes into ``categories``."""
    array = np.ascontiguousarray(cells, CODES if attributes.type == "Categorical" else FIXED[attributes.type])
    return Column(attributes, len(array), (_bytes(array),), categories)


def column_of_text(attributes: ColumnAttributes, cells: Cells) -> Column:
    """A String or Object column."""
    arrays = [cells.offsets, cells.data] + ([] if cells.validity is None else [cells.validity])
    return Column(attributes, len(cells.offsets) - 1, tuple(map(_bytes, arrays)))


def empty_column(column: Column, target: str) -> Column:
    """As many missing cells of another type, under the same name and roles.

    An Integer has no missing cell, so with rows it comes out as Double.
    """
    kind = "Double" if target == "Integer" and column.rows else target
    attributes = replace(
        column.attributes,
        type=kind,
        unit="ns" if kind in ("DateTime", "TimeSpan") else None,
        time_zone=None,
        encoding=None,
        ordered=False,
        underlying=None,
    )
    if kind == "String":
        return column_of_text(attributes, cells_from_bytes([b""] * column.rows, np.ones(column.rows, bool)))
    return column_of_fixed(attributes, np.full(column.rows, MISSING[kind]))


def _bytes(array: Any) -> memoryview:
    raw: Any = np.ascontiguousarray(array).view("u1")
    return memoryview(raw)
