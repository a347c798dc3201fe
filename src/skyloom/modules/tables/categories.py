"""A Categorical column as the values that its categories stand for."""

from __future__ import annotations

from dataclasses import replace

from skyloom.data.table import Column
from skyloom.modules.tables.cells import fixed_cells
from skyloom.modules.tables.rows import take_cells


def plain_column(column: Column) -> Column:
    """The column's values in their own type, under its name and roles; other columns as they are."""
    if column.categories is None:
        return column
    values = take_cells(column.categories, fixed_cells(column))  # the code of a missing cell is NO_ROW
    own = column.attributes
    attributes = replace(
        values.attributes,
        name=own.name,
        is_feature=own.is_feature,
        label_role=own.label_role,
        score_role=own.score_role,
    )
    return replace(values, attributes=attributes)
