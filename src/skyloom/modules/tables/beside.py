"""Columns of two tables side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skyloom.core.generation import CLASSIC
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Column, Table
from skyloom.modules.tables.naming import renamed
from skyloom.modules.tables.rows import NO_ROW, take_rows
from skyloom.modules.tables.two_sided_names import names_beside


def put_beside(left: Table, right: Table, generation: str = CLASSIC) -> Table:
    """All columns of both, the shorter table filled up with missing cells (studio.md 2.4, Add Columns).

    A role that the left table has given away is lost on the right. The fold assignment is the left's, while
    it needed no filling.
    """
    rows = max(left.rows, right.rows)
    roles = {role for a in left.schema for role in (a.label_role, a.score_role) if role}
    columns = [*_filled(left, rows).columns]
    columns += [_without(column, roles) for column in _filled(right, rows)]
    names = names_beside(left.names, right.names, generation)
    named = tuple(renamed(column, name) for column, name in zip(columns, names))
    return Table(rows, named, left.extras if left.rows == rows else {})


def _filled(table: Table, rows: int) -> Table:
    if table.rows == rows:
        return table
    places = np.concatenate([np.arange(table.rows), np.full(rows - table.rows, NO_ROW)])
    return take_rows(table, places)


def _without(column: Column, roles: set[str]) -> Column:
    attributes: ColumnAttributes = column.attributes
    if roles & {attributes.label_role, attributes.score_role}:
        return replace(column, attributes=attributes.as_feature())
    return column
