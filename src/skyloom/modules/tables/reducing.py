"""Columns of numbers put on fewer axes, remembered for other data (Principal Component Analysis)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.naming import with_appended
from skyloom.modules.tables.numbers import check_types, new_numbers, numbers_of


@dataclass(frozen=True)
class ReducingTransformation:
    """What is taken from each column, and the axes, (n_dimensions, n_columns), at right angles."""

    types: Mapping[str, str]
    means: tuple[float, ...]
    axes: tuple[tuple[float, ...], ...]

    def apply(self, table: Table) -> Table:
        """The table without the columns, and with Col1, Col2, ... on the right.

        A missing number makes all of these missing in its row.

        Raises
        ------
        ProblemError
            D010 a column is not there (Studio error 0001), M0016 it is no number.
        """
        check_types(table, self.types)
        numbers = _side_by_side([table.column(name) for name in self.types])
        reduced = (numbers - np.array(self.means)) @ np.array(self.axes).T
        kept = tuple(column for column in table if column.name not in self.types)
        made = [new_numbers(f"Col{place}", cells) for place, cells in enumerate(reduced.T, 1)]
        return with_appended(replace(table, columns=kept), made)


def fit_reducing(columns: Sequence[Column], dimensions: int, centred: bool) -> ReducingTransformation:
    """The axes of most variance, the greatest first; the heaviest weight of each is positive.

    Raises
    ------
    ProblemError
        M0081 more dimensions than columns or rows, M0039 missing or infinite numbers.
    """
    rows = columns[0].rows
    most = min(rows, len(columns))
    if dimensions > most:
        raise studio_error(
            81,
            f"{len(columns)} columns of {rows} rows have {most} dimensions at most, not {dimensions}.",
            "Number of dimensions to reduce to",
            "Use a smaller number.",
        )
    numbers = _side_by_side(columns)
    bad = [column.name for column, cells in zip(columns, numbers.T) if not np.isfinite(cells).all()]
    if bad:
        raise studio_error(
            39,
            f"Missing or infinite numbers allow no analysis: {', '.join(bad)}.",
            bad[0],
            "Clean them with Clean Missing Data, or leave the columns out.",
        )
    means = numbers.mean(axis=0) if centred else np.zeros(len(columns))
    axes = np.linalg.svd(numbers - means, full_matrices=False)[2][:dimensions]
    heaviest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[np.arange(len(axes)), heaviest])[:, None]
    types = {column.name: column.type for column in columns}
    return ReducingTransformation(types, tuple(means.tolist()), tuple(map(tuple, axes.tolist())))


def _side_by_side(columns: Sequence[Column]) -> Any:
    return np.column_stack([numbers_of(column) for column in columns])
