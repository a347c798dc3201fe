"""A model asked about labelled rows, and its answer beside the truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from skyloom.data.column_type import TRUE_LABELS
from skyloom.data.table import Table
from skyloom.modules.machine_learning.evaluate.scored_dataset import ScoredDataset, read_scored
from skyloom.modules.machine_learning.models.score_columns import with_scores


def labelled(table: Table, label: str) -> Table:
    """The dataset with that column, and no other, flagged as the label."""
    cleared = {
        column.name: replace(column, is_feature=False, label_role="")
        for column in table.schema
        if column.label_role and column.name != label
    }
    return table.with_attributes({**cleared, label: table.column(label).attributes.as_label(TRUE_LABELS)})


def scores_beside_truth(model: Any, table: Table) -> ScoredDataset:
    """The scores of a dataset that has the model's label; the problems are those of scoring and reading."""
    labels = labelled(table, model.label)
    return read_scored(with_scores(labels, model.score_table(table), model.label, True), "Dataset")
