"""The measures of a scored dataset, whatever its task, and how each generation spells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skyloom.core.generation import DESIGNER
from skyloom.modules.machine_learning.evaluate.cluster_measures import COLUMNS, cluster_measures
from skyloom.modules.machine_learning.evaluate.multiclass_measures import (
    confusion_matrix,
    confusion_table,
    multiclass_measures,
)
from skyloom.modules.machine_learning.evaluate.regression_measures import (
    average_quantile_loss,
    regression_measures,
    residual_bins,
)
from skyloom.modules.machine_learning.evaluate.scored_dataset import ScoredDataset
from skyloom.modules.machine_learning.evaluate.two_class_measures import (
    two_class_charts,
    two_class_measures,
)
from skyloom.modules.machine_learning.models.task import Task

_CLASSIC_ONLY = "Average_Accuracy"


def measure_lines(scored: ScoredDataset, generation: str) -> list[dict[str, Any]]:
    """One line of measures for a dataset; of clusters one for each and one for all."""
    if scored.task is Task.CLUSTER:
        distances = np.column_stack([scored.scores[name] for name in sorted(scored.scores, key=int)])
        return [dict(zip(COLUMNS, line)) for line in cluster_measures(scored.predicted, distances)]
    return [spelled(measures(scored), generation)]


def measures(scored: ScoredDataset) -> dict[str, float]:
    """One number a measure, under Designer's names (with classic's average accuracy for several classes)."""
    if scored.task in (Task.BINARY, Task.ANOMALY):
        return two_class_measures(*_two_class(scored))
    if scored.task is Task.MULTICLASS:
        return multiclass_measures(matrix_of(scored))
    found = regression_measures(scored.truth, scored.predicted)
    if scored.task is Task.QUANTILE:
        quantiles = sorted(scored.scores, key=float)
        forecasts = np.column_stack([scored.scores[name] for name in quantiles])
        asked = [float(name) for name in quantiles]
        found["Average Quantile Loss"] = average_quantile_loss(scored.truth, forecasts, asked)
    return found


def charts(scored: ScoredDataset) -> dict[str, dict[str, Any]]:
    """Tables for pictures, by name."""
    if scored.task in (Task.BINARY, Task.ANOMALY):
        return two_class_charts(*_two_class(scored))
    if scored.task is Task.MULTICLASS:
        return {"Confusion matrix": confusion_table(matrix_of(scored), scored.words)}
    if scored.task in (Task.REGRESSION, Task.QUANTILE):
        return {"Error histogram": residual_bins(scored.truth, scored.predicted)}
    return {}


def matrix_of(scored: ScoredDataset) -> Any:
    """The confusion matrix of a classification."""
    return confusion_matrix(scored.truth, scored.predicted, len(scored.classes))


def spelled(found: Mapping[str, float], generation: str) -> dict[str, float]:
    """Measures under the names of a generation: Designer's as they are, classic's as spaced words."""
    if generation == DESIGNER:
        return {name: value for name, value in found.items() if name != _CLASSIC_ONLY}
    return {name.replace("_", " "): value for name, value in found.items()}


def _two_class(scored: ScoredDataset) -> tuple[Any, Any, Any]:
    predicted = scored.predicted == 1
    scores = scored.scores.get("")
    return scored.truth == 1, predicted, predicted.astype(float) if scores is None else scores
