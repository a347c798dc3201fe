"""Columns of two tables side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.names import unique_names
from skyloom.data.table import Column, Table
from skyloom.modules.tables.rows import NO_ROW, take_rows


def put_beside(left: Table, right: Table) -> Table:
    """All columns of both, the shorter table filled up with missing cells (studio.md 2.4, Add Columns).

    A role that the left table has given away is lost on the right. The fold assignment is the left's, while
    it needed no filling.
    """
    rows = max(left.rows, right.rows)
    roles = {role for a in left.schema for role in (a.label_role, a.score_role) if role}
    columns = [*_filled(left, rows).columns]
    columns += [_without(column, roles) for column in _filled(right, rows)]
    names = unique_names([column.name for column in columns])
    named = tuple(_named(column, name) for column, name in zip(columns, names))
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


def _named(column: Column, name: str) -> Column:
    return (
        column if column.name == name else replace(column, attributes=replace(column.attributes, name=name))
    )
