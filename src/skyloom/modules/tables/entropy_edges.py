"""Edges of bins that tell a label best: entropy with the minimum description length as the stop.

Our own, after the principle of Fayyad and Irani: a cut is worth while when the label's entropy falls by more
than it costs to describe the cut.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np


class _Cut(NamedTuple):
    worth: float  # negative gain in bits over all rows: the heap gives the best first
    place: int  # rows of the part that lie left of it
    start: int
    stop: int


def entropy_edges(numbers: Any, labels: Any, bins: int) -> tuple[float, ...]:
    """Inner edges of at most ``bins`` bins.

    Parameters
    ----------
    numbers
        (n_rows,), finite.
    labels
        Whole numbers from 0 on, one a row.
    bins
        The best cuts are made first, until there are so many bins or no further cut is worth while.
    """
    order = np.argsort(numbers, kind="stable")
    values = numbers[order]
    onehot = np.zeros((len(values), int(labels.max(initial=-1)) + 1))
    onehot[np.arange(len(values)), labels[order]] = 1
    waiting: list[_Cut] = []
    edges: list[float] = []
    _offer(waiting, values, onehot, 0, len(values))
    while waiting and len(edges) + 1 < bins:
        best = heappop(waiting)
        middle = best.start + best.place
        edges.append(_between(float(values[middle - 1]), float(values[middle])))
        _offer(waiting, values, onehot, best.start, middle)
        _offer(waiting, values, onehot, middle, best.stop)
    return tuple(sorted(edges))


def _offer(waiting: list[_Cut], values: Any, onehot: Any, start: int, stop: int) -> None:
    """Put the best cut of the part on the heap, when it is worth while."""
    part, rows = onehot[start:stop], stop - start
    places = np.flatnonzero(np.diff(values[start:stop]) > 0) + 1  # between unlike numbers only
    if not places.size:
        return
    left = np.cumsum(part, axis=0)[places - 1]
    whole = part.sum(axis=0)
    right = whole - left
    own = float(_entropy(whole[None])[0])
    sides = [_entropy(left), _entropy(right)]
    gains = own - (places * sides[0] + (rows - places) * sides[1]) / rows
    best = int(np.argmax(gains))
    kinds = [int(np.count_nonzero(side)) for side in (whole, left[best], right[best])]
    spent = kinds[0] * own - kinds[1] * float(sides[0][best]) - kinds[2] * float(sides[1][best])
    cost = (np.log2(rows - 1) + np.log2(3.0 ** kinds[0] - 2) - spent) / rows
    if gains[best] > cost:
        heappush(waiting, _Cut(-float(gains[best]) * rows, int(places[best]), start, stop))


def _entropy(counts: Any) -> Any:
    """Bits of each row of counts, (n_rows, n_labels)."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return -np.where(shares > 0, shares * np.log2(np.where(shares > 0, shares, 1)), 0).sum(axis=1)


def _between(lower: float, upper: float) -> float:
    """The middle, or ``lower`` where no number lies between."""
    middle = lower / 2 + upper / 2
    return middle if lower <= middle < upper else lower
