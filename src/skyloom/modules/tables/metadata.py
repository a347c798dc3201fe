"""Type, role and name of columns (studio.md 2.4, Edit Metadata)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.conversion import convert_column
from skyloom.data.missing import missing_mask
from skyloom.data.names import text_names
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.categories import plain_column
from skyloom.modules.tables.cells import empty_column
from skyloom.modules.tables.name_list import split_names
from skyloom.modules.tables.roles import in_role
from skyloom.modules.tables.time_format import strptime_format

_Change = Callable[[Column], Column]


def as_type(table: Table, names: Sequence[str], target: str, time_format: str = "") -> Table:
    """The named columns converted; a column that is Categorical stays so, of the new values.

    Raises
    ------
    ProblemError
        D018 (Studio error 0042) for every column that does not convert.
    """
    pattern = strptime_format(time_format) if time_format.strip() else None
    return _each(table, names, lambda column: _converted(column, target, pattern))


def as_categories(table: Table, names: Sequence[str], is_categorical: bool) -> Table:
    """The named columns as categories, or as the values that their categories stand for."""
    if is_categorical:
        return _each(table, names, lambda column: convert_column(column, "Categorical"))
    return _each(table, names, plain_column)


def with_role(table: Table, names: Sequence[str], role: str) -> Table:
    """The named columns taken for features, labels and so on; the words are those of the parameter.

    Raises
    ------
    ProblemError
        M0037 several labels; D083 weights, which no learner here uses.
    """
    if role in ("Weights", "ClearWeights"):
        problem = Problem(
            "D083", "Weights are not supported.", "Fields", "Choose another role for the column."
        )
        raise ProblemError(problem)
    if role == "Labels":
        others = [a.name for a in table.schema if a.label_role and a.name not in names]
        if len(names) + len(others) > 1:
            raise studio_error(
                37,
                f"The dataset would have several labels: {', '.join([*names, *others])}.",
                "Column",
                "Select one column, and clear the label of the others with ClearLabels first.",
            )
    return table.with_attributes({name: in_role(table.column(name).attributes, role) for name in names})


def with_new_names(table: Table, names: Sequence[str], text: str) -> Table:
    """The named columns renamed, in the order in which they were picked.

    Raises
    ------
    ProblemError
        M0027 the number of names differs, M0028 a name is used twice.
    """
    new_names = text_names(split_names(text))
    if len(new_names) != len(names):
        raise studio_error(
            27,
            f"There are {len(new_names)} new names for {len(names)} columns.",
            "New Column Name",
            "Give one name for each selected column, separated by commas.",
        )
    renamed = dict(zip(names, new_names))
    result = [renamed.get(name, name) for name in table.names]
    repeated = sorted({name for name in result if result.count(name) > 1})
    if repeated:
        raise studio_error(
            28,
            f"Several columns would be named '{repeated[0]}'.",
            "New Column Name",
            "Choose names that no other column has.",
        )
    return table.rename(renamed)


def _each(table: Table, names: Sequence[str], change: _Change) -> Table:
    """Every named column changed; the faults of all of them are told together."""
    problems: list[Problem] = []
    columns = list(_changed(table, names, change, problems))
    if problems:
        raise ProblemError(problems)
    return table.with_columns(columns)


def _changed(
    table: Table, names: Sequence[str], change: _Change, problems: list[Problem]
) -> Iterator[Column]:
    for name in names:
        try:
            yield change(table.column(name))
        except ProblemError as error:
            problems.extend(error.problems)


def _converted(column: Column, target: str, pattern: str | None) -> Column:
    # only the metadata of a column that holds nothing changes (studio.md 2.4)
    is_empty = column.rows == 0 or bool(missing_mask(column).all())
    plain = plain_column(column)
    made = empty_column(plain, target) if is_empty else convert_column(plain, target, time_format=pattern)
    return convert_column(made, "Categorical") if column.type == "Categorical" else made
