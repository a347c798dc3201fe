"""Some rows of a table, in any order, with missing cells where a row has no counterpart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from skyloom.data.layout import FIXED
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import arrow_from_cells, cells_from_arrow
from skyloom.modules.tables.cells import MISSING, column_of_fixed, column_of_text, fixed_cells, text_cells
from skyloom.modules.tables.folds import FOLDS

NO_ROW = -1


def take_rows(table: Table, places: Any) -> Table:
    """The rows at ``places`` (0-based), in that order; attributes follow, the fold assignment does not.

    Parameters
    ----------
    places
        Whole numbers, (n_taken,). ``NO_ROW`` gives a row of missing cells, for which an Integer column
        becomes Double.
    """
    places = np.asarray(places, np.int64)
    if len(places) == table.rows and np.array_equal(places, np.arange(table.rows)):
        return table
    extras = {name: value for name, value in table.extras.items() if name != FOLDS}
    if len(places) and places[0] >= 0 and (np.diff(places) == 1).all():
        start, stop = int(places[0]), int(places[-1]) + 1
        columns = tuple(_run_of_cells(column, start, stop) for column in table.columns)
    else:
        columns = tuple(take_cells(column, places) for column in table.columns)
    return Table(len(places), columns, extras)


def keep_rows(table: Table, is_kept: Any) -> Table:
    """The rows for which the boolean array (n_rows,) holds true, in their order."""
    return take_rows(table, np.flatnonzero(is_kept))


def take_cells(column: Column, places: Any) -> Column:
    """One column's cells at ``places``; ``NO_ROW`` gives a missing cell."""
    lost = places < 0
    if column.type in ("String", "Object"):
        # pyarrow gathers bytes of any length; validity and offsets of both types lie alike
        rows = pa.array(places, mask=lost) if lost.any() else pa.array(places)
        return column_of_text(
            column.attributes, cells_from_arrow(arrow_from_cells(text_cells(column)).take(rows))
        )
    attributes, cells = column.attributes, fixed_cells(column)
    if not lost.any():
        return column_of_fixed(attributes, cells[places], column.categories)
    if column.type == "Integer":
        attributes = replace(attributes, type="Double")
    # a column without rows has nothing to look up for the lost ones
    found = cells[np.where(lost, 0, places)] if column.rows else np.zeros(len(places), cells.dtype)
    return column_of_fixed(attributes, np.where(lost, MISSING[attributes.type], found), column.categories)


def _run_of_cells(column: Column, start: int, stop: int) -> Column:
    """Neighbouring cells: those of fixed width over the same memory."""
    if column.type in ("String", "Object"):
        arrow = arrow_from_cells(text_cells(column)).slice(start, stop - start)
        return column_of_text(column.attributes, cells_from_arrow(arrow))
    width = 4 if column.type == "Categorical" else np.dtype(FIXED[column.type]).itemsize
    part = column.buffers[0].cast("B")[start * width : stop * width]
    return Column(column.attributes, stop - start, (part,), column.categories)
