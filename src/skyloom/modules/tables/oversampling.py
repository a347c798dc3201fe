"""New rows between rows of the rarest class and their neighbours (SMOTE).

Our own, after the principle of Chawla and others: a new row lies on the line from a row to one of its
nearest neighbours of the same class; what is no number comes from either of the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.folds import FOLDS
from skyloom.modules.tables.keys import MISSING_KEY, row_keys
from skyloom.modules.tables.numbers import column_of_numbers, numbers_of
from skyloom.modules.tables.rows import take_cells
from skyloom.modules.tables.standard_scale import fit_scale

_CHUNK_CELLS = 1 << 22


def rarest_class(label: Column) -> Any:
    """Rows, rising, of the label value with the fewest rows; of several the one that appears first.

    Raises
    ------
    ProblemError
        M0083 the label has one value only or none.
    """
    keys = row_keys([label])
    counts = np.bincount(keys[keys != MISSING_KEY])
    if len(counts) < 2:
        raise studio_error(
            83,
            f"Column '{label.name}' has {len(counts)} distinct values; SMOTE needs two classes at least.",
            "Label column",
            "Choose the column of the classes.",
        )
    return np.flatnonzero(keys == int(np.argmin(counts)))


def with_synthetic_rows(table: Table, label: str, percentage: int, neighbours: int, seed: int) -> Table:
    """The table, then new rows of the rarest class: ``percentage`` of the rows that it has.

    Every row of the class is the origin of percentage // 100 new ones, and as many drawn rows as the rest of
    the percentage asks for of one more. Numbers are drawn evenly between origin and neighbour and come as
    Double; where either is missing the new cell is.

    Raises
    ------
    ProblemError
        M0083 fewer than two classes; M0007 more neighbours than the class has other rows.
    """
    rare = rarest_class(table.column(label))
    whole, rest = divmod(percentage, 100)
    random = np.random.RandomState(seed)
    drawn = random.permutation(len(rare))[: round(len(rare) * rest / 100)]
    origins = np.concatenate([np.repeat(np.arange(len(rare)), whole), np.sort(drawn)]).astype(np.int64)
    if not len(origins):
        return table
    if neighbours > len(rare) - 1:
        raise studio_error(
            7,
            f"The rarest class has {len(rare)} rows, so a row has {len(rare) - 1} neighbours at most, not "
            f"{neighbours}.",
            "Number of nearest neighbors",
            "Use a smaller number.",
        )
    features = [column for column in table if column.name != label]
    near = _nearest([take_cells(column, rare) for column in features], len(rare), neighbours)
    chosen = near[origins, random.randint(0, neighbours, len(origins))]
    shares = random.random_sample(len(origins))
    first, second = rare[origins], rare[chosen]
    columns = []
    for column in table:
        takes_second = random.random_sample(len(origins)) < 0.5
        if column.name == label:
            columns.append(_followed(column, first))
        elif column.attributes.is_numeric:
            columns.append(_between(column, first, second, shares))
        else:
            columns.append(_followed(column, np.where(takes_second, second, first)))
    extras = {name: value for name, value in table.extras.items() if name != FOLDS}
    return Table(table.rows + len(origins), tuple(columns), extras)


def _followed(column: Column, rows: Any) -> Column:
    return take_cells(column, np.concatenate([np.arange(column.rows), rows]))


def _between(column: Column, first: Any, second: Any, shares: Any) -> Column:
    numbers = numbers_of(column)
    new = numbers[first] * (1 - shares) + numbers[second] * shares
    return column_of_numbers(column.attributes, np.concatenate([numbers, new]))


def _nearest(columns: list[Column], rows: int, neighbours: int) -> Any:
    """For each row the nearest other rows, nearest first, (n_rows, neighbours).

    A number counts by its distance in standard deviations, missing as the mean; another cell counts 1 when
    it differs. Of equally near rows the upper one comes first.
    """
    numbers = [numbers_of(column) for column in columns if column.attributes.is_numeric]
    points = np.zeros((rows, 0))
    if numbers:
        finite = np.column_stack([np.where(np.isfinite(cells), cells, np.nan) for cells in numbers])
        empty = np.isnan(finite).all(axis=0)
        finite[:, empty] = 0
        points = np.nan_to_num(fit_scale(finite).standard(finite))
    others = [_codes(column) for column in columns if not column.attributes.is_numeric]
    chunk = max(_CHUNK_CELLS // max(rows, 1), 1)
    found = np.empty((rows, neighbours), np.int64)
    for start in range(0, rows, chunk):
        own = np.arange(start, min(start + chunk, rows))
        distances = _squared(points[own], points)
        for codes in others:
            distances += codes[own][:, None] != codes[None]
        distances[np.arange(len(own)), own] = np.inf
        found[own] = np.argsort(distances, axis=1, kind="stable")[:, :neighbours]
    return found


def _squared(own: Any, points: Any) -> Any:
    lengths = (points**2).sum(axis=1)
    return np.maximum((own**2).sum(axis=1)[:, None] + lengths[None] - 2 * own @ points.T, 0)


def _codes(column: Column) -> Any:
    """Equal cells as equal numbers; missing ones are equal too."""
    keys = row_keys([column])
    return np.where(missing_mask(column), MISSING_KEY, keys)
