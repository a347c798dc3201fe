"""What columns of two datasets are called side by side, in the spelling of each generation (studio.md 2.4).

| | Studio (classic) | Designer |
|---|---|---|
| Add Columns | the right one gets ``x(2)`` | both are renamed, ``x_1`` and ``x_2`` |
| Join Data | the right one gets ``x (2)`` | the right one gets ``x_R``, then ``x_R1`` and so on |
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from skyloom.core.generation import DESIGNER
from skyloom.data.names import JOIN, unique_names


def names_beside(left: Sequence[str], right: Sequence[str], generation: str) -> tuple[str, ...]:
    """Names of all columns of Add Columns, the left table's first.

    >>> names_beside(["a", "b"], ["b"], "Designer")
    ('a', 'b_1', 'b_2')
    """
    if generation == DESIGNER:
        both = set(left) & set(right)
        left = [f"{name}_1" if name in both else name for name in left]
        right = [f"{name}_2" if name in both else name for name in right]
    return unique_names([*left, *right])


def joined_names(left: Sequence[str], right: Sequence[str], generation: str) -> tuple[str, ...]:
    """Names of all columns of Join Data, the left table's first.

    >>> joined_names(["a", "a_R"], ["a"], "Designer"), joined_names(["a"], ["a"], "Classic")
    (('a', 'a_R', 'a_R1'), ('a', 'a (2)'))
    """
    if generation != DESIGNER:
        return unique_names([*left, *right], JOIN)
    taken = {*left, *right}
    found = list(left)
    for name in right:
        if name in left:
            forms = (f"{name}_R{number or ''}" for number in count())
            name = next(form for form in forms if form not in taken)
            taken.add(name)
        found.append(name)
    return tuple(found)
