"""Columns in the order of their scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skyloom.data.table import Column, Table
from skyloom.modules.tables.feature_scores import count_of, score_of
from skyloom.modules.tables.numbers import new_numbers

Ranking = list[tuple[str, float]]


def ranking(table: Table, target: str, method: str, features_only: bool) -> Ranking:
    """Every column but the target with its score, the best first; equal ones in the order of the table."""
    goal = table.column(target)
    columns = [column for column in _candidates(table, features_only) if column.name != target]
    return _sorted([(column.name, score_of(column, goal, method)) for column in columns])


def ranking_by_count(table: Table, features_only: bool) -> Ranking:
    """Every column with the number of its cells that are neither missing nor 0."""
    columns = _candidates(table, features_only)
    return _sorted([(column.name, float(count_of(column))) for column in columns])


def ranking_table(ranked: Ranking) -> Table:
    """One row with a column for each name (studio.md 2.4)."""
    return Table(1, tuple(new_numbers(name, np.array([score])) for name, score in ranked))


def _candidates(table: Table, features_only: bool) -> Sequence[Column]:
    return [column for column in table if column.attributes.is_feature or not features_only]


def _sorted(scores: Ranking) -> Ranking:
    return sorted(scores, key=lambda pair: -pair[1])
