"""New columns by a function of one or two columns."""

from __future__ import annotations

from collections.abc import Sequence

from skyloom.data.table import Column, Table
from skyloom.modules.statistics.operations import computed
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.naming import renamed
from skyloom.modules.tables.numbers import column_of_numbers, numbers_of, numeric_columns


def math_columns(
    table: Table,
    names: Sequence[str],
    category: str,
    function: str,
    second: float | Sequence[str] | None,
) -> list[Column]:
    """A Double column FUNCTION(NAME) for each named one, FUNCTION(NAME_SECOND) with a second argument.

    Raises
    ------
    ProblemError
        M0017 a column is no number; M0027 as many second columns as neither one nor all.
    """
    columns = numeric_columns(table, names, "Column set")
    if second is None:
        results = [computed(category, function, numbers_of(column)) for column in columns]
        labels = [column.name for column in columns]
    elif isinstance(second, float):
        results = [computed(category, function, numbers_of(column), second) for column in columns]
        labels = [f"{column.name}_{second:g}" for column in columns]
    else:
        others = _paired(numeric_columns(table, second, "Second argument"), len(columns))
        pairs = list(zip(columns, others))
        results = [computed(category, function, numbers_of(a), numbers_of(b)) for a, b in pairs]
        labels = [f"{a.name}_{b.name}" for a, b in pairs]
    made = (
        column_of_numbers(column.attributes.as_feature(), cells) for column, cells in zip(columns, results)
    )
    return [renamed(column, f"{function}({label})") for column, label in zip(made, labels)]


def _paired(others: Sequence[Column], count: int) -> Sequence[Column]:
    if len(others) not in (1, count):
        raise studio_error(
            27,
            f"There are {len(others)} second columns for {count} columns.",
            "Column set",
            "Select one second column, or as many as columns.",
        )
    return list(others) * count if len(others) == 1 else others
