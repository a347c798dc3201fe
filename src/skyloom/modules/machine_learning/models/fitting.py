"""Training: a learner and a dataset give a trained model (studio.md 2.4, Train Model)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Table
from skyloom.modules.machine_learning.models.features import FeatureEncoding, Features, fit_features
from skyloom.modules.machine_learning.models.kept import Kept
from skyloom.modules.machine_learning.models.labels import (
    LabelClasses,
    classes_of,
    label_numbers,
    usable_rows,
)
from skyloom.modules.machine_learning.models.learner import UntrainedLearner
from skyloom.modules.machine_learning.models.plain_cells import (
    is_number,
    number_columns,
    sample_row,
    word_columns,
)
from skyloom.modules.machine_learning.models.predictors import predictor_for
from skyloom.modules.machine_learning.models.task import Task
from skyloom.modules.machine_learning.models.trained_model import TrainedModel
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.rows import keep_rows

_DENSE = ("BayesianRidge",)  # takes no other
# grow the same trees from both forms, from dense numbers ten times as fast
_DENSE_WHILE_SMALL = ("RandomForestClassifier", "RandomForestRegressor", "QuantileForest")
_SMALL_CELLS = 50_000_000


def fit_model(learner: UntrainedLearner, table: Table, label: str) -> TrainedModel:
    """Train a classifier or a regression.

    Features are the columns flagged as features, less the label. Rows whose label is missing or infinite are
    left out.

    Raises
    ------
    ProblemError
        M0134 no row has a label, M0047 no feature column, M0083 the label has not as many classes as the
        learner wants, M0014 a feature of words has a new value in nearly every row.
    """
    rows = keep_rows(table, usable_rows(table.column(label)))
    if not rows.rows:
        raise studio_error(
            134, f"No row has a value in the label column '{label}'.", label, "Train with labelled rows."
        )
    encoding, columns = encode_training(rows, learner.normalizer, label)
    classes: LabelClasses | None = None
    if learner.task.is_classification:
        classes = classes_of(rows.column(label))
        _check_classes(learner, classes, label)
        target = classes.codes_of(rows.column(label))
    else:
        target, _ = label_numbers(rows.column(label))
    return _fitted(learner, rows, label, encoding, encoding.encode(columns), target, classes)


def fit_unlabelled(learner: UntrainedLearner, table: Table) -> TrainedModel:
    """Train an anomaly detection on all rows; a column flagged as the label is no feature.

    Raises
    ------
    ProblemError
        M0021 the dataset has no row, M0047 no feature column, M0014 too many values in one of words.
    """
    if not table.rows:
        raise studio_error(21, "The dataset has no row to train on.", "Dataset", "Train on some rows.")
    encoding, columns = encode_training(table, learner.normalizer)
    return _fitted(learner, table, "", encoding, encoding.encode(columns), None, None)


def _fitted(
    learner: UntrainedLearner,
    rows: Table,
    label: str,
    encoding: FeatureEncoding,
    features: Features,
    target: Any,
    classes: LabelClasses | None,
) -> TrainedModel:
    estimator = learner.build(learner.settings, rows.rows)
    with notices_of_library(learner.name):
        estimator.fit(_matrix(estimator, features), target)
    predictor = predictor_for(estimator, learner.task.is_classification)
    return TrainedModel(
        learner,
        learner.task,
        rows.schema,
        label,
        encoding,
        predictor,
        Kept(None if hasattr(predictor, "estimator") else estimator),
        classes,
        tuple(getattr(estimator, "quantiles", ())),
        sample_row(rows, rows.names),
    )


def encode_training(table: Table, normalizer: str, label: str = "") -> tuple[FeatureEncoding, dict[str, Any]]:
    """The encoding of a training dataset, and its feature columns as models read them.

    Raises
    ------
    ProblemError
        M0047 no feature column, M0014 too many values in one of words.
    """
    features = feature_columns(table.schema, label)
    if not features:
        raise studio_error(
            47,
            "The dataset has no feature column besides the label.",
            "Dataset",
            "Keep columns to learn from; 'Fields' of Edit Metadata makes a column a feature again.",
        )
    numeric = [column.name for column in features if is_number(column)]
    words = [column.name for column in features if not is_number(column)]
    columns = {**number_columns(table, numeric), **word_columns(table, words)}
    return fit_features(columns, numeric, words, normalizer), columns


def feature_columns(schema: Sequence[ColumnAttributes], label: str = "") -> list[ColumnAttributes]:
    """Columns flagged as features, less the label, in the order of the dataset."""
    return [column for column in schema if column.is_feature and column.name != label]


def _matrix(estimator: Any, features: Features) -> Any:
    """The features in the form that suits the estimator."""
    name = type(getattr(estimator, "estimator", estimator)).__name__  # of One-vs-All the part
    cells = features.rows * (len(features.numbers) + features.n_levels)
    if name in _DENSE or (name in _DENSE_WHILE_SMALL and cells <= _SMALL_CELLS):
        return features.dense()
    return features.matrix()


@contextmanager
def notices_of_library(name: str) -> Iterator[None]:
    """What a library warns of while it fits, such as a fit that has not converged, goes to the node's log."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for text in dict.fromkeys(str(warning.message).strip() for warning in caught):
                print(f"{name}: {text}")


def _check_classes(learner: UntrainedLearner, classes: LabelClasses, label: str) -> None:
    count = len(classes.values)
    if learner.task is Task.BINARY and count != 2:
        wanted, fix = "exactly two", "Use a multiclass learner" if count > 2 else "Train with both classes"
    elif learner.task is Task.MULTICLASS and count < 2:
        wanted, fix = "two or more", "Train with rows of several classes"
    else:
        return
    some = ", ".join(f"'{word}'" for word in classes.words()[:5]) + (", ..." if count > 5 else "")
    raise studio_error(
        83,
        f"The label column '{label}' has {count} classes ({some}); {learner.name} needs {wanted}.",
        label,
        f"{fix}.",
    )
