"""Split Data's Recommender Split: ratings divided by their users and items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skyloom.data.table import Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.keys import MISSING_KEY, row_keys


def split_ratings(table: Table, values: Mapping[str, Any]) -> tuple[Any, Any]:
    """Row numbers, rising, of the training and of the test part.

    The first column is the user, the second the item. Ignored users and items are left out of both parts;
    cold ones are in the test part only, training-only users in the training part only. Of each other user's
    ratings a share is for training. Shares are of all users, or of all items. The old product's own draw is
    not published; this one follows the meaning of its parameters.

    Raises
    ------
    ProblemError
        M0020 fewer than two columns, M0034 a user who rates an item twice, M0008 shares that exceed 1.
    """
    users, items = _users_and_items(table)
    random = np.random.RandomState(values["Random seed for Recommender"])
    ignored_users, cold_users, training_users = _drawn(
        users.max(initial=-1) + 1,
        random,
        [
            values["Fraction of ignored users"],
            values["Fraction of cold users"],
            values["Fraction of training-only users"],
        ],
        "users",
    )
    ignored_items, cold_items = _drawn(
        items.max(initial=-1) + 1,
        random,
        [values["Fraction of ignored items"], values["Fraction of cold items"]],
        "items",
    )
    is_used = ~(np.isin(users, ignored_users) | np.isin(items, ignored_items))
    is_cold = np.isin(users, cold_users) | np.isin(items, cold_items)
    is_open = is_used & ~is_cold
    first = is_open & np.isin(users, training_users)
    drawable = np.flatnonzero(is_open & ~first)
    first[drawable] = _share_of_each(
        users[drawable], values["Fraction of test user ratings for training"], random
    )
    second = is_used & ~first
    if values["Remove occasionally produced cold items"]:
        second &= np.isin(items, items[first]) | np.isin(items, cold_items)
    return np.flatnonzero(first), np.flatnonzero(second)


def _users_and_items(table: Table) -> tuple[Any, Any]:
    if len(table.columns) < 2:
        raise studio_error(
            20,
            f"A Recommender Split needs users and items; the dataset has {len(table.columns)} columns.",
            "Dataset",
            "Put the user first, the item second and the rating third.",
        )
    users, items = (row_keys([column]) for column in table.columns[:2])
    pairs = row_keys(table.columns[:2])
    present = pairs[pairs != MISSING_KEY]
    if len(np.unique(present)) < len(present):
        raise studio_error(
            34,
            "A user has rated an item more than once.",
            "Dataset",
            "Keep one of the ratings with Remove Duplicate Rows.",
        )
    return users, items


def _drawn(count: int, random: Any, fractions: list[float], what: str) -> list[Any]:
    if sum(fractions) > 1 + 1e-9:
        raise studio_error(
            8,
            f"The fractions of {what} add up to {sum(fractions):g}, more than 1.",
            what,
            "Make them smaller.",
        )
    ends = np.cumsum([round(count * fraction) for fraction in fractions])
    return np.split(random.permutation(count), ends)[:-1]


def _share_of_each(users: Any, share: float, random: Any) -> Any:
    """Which of the ratings are drawn, the same share of each user's."""
    is_drawn = np.zeros(len(users), bool)
    shuffled = random.permutation(len(users))
    order = shuffled[np.argsort(users[shuffled], kind="stable")]
    sizes = np.unique(users, return_counts=True)[1]
    place = np.arange(len(users)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_drawn[order] = place < np.repeat(np.round(sizes * share), sizes)
    return is_drawn
