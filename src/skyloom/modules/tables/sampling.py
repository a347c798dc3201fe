"""Drawing rows: shares, folds and strata (studio.md 2.4, Split Data and Partition and Sample).

All draws come from numpy's ``RandomState``, whose numbers never change for a seed. They are not those of the
old product's own generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skyloom.data.table import Column
from skyloom.modules.tables.keys import MISSING_KEY, row_keys


def strata(rows: int, key: Column | None) -> list[Any]:
    """Row numbers of each stratum, rising: one a distinct value of ``key`` and one for its missing cells.

    Without a key all rows are one stratum.
    """
    if key is None:
        return [np.arange(rows)]
    keys = row_keys([key])
    groups = np.where(keys == MISSING_KEY, keys.max(initial=-1) + 1, keys)
    order = np.argsort(groups, kind="stable")
    return [part for part in np.split(order, np.cumsum(np.bincount(groups))[:-1]) if len(part)]


def split_in_two(groups: Sequence[Any], fraction: float, seed: int | None) -> tuple[Any, Any]:
    """Row numbers of two parts: ``round(n * fraction)`` rows of every stratum, and the rest.

    With a seed: each stratum is permuted and cut, then both parts are shuffled. Without: the head of every
    stratum and its tail, in the order of the table. Halves are rounded to even, as Python does.
    """
    random = None if seed is None else np.random.RandomState(seed)
    heads, tails = [], []
    for rows in groups:
        drawn = rows if random is None else random.permutation(rows)
        cut = round(len(rows) * fraction)
        heads.append(drawn[:cut])
        tails.append(drawn[cut:])
    parts = [np.concatenate([*part, np.empty(0, np.int64)]).astype(np.int64) for part in (heads, tails)]
    for part in parts:
        if random is None:
            part.sort()
        else:
            random.shuffle(part)
    return parts[0], parts[1]


def sample(groups: Sequence[Any], rate: float, seed: int) -> Any:
    """Row numbers, rising, of ``round(n * rate)`` rows of every stratum."""
    random = np.random.RandomState(seed)
    drawn = [random.permutation(rows)[: round(len(rows) * rate)] for rows in groups]
    return np.sort(np.concatenate([*drawn, np.empty(0, np.int64)])).astype(np.int64)


def fold_sizes(rows: int, proportions: Sequence[float]) -> list[int]:
    """Whole numbers with the sum ``rows`` nearest to the proportions, which add up to 1.

    >>> fold_sizes(10, [0.25, 0.25, 0.5])
    [2, 3, 5]
    """
    ends = [round(rows * share) for share in np.cumsum(proportions)[:-1]]
    return [stop - start for start, stop in zip([0, *ends], [*ends, rows])]


def assign_folds(
    groups: Sequence[Any],
    proportions: Sequence[float] | int,
    seed: int | None,
    *,
    with_replacement: bool = False,
) -> tuple[Any, ...]:
    """Row numbers, rising, of each fold.

    Parameters
    ----------
    groups
        Strata; every fold gets its share of each.
    proportions
        Shares that add up to 1, or a number of folds of one size (sizes then differ by one at most).
    seed
        None deals the rows out in their order: even folds in turn, others in runs.
    with_replacement
        Every row of a fold is drawn from the whole stratum, so that a row may be in several folds, or twice
        in one, or in none. Needs a seed.
    """
    random = None if seed is None else np.random.RandomState(seed)
    count = proportions if isinstance(proportions, int) else len(proportions)
    folds: list[list[Any]] = [[] for _ in range(count)]
    dealt = 0
    for rows in groups:
        order = rows if random is None else random.permutation(rows)
        for fold, part in enumerate(_dealt(order, proportions, dealt)):
            if with_replacement and random is not None and len(rows):
                part = random.choice(rows, len(part), replace=True)
            folds[fold].append(part)
        dealt += len(rows)
    return tuple(np.sort(np.concatenate([*fold, np.empty(0, np.int64)])).astype(np.int64) for fold in folds)


def _dealt(order: Any, proportions: Sequence[float] | int, dealt: int) -> list[Any]:
    """The rows of one stratum, by fold; even folds go on where the last stratum ended."""
    if isinstance(proportions, int):
        return [order[(fold - dealt) % proportions :: proportions] for fold in range(proportions)]
    return np.split(order, np.cumsum(fold_sizes(len(order), proportions))[:-1])
