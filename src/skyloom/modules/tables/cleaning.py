"""What takes the place of missing cells, remembered for other data (studio.md 2.4, Clean Missing Data)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from skyloom.core.problem import ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.missing import missing_count, missing_mask
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.categories import plain_column
from skyloom.modules.tables.cells import column_of_fixed, fixed_cells
from skyloom.modules.tables.chained_equations import ChainedEquations, fit_chained_equations
from skyloom.modules.tables.filling import filled, value_as
from skyloom.modules.tables.keys import MISSING_KEY, row_keys
from skyloom.modules.tables.numbers import check_types
from skyloom.modules.tables.principal_components import PrincipalComponents, fit_principal_components
from skyloom.modules.tables.rows import keep_rows, take_cells

_ROW, _COLUMN = "Remove entire row", "Remove entire column"
_CUSTOM, _MODE = "Custom substitution value", "Replace with mode"
_MICE, _PCA = "Replace using MICE", "Replace using Probabilistic PCA"
_FIGURES: Mapping[str, Callable[[Any], float]] = {
    "Replace with mean": np.mean,
    "Replace with median": np.median,
}
_INDICATOR = "{}_IsMissing"


@dataclass(frozen=True)
class CleaningTransformation:
    """What was decided about each column, in plain values: it can be kept and applied to other data.

    ``types`` has every cleaned column with its type; new data must have them. ``replacements`` has a value
    for each column that is filled one by one, ``model`` estimates the columns in ``modelled`` together.
    """

    types: Mapping[str, str]
    replacements: Mapping[str, Any] = field(default_factory=dict)
    model: ChainedEquations | PrincipalComponents | None = None
    modelled: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()  # columns
    removes_rows: bool = False
    marked: tuple[str, ...] = ()  # columns that get an indicator
    has_work: bool = True  # whether the data it was made from had any missing cell

    def apply(self, table: Table) -> Table:
        """The table cleaned in the same way.

        Raises
        ------
        ProblemError
            D010 a column is not there (Studio error 0001), M0016 it has another type.
        """
        check_types(table, self.types)
        if self.removes_rows:
            missing = [missing_mask(table.column(name)) for name in self.types]
            return keep_rows(table, ~np.logical_or.reduce([np.zeros(table.rows, bool), *missing]))
        kept = table.select([name for name in table.names if name not in self.removed])
        indicators = [_indicator(table.column(name)) for name in self.marked]
        columns = [filled(table.column(name), value) for name, value in self.replacements.items()]
        return _with_new(kept.with_columns(columns + self._estimated(table)), indicators)

    def _estimated(self, table: Table) -> list[Column]:
        if self.model is None or not self.modelled:
            return []
        numbers = np.column_stack([fixed_cells(table.column(name)).astype("f8") for name in self.modelled])
        columns = [table.column(name) for name in self.modelled]
        incomplete = [missing_count(column) > 0 for column in columns]
        if not any(incomplete):
            return []
        estimates = self.model.estimated(numbers)
        return [
            column_of_fixed(columns[place].attributes, estimates[:, place])
            for place in np.flatnonzero(incomplete)
        ]


def columns_to_clean(table: Table, names: Sequence[str], least: float, greatest: float) -> list[str]:
    """Those of the columns of which a share within the bounds, both included, is missing.

    Raises
    ------
    ProblemError
        M0007 the bounds are the wrong way round.
    """
    if least > greatest:
        raise studio_error(
            7,
            f"The minimum ratio {least:g} is greater than the maximum ratio {greatest:g}.",
            "Minimum missing value ratio",
            "Exchange them.",
        )
    shares = {name: missing_count(table.column(name)) / max(table.rows, 1) for name in names}
    return [name for name, share in shares.items() if least <= share <= greatest]


def fit_cleaning(table: Table, names: Sequence[str], values: Mapping[str, Any]) -> CleaningTransformation:
    """Decide what becomes of missing cells in the named columns.

    Raises
    ------
    ProblemError
        M0017 a column's type does not suit the mode, M0042 nor the replacement value a column; where
        columns are estimated together, M0033 infinite numbers and M0039 no estimate.
    """
    mode = values["Cleaning mode"]
    columns = [table.column(name) for name in names]
    has_work = any(missing_count(column) for column in columns)
    base = CleaningTransformation({column.name: column.type for column in columns}, has_work=has_work)
    if mode == _ROW:
        return replace(base, removes_rows=True)
    if mode == _COLUMN:
        return replace(base, removed=tuple(c.name for c in columns if missing_count(c)))
    if values.get("Generate missing value indicator column"):
        base = replace(base, marked=tuple(names))
    if mode == _CUSTOM:
        return replace(base, replacements=_custom_values(columns, values.get("Replacement value")))
    hollow = tuple(c.name for c in columns if c.rows and missing_count(c) == c.rows)
    if hollow and values.get("Cols with all missing values") == "Remove":
        base = replace(base, removed=hollow, marked=tuple(name for name in base.marked if name not in hollow))
    usable = [column for column in columns if column.name not in hollow]
    if mode in (_MICE, _PCA):
        return _with_model(base, _numeric(usable, mode), values)
    if mode == _MODE:
        return replace(base, replacements={c.name: _most_frequent(c) for c in usable if c.rows})
    figures = {c.name: _figure(c, _FIGURES[mode]) for c in _numeric(usable, mode) if c.rows}
    return replace(base, replacements=figures)


def _with_model(
    base: CleaningTransformation, columns: Sequence[Column], values: Mapping[str, Any]
) -> CleaningTransformation:
    if not columns or not columns[0].rows:
        return base
    numbers = np.column_stack([fixed_cells(column).astype("f8") for column in columns])
    _refuse_infinite(columns, numbers)
    model: ChainedEquations | PrincipalComponents
    try:
        if values["Cleaning mode"] == _MICE:
            model = fit_chained_equations(numbers, values["Number of Iterations"])
        else:
            model = fit_principal_components(numbers, values["Number of Iterations for PCA Prediction"])
    except np.linalg.LinAlgError as error:
        raise studio_error(
            39,
            f"'{values['Cleaning mode']}' found no estimate: {error}.",
            "Cleaning mode",
            "Choose another mode, or leave columns out whose numbers differ by many powers of ten.",
        ) from error
    return replace(base, model=model, modelled=tuple(column.name for column in columns))


def _refuse_infinite(columns: Sequence[Column], numbers: Any) -> None:
    infinite = [column.name for column, found in zip(columns, np.isinf(numbers).any(axis=0)) if found]
    if infinite:
        raise studio_error(
            33,
            f"Infinite numbers allow no estimate: {', '.join(infinite)}.",
            infinite[0],
            "Replace them first, such as in Execute Python Script.",
        )


def _numeric(columns: Sequence[Column], mode: str) -> list[Column]:
    """The numeric ones; another one may not have missing cells."""
    wrong = [c for c in columns if not c.attributes.is_numeric and missing_count(c)]
    if wrong:
        names = ", ".join(f"'{column.name}' ({column.type})" for column in wrong)
        raise studio_error(
            17,
            f"'{mode}' is for numbers; it cannot fill {names}.",
            wrong[0].name,
            f"Clean these columns by themselves with '{_MODE}' or '{_CUSTOM}'.",
        )
    return [column for column in columns if column.attributes.is_numeric]


def _custom_values(columns: Sequence[Column], text: str | None) -> dict[str, Any]:
    """The text as a value of each column's own or underlying type; without missing cells it need not suit."""
    found = {}
    for column in columns:
        try:
            found[column.name] = value_as(column, text or "")
        except ProblemError as error:
            if missing_count(column):
                kind = column.attributes.underlying or column.type
                raise studio_error(
                    42,
                    f"'{text}' cannot replace missing values of column '{column.name}' of type {kind}.",
                    column.name,
                    "Give a value of that type, or clean this column by itself.",
                ) from error
    return found


