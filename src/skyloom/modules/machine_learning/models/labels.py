"""The label column as numbers, and back (studio.md 2.4, Train Model)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.data.missing import missing_mask
from skyloom.data.table import Column
from skyloom.data.to_frame import series_from_column
from skyloom.modules.machine_learning.models.plain_cells import number_cells
from skyloom.modules.tables.categories import plain_column
from skyloom.modules.tables.cells import fixed_cells


@dataclass(frozen=True)
class LabelClasses:
    """The distinct labels of a training dataset, sorted; the larger of two is the positive class."""

    values: Any  # (n_classes,), of int64, float64, bool or object

    def codes_of(self, column: Column) -> Any:
        """The class of each row, (n_rows,); -1 where it is missing or none of the classes."""
        places = {value: place for place, value in enumerate(self.values.tolist())}
        values = series_from_column(plain_column(column), load_objects=True).tolist()
        missing = missing_mask(column)
        found = [-1 if gone else places.get(value, -1) for value, gone in zip(values, missing)]
        return np.array(found, np.int64)

    def labels_of(self, codes: Any) -> Any:
        """The labels that stand for the classes, (n_rows,)."""
        return self.values[codes]

    def words(self) -> tuple[str, ...]:
        """The labels as text, for column names."""
        return tuple(label_word(value) for value in self.values.tolist())


def label_word(value: Any) -> str:
    """A label as text, for names of columns.

    >>> label_word(1.0), label_word("yes")
    ('1', 'yes')
    """
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def usable_rows(column: Column) -> Any:
    """True for rows whose label is neither missing nor infinite, (n_rows,)."""
    usable = ~missing_mask(column)
    if column.type == "Double":
        usable &= np.isfinite(fixed_cells(column))
    return usable


def classes_of(column: Column) -> LabelClasses:
    """The distinct labels of the usable rows of a column."""
    plain = plain_column(column)
    values = series_from_column(plain, load_objects=True).to_numpy()[usable_rows(column)]
    if plain.type in ("Integer", "Double", "Boolean"):
        return LabelClasses(np.unique(values.astype({"Integer": "i8", "Double": "f8"}.get(plain.type, bool))))
    distinct = set(values.tolist())
    try:
        ordered = sorted(distinct)
    except TypeError:  # unlike objects have no order of their own
        ordered = sorted(distinct, key=str)
    listed = np.empty(len(ordered), object)
    listed[:] = ordered
    return LabelClasses(listed)


def label_numbers(column: Column) -> tuple[Any, LabelClasses | None]:
    """The label of a regression as float64, missing as NaN; words by their place in sorted order."""
    plain = plain_column(column)
    if plain.type in ("Integer", "Double", "Boolean", "DateTime", "TimeSpan"):
        return number_cells(plain), None
    classes = classes_of(column)
    codes = classes.codes_of(column).astype(np.float64)
    return np.where(codes < 0, np.nan, codes), classes
