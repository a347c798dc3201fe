"""One measure of a scored dataset by its name in a parameter, and whether more of it is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from skyloom.modules.machine_learning.evaluate.measuring import matrix_of
from skyloom.modules.machine_learning.evaluate.multiclass_measures import macro_f_score, multiclass_measures
from skyloom.modules.machine_learning.evaluate.regression_measures import regression_measures
from skyloom.modules.machine_learning.evaluate.scored_dataset import ScoredDataset
from skyloom.modules.machine_learning.evaluate.two_class_measures import sweep_thresholds, two_class_measures
from skyloom.modules.machine_learning.models.task import Task

ACCURACY, PRECISION, RECALL = "Accuracy", "Precision", "Recall"
F_SCORE, AUC, LOG_LOSS, LOG_LOSS_REDUCTION = "F-score", "AUC", "Average Log Loss", "Train Log Loss"

CLASSIFICATION = (ACCURACY, PRECISION, RECALL, F_SCORE, AUC, LOG_LOSS, LOG_LOSS_REDUCTION)
# our own words for a regression's measures -> the words that parameters use in their two spellings
REGRESSION: Mapping[str, tuple[str, str]] = {
    "Mean_Absolute_Error": ("Mean absolute error", "Mean Absolute Error"),
    "Root_Mean_Squared_Error": ("Root of mean squared error", "Root Mean Squared Error"),
    "Relative_Absolute_Error": ("Relative absolute error", "Relative Absolute Error"),
    "Relative_Squared_Error": ("Relative squared error", "Relative Squared Error"),
    "Coefficient_of_Determination": ("Coefficient of determination", "Coefficient of Determination"),
}
_FALLING = (LOG_LOSS, *(word for name, words in REGRESSION.items() if "Error" in name for word in words))


def is_better_high(metric: str) -> bool:
    """Whether a greater value is a better one; of errors and losses it is not."""
    return metric not in _FALLING


def suits(metric: str, task: Task) -> bool:
    """Whether the metric is one of the task."""
    return task.is_classification == (metric in CLASSIFICATION) and task is not Task.ANOMALY


def single_measure(scored: ScoredDataset, metric: str) -> float:
    """The value of a metric; of several classes precision, recall, F-score and AUC are means over them."""
    if metric in CLASSIFICATION:
        return _TWO_CLASS[metric](scored) if scored.task is Task.BINARY else _MULTICLASS[metric](scored)
    name = next(name for name, words in REGRESSION.items() if metric in words)
    return regression_measures(scored.truth, scored.predicted)[name]


def log_loss(scored: ScoredDataset) -> float:
    """The mean of minus the logarithm of the probability that was given to the true class."""
    given = _probability_of_truth(scored)
    least = np.finfo(np.float64).eps
    return float(-np.log(np.clip(given, least, 1 - least)).mean()) if len(given) else float("nan")


def _log_loss_reduction(scored: ScoredDataset) -> float:
    """By how many per cent the loss is smaller than that of always giving each class its share."""
    shares = np.bincount(scored.truth, minlength=1) / max(len(scored.truth), 1)
    shares = shares[shares > 0]
    blind = float(-(shares * np.log(shares)).sum())
    return 100 * (1 - log_loss(scored) / blind) if blind else float("nan")


def _probability_of_truth(scored: ScoredDataset) -> Any:
    if scored.task is Task.BINARY:
        positive = scored.scores.get("", (scored.predicted == 1).astype(float))
        return np.where(scored.truth == 1, positive, 1 - positive)
    given = np.zeros(len(scored.truth))
    for place, word in enumerate(scored.words):
        if word in scored.scores:
            given = np.where(scored.truth == place, scored.scores[word], given)
    return given


def _two_class(name: str) -> Callable[[ScoredDataset], float]:
    def measure(scored: ScoredDataset) -> float:
        predicted = scored.predicted == 1
        scores = scored.scores.get("", predicted.astype(float))
        return two_class_measures(scored.truth == 1, predicted, scores)[name]

    return measure


def _several(name: str) -> Callable[[ScoredDataset], float]:
    return lambda scored: multiclass_measures(matrix_of(scored))[name]


def _mean_auc(scored: ScoredDataset) -> float:
    """The mean over the classes that occur of the AUC of one class against the others."""
    found = [
        sweep_thresholds(scored.truth == place, scored.scores[word]).auc
        for place, word in enumerate(scored.words)
        if word in scored.scores and 0 < np.sum(scored.truth == place) < len(scored.truth)
    ]
    return float(np.mean(found)) if found else float("nan")


_TWO_CLASS: Mapping[str, Callable[[ScoredDataset], float]] = {
    ACCURACY: _two_class("Accuracy"),
    PRECISION: _two_class("Precision"),
    RECALL: _two_class("Recall"),
    F_SCORE: _two_class("F1"),
    AUC: _two_class("AUC"),
    LOG_LOSS: log_loss,
    LOG_LOSS_REDUCTION: _log_loss_reduction,
}
_MULTICLASS: Mapping[str, Callable[[ScoredDataset], float]] = {
    ACCURACY: _several("Overall_Accuracy"),
    PRECISION: _several("Macro_Precision"),
    RECALL: _several("Macro_Recall"),
    F_SCORE: lambda scored: macro_f_score(matrix_of(scored)),
    AUC: _mean_auc,
    LOG_LOSS: log_loss,
    LOG_LOSS_REDUCTION: _log_loss_reduction,
}
