"""What a model loses when the values of a feature are mixed among the rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from skyloom.data.table import Table
from skyloom.modules.machine_learning.evaluate.model_scores import scores_beside_truth
from skyloom.modules.machine_learning.evaluate.single_measure import is_better_high, single_measure, suits
from skyloom.modules.machine_learning.models.labels import usable_rows
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.rows import keep_rows, take_cells

METRIC = "Metric for measuring performance"


def feature_losses(model: Any, table: Table, metric: str, seed: int) -> dict[str, float]:
    """By feature, in the order of the dataset; positive where the model needs the feature.

    Every feature is mixed once, by one stream of random numbers.

    Raises
    ------
    ProblemError
        M0105 the metric is none of the model's task, M0024 no label in the dataset, M0021 no labelled row.
    """
    if not suits(metric, model.task):
        raise studio_error(
            105,
            f"'{metric}' is no measure of a model for {model.task}.",
            METRIC,
            "Choose a measure of that task.",
        )
    if model.label not in table.names:
        raise studio_error(
            24,
            f"The test data has no column '{model.label}', the label of the model.",
            "Test data",
            "Connect labelled rows.",
        )
    rows = keep_rows(table, usable_rows(table.column(model.label)))
    if not rows.rows:
        raise studio_error(21, "No row of the test data has a label.", "Test data", "Connect labelled rows.")
    base = single_measure(scores_beside_truth(model, rows), metric)
    random = np.random.RandomState(seed)
    sign = 1 if is_better_high(metric) else -1
    losses = {}
    for name in (name for name in rows.names if name in model.features):
        mixed = take_cells(rows.column(name), random.permutation(rows.rows))
        changed = single_measure(scores_beside_truth(model, rows.with_columns([mixed])), metric)
        losses[name] = sign * (base - changed)
    return losses
