"""A column of 0 and 1 for each category, remembered for other data (Convert to Indicator Values)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skyloom.data.layout import MISSING_CODE
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import objects_from_cells
from skyloom.data.to_frame import series_from_column
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.cells import fixed_cells, text_cells
from skyloom.modules.tables.naming import with_appended
from skyloom.modules.tables.numbers import new_numbers

MISSING_LEVEL = "#NAN"  # studio.md 2.4


@dataclass(frozen=True)
class IndicatorTransformation:
    """Of each column the type of its categories and their texts, missing as "#NAN" where there was any.

    Data it is applied to may have the column as categories or as plain values of that type; a value that is
    no known category has 0 everywhere.
    """

    types: Mapping[str, str]
    levels: Mapping[str, tuple[str, ...]]
    overwrite: bool = False

    def apply(self, table: Table) -> Table:
        """The table with the indicators on the right, without the columns themselves with ``overwrite``.

        Raises
        ------
        ProblemError
            D010 a column is not there (Studio error 0001), M0016 it has values of another type.
        """
        columns = []
        for name, levels in self.levels.items():
            places = self._places(table.column(name), levels)
            for place, level in enumerate(levels):
                columns.append(new_numbers(f"{name}-{level}", places == place))
        if self.overwrite:
            kept = tuple(column for column in table if column.name not in self.levels)
            table = replace(table, columns=kept)
        return with_appended(table, columns)

    def _places(self, column: Column, levels: tuple[str, ...]) -> Any:
        """For each row the place of its level, -1 for none, (n_rows,)."""
        kind = column.attributes.underlying or column.type
        wanted = self.types[column.name]
        if kind != wanted and not {kind, wanted} <= {"Integer", "Double"}:
            raise studio_error(
                16,
                f"Column '{column.name}' has values of type {kind}; the indicators were made for {wanted}.",
                column.name,
                "Give it that type with Edit Metadata.",
            )
        known = {level: place for place, level in enumerate(levels)}
        if column.categories is None:
            places = np.array([known.get(text, -1) for text in texts_of(column, wanted)], np.int64)
            places[missing_mask(column)] = known.get(MISSING_LEVEL, -1)
            return places
        by_code = [known.get(text, -1) for text in texts_of(column.categories, wanted)]
        lookup = np.array([*by_code, known.get(MISSING_LEVEL, -1)], np.int64)
        return lookup[fixed_cells(column)]  # the code of a missing cell, -1, takes the last


def fit_indicators(columns: Sequence[Column], overwrite: bool) -> IndicatorTransformation:
    """The levels of each column: all its categories in their order, then missing cells if there are any.

    Raises
    ------
    ProblemError
        M0056 for a column that is not Categorical.
    """
    types, levels = {}, {}
    for column in columns:
        if column.categories is None:
            raise studio_error(
                56,
                f"Column '{column.name}' is {column.type}, not categorical.",
                "Categorical columns to convert",
                "Make it categorical with Edit Metadata.",
            )
        types[column.name] = column.categories.type
        has_missing = bool((fixed_cells(column) == MISSING_CODE).any())
        own = texts_of(column.categories, column.categories.type)
        levels[column.name] = (*own, *([MISSING_LEVEL] if has_missing and MISSING_LEVEL not in own else []))
    return IndicatorTransformation(types, levels, overwrite)


def texts_of(column: Column, kind: str) -> list[str]:
    """The values of a column as texts, numbers as those of type ``kind``; of missing cells any text."""
    if column.type == "String":
        return [str(value) for value in objects_from_cells(text_cells(column))]
    if column.type in ("Integer", "Double"):
        cells = fixed_cells(column)
        return [_number_text(value, kind) for value in cells.tolist()]
    if column.type == "Boolean":
        return [str(value > 0) for value in fixed_cells(column).tolist()]
    return [str(value) for value in series_from_column(column).tolist()]


def _number_text(value: float, kind: str) -> str:
    whole = kind == "Integer" and value == value and float(value).is_integer()
    return str(int(value)) if whole else str(float(value) if kind == "Double" else value)
