"""A learner tried with several settings, and the best of them (studio.md 2.4, Tune Model Hyperparameters)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.data.table import Table
from skyloom.modules.machine_learning.evaluate.cross_validation import tested_folds
from skyloom.modules.machine_learning.evaluate.model_scores import labelled, scores_beside_truth
from skyloom.modules.machine_learning.evaluate.scored_dataset import ScoredDataset, read_scored
from skyloom.modules.machine_learning.evaluate.single_measure import is_better_high, single_measure
from skyloom.modules.machine_learning.models.fitting import fit_model
from skyloom.modules.machine_learning.models.labels import classes_of, usable_rows
from skyloom.modules.machine_learning.models.learner import UntrainedLearner
from skyloom.modules.machine_learning.models.score_columns import with_scores
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.rows import keep_rows

FOLDS = 3


@dataclass(frozen=True)
class Trial:
    """One choice of settings and its measures, each the mean over the folds."""

    settings: Mapping[str, Any]
    measures: Mapping[str, float]


def chosen_combinations(learner: UntrainedLearner, most: int | None, seed: int) -> list[dict[str, Any]]:
    """Every combination of the sweep, or so many of them drawn without repetition."""
    combinations = list(learner.combinations())
    if most is None or most >= len(combinations):
        return combinations
    drawn = np.random.RandomState(seed).permutation(len(combinations))[:most]
    return [combinations[place] for place in drawn]


def try_combinations(
    learner: UntrainedLearner,
    combinations: Sequence[Mapping[str, Any]],
    table: Table,
    validation: Table | None,
    label: str,
    metrics: Sequence[str],
) -> list[Trial]:
    """Measure each combination on the validation dataset, else by three folds of the training dataset.

    Raises
    ------
    ProblemError
        M0021 too few labelled rows; what training finds wrong.
    """
    rows = keep_rows(table, usable_rows(table.column(label)))
    folds = () if validation is not None else _folds(learner, rows, label)
    trials = []
    for settings in combinations:
        tried = learner.with_settings(settings)
        if validation is not None:
            tests = [scores_beside_truth(fit_model(tried, rows, label), validation)]
        else:
            tests = _tests(tried, labelled(rows, label), label, folds)
        found = {
            metric: float(np.mean([single_measure(test, metric) for test in tests])) for metric in metrics
        }
        trials.append(Trial(settings, found))
    return trials


def ranks(values: Sequence[float], metric: str) -> list[int]:
    """1 for the best; equals have one rank, as in scikit-learn; what is no number comes last."""
    sign = -1 if is_better_high(metric) else 1
    keys = [np.inf if np.isnan(value) else sign * value for value in values]
    return [1 + sum(other < key for other in keys) for key in keys]


def _tests(learner: UntrainedLearner, table: Table, label: str, folds: Sequence[Any]) -> list[ScoredDataset]:
    return [
        read_scored(with_scores(fold.table, fold.scores, label, True), "Training dataset")
        for fold in tested_folds(learner, table, label, folds)
    ]


def _folds(learner: UntrainedLearner, table: Table, label: str) -> tuple[Any, ...]:
    """Three folds in the order of the rows, as scikit-learn's search makes them; classes in equal shares."""
    if table.rows < FOLDS:
        raise studio_error(
            21,
            f"{table.rows} labelled rows cannot be tested in {FOLDS} folds.",
            "Training dataset",
            "Use more rows, or connect a validation dataset.",
        )
    if not learner.task.is_classification:
        return tuple(np.array_split(np.arange(table.rows), FOLDS))
    codes = classes_of(table.column(label)).codes_of(table.column(label))
    return stratified_folds(codes, FOLDS)


def stratified_folds(codes: Any, count: int) -> tuple[Any, ...]:
    """Row numbers, rising, of folds with the same share of every class.

    The allocation is scikit-learn's StratifiedKFold without shuffling: classes in the order in which they
    occur are dealt out, so that sizes differ by one at most.
    """
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    encoded = np.argsort(np.argsort(first))[inverse]
    classes = len(first)
    dealt = np.sort(encoded)
    allocation = np.array([np.bincount(dealt[fold::count], minlength=classes) for fold in range(count)])
    fold_of = np.empty(len(codes), np.int64)
    for number in range(classes):
        fold_of[encoded == number] = np.arange(count).repeat(allocation[:, number])
    return tuple(np.flatnonzero(fold_of == fold) for fold in range(count))
