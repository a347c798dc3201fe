"""Scores as columns of a table, with their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from skyloom.data.column_type import TRUE_LABELS
from skyloom.data.from_frame import column_from_series
from skyloom.data.table import Column, Table
from skyloom.modules.machine_learning.models.score_names import Named


def score_columns(scores: Mapping[str, Any], names: Named) -> list[Column]:
    """A column for each array of scores; the roles stand beside the names."""
    return [scored_column(scores[name], name, role) for name, role in names]


def scored_column(values: Any, name: str, role: str) -> Column:
    """One array of scores as a column that is no feature."""
    column = column_from_series(pd.Series(values), name)
    return replace(column, attributes=column.attributes.as_score(role))


def with_scores(
    table: Table, scores: Sequence[Column], label: str, append: bool, *, keep_label: bool = True
) -> Table:
    """The dataset with its scores on the right, or the scores (and the label) alone (studio.md 2.4).

    A column that has the name of a score is overwritten; one that had its role gives the role up. The label
    that the model was trained on is flagged as the label unless the dataset has one.
    """
    roles = {column.attributes.score_role for column in scores}
    names = {column.name for column in scores}
    kept = {
        column.name: replace(column.attributes, is_feature=False, score_role="")
        for column in table
        if column.attributes.score_role in roles and column.name not in names
    }
    if label in table.names and not any(column.label_role for column in table.schema):
        kept[label] = table.column(label).attributes.as_label(TRUE_LABELS)
    table = table.with_attributes(kept)
    if append:
        return table.with_columns(scores)
    if not keep_label:
        return Table(table.rows, tuple(scores))
    labels = [column for column in table if column.attributes.label_role and column.name not in names]
    return Table(table.rows, (*scores, *labels))