def _figure(column: Column, compute: Callable[[Any], float]) -> float:
    return float(compute(fixed_cells(column)[~missing_mask(column)]))


def _most_frequent(column: Column) -> Any:
    """The most frequent value; of several their mean for numbers, else the least, of objects the first."""
    keys = row_keys([column])
    counts = np.bincount(keys[keys != MISSING_KEY])
    first = np.flatnonzero((keys != MISSING_KEY) & ~pd.Series(keys).duplicated())  # keys rise as they appear
    values = series_from_column(plain_column(take_cells(column, first[counts == counts.max()])))
    if column.attributes.is_numeric:
        return float(values.mean())
    return values.iloc[0] if "Object" in (column.type, column.attributes.underlying) else values.min()


def _indicator(column: Column) -> Column:
    attributes = ColumnAttributes(_INDICATOR.format(column.name), "Boolean")
    return column_of_fixed(attributes, missing_mask(column))


def _with_new(table: Table, columns: Sequence[Column]) -> Table:
    """The table with columns added on the right; a name that is taken gets " (1)", " (2)"."""
    taken = set(table.names)
    named = []
    for column in columns:
        name, number = column.name, 0
        while name in taken:
            number += 1
            name = f"{column.name} ({number})"
        taken.add(name)
        named.append(replace(column, attributes=replace(column.attributes, name=name)))
    return table.with_columns(named)
