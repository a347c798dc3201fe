"""Columns as plain arrays and back, for the types whose cells an array can hold."""

from __future__ import annotations

from typing import Any

import numpy

from skyloom.data.buffer_checks import as_array
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.layout import FIXED
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column
from skyloom.data.text_cells import cells_from_objects
from skyloom.data.to_frame import series_from_column

# float64, missing is NaN; int64; objects: str, missing is None
ARRAY_TYPES = ("Double", "Integer", "String")


def array_from_column(column: Column) -> Any:
    """The cells of a column of one of ``ARRAY_TYPES``."""
    if column.type != "String":
        return as_array(column.buffers[0], FIXED[column.type])
    values = series_from_column(column).astype(object).to_numpy(dtype=object).copy()
    values[missing_mask(column)] = None
    return values


def column_from_array(attributes: ColumnAttributes, array: Any) -> Column:
    """A column over the array's own memory, of one of ``ARRAY_TYPES``."""
    if attributes.type == "String":
        missing = numpy.fromiter((cell is None for cell in array), bool, len(array))
        cells = cells_from_objects(array, missing, None, attributes.name)
        kept = [cells.offsets, cells.data] + ([] if cells.validity is None else [cells.validity])
        return Column(attributes, len(array), tuple(_bytes(part) for part in kept))
    return Column(attributes, len(array), (_bytes(numpy.ascontiguousarray(array, FIXED[attributes.type])),))


def _bytes(array: Any) -> memoryview:
    flat: Any = numpy.ascontiguousarray(array).view("u1")
    return memoryview(flat)
