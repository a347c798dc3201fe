"""Rows of two tables, one below the other."""

from __future__ import annotations

from collections.abc import Iterator

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.table import Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.folds import FOLDS
from skyloom.modules.tables.stacking import mismatch, stacked


def put_below(upper: Table, lower: Table) -> Table:
    """All rows of ``upper``, then of ``lower``, with the attributes of ``upper`` (studio.md 2.4, Add Rows).

    Raises
    ------
    ProblemError
        M0061 different numbers of columns; else M0010 for every column of another name; else M0016 for every
        column of another type.
    """
    if len(upper.columns) != len(lower.columns):
        raise studio_error(
            61,
            f"The first dataset has {len(upper.columns)} columns, the second {len(lower.columns)}.",
            "Dataset2",
            "Select the same columns of both with Select Columns in Dataset.",
        )
    problems = list(_names_that_differ(upper, lower)) or list(_types_that_differ(upper, lower))
    if problems:
        raise ProblemError(problems)
    extras = {name: value for name, value in upper.extras.items() if name != FOLDS}
    columns = tuple(stacked(first, second) for first, second in zip(upper, lower))
    return Table(upper.rows + lower.rows, columns, extras if lower.rows else upper.extras)


def _names_that_differ(upper: Table, lower: Table) -> Iterator[Problem]:
    for place, (first, second) in enumerate(zip(upper.names, lower.names), start=1):
        if first != second:
            yield studio_error(
                10,
                f"Column {place} is '{first}' in the first dataset and '{second}' in the second.",
                f"column {place}",
                "Rename it with Edit Metadata, or reorder with Select Columns in Dataset.",
            ).problem


def _types_that_differ(upper: Table, lower: Table) -> Iterator[Problem]:
    for first, second in zip(upper, lower):
        reason = mismatch(first, second)
        if reason is not None:
            yield studio_error(
                16,
                f"The two parts of column '{first.name}' have different types: {reason}.",
                first.name,
                "Give both one type with Edit Metadata.",
            ).problem
