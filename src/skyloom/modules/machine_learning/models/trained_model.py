"""TrainedModel: everything that scoring needs, and nothing that it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from skyloom.core.generation import CLASSIC, DESIGNER
from skyloom.core.problem import ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.missing import missing_count
from skyloom.data.table import Column, Table
from skyloom.modules.machine_learning.models.features import FeatureEncoding
from skyloom.modules.machine_learning.models.kept import Kept
from skyloom.modules.machine_learning.models.labels import LabelClasses
from skyloom.modules.machine_learning.models.learner import UntrainedLearner
from skyloom.modules.machine_learning.models.plain_cells import is_number, number_columns, word_columns
from skyloom.modules.machine_learning.models.predictor import Predictor
from skyloom.modules.machine_learning.models.score_columns import score_columns
from skyloom.modules.machine_learning.models.score_names import Named, score_names
from skyloom.modules.machine_learning.models.task import Task
from skyloom.modules.studio_error import studio_error


@dataclass(frozen=True)
class TrainedModel:
    """A learner that has seen data.

    ``schema`` has the columns of the training dataset, the label included; ``sample`` its first row as plain
    values. ``classes`` are the labels of a classifier in the order of its probabilities, ``quantiles`` those
    of a quantile regression. Kept as a pickle, loaded in a sandbox only.
    """

    learner: UntrainedLearner
    task: Task
    schema: tuple[ColumnAttributes, ...]
    label: str
    encoding: FeatureEncoding
    predictor: Predictor
    kept: Kept  # the fitted estimator, or None where the predictor has it
    classes: LabelClasses | None = None
    quantiles: tuple[float, ...] = ()
    sample: Mapping[str, Any] = field(default_factory=dict)

    @property
    def estimator(self) -> Any:
        """The fitted estimator."""
        own = getattr(self.predictor, "estimator", None)
        return self.kept.value if own is None else own

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that scoring needs."""
        return self.encoding.numeric + self.encoding.words

    def score_names(self, generation: str = CLASSIC) -> Named:
        """Names and roles of the columns that ``score_arrays`` gives, in their order."""
        return self._names[generation]

    def score_arrays(self, columns: Mapping[str, Any], generation: str = CLASSIC) -> dict[str, Any]:
        """Scores of rows given as one array a column; what Score Model computes, to the last bit.

        Parameters
        ----------
        columns
            By feature name, all of one length: numbers, truth values or datetime64 (missing as NaN or NaT);
            words as an array or list of text (missing as None). Further columns are not looked at.
        generation
            Spelling of the names.

        Returns
        -------
        dict
            Score columns by name, in order; labels in the type of the training labels, the rest float64.
        """
        features = self.encoding.encode(columns)
        if features.rows:
            scores = self.predictor.predict(features)
        else:  # libraries refuse to be asked about nothing
            scores = self.predictor.predict(self.encoding.blank_row())[:0]
        names = [name for name, _ in self._names[generation]]
        return dict(zip(names, _SCORES[self.task](self, scores)))

    def columns_of(self, table: Table) -> dict[str, Any]:
        """The columns of a dataset that scoring needs, as ``score_arrays`` takes them.

        Raises
        ------
        ProblemError
            M0035 a feature is not there, M0016 it holds words in place of numbers or the other way round.
        """
        check_features(self.schema, self.features, table)
        numbers = number_columns(table, self.encoding.numeric)
        return {**numbers, **word_columns(table, self.encoding.words)}

    def score_table(self, table: Table, generation: str = CLASSIC) -> list[Column]:
        """The score columns of a dataset, with their roles.

        Raises
        ------
        ProblemError
            M0035 and M0016, as ``columns_of``.
        """
        scores = self.score_arrays(self.columns_of(table), generation)
        return score_columns(scores, self._names[generation])

    @cached_property
    def _names(self) -> Mapping[str, Named]:
        words: Sequence[str] = self.classes.words() if self.classes else [f"{q:g}" for q in self.quantiles]
        return {generation: score_names(self.task, words, generation) for generation in (CLASSIC, DESIGNER)}


def check_features(schema: Sequence[ColumnAttributes], features: Sequence[str], table: Table) -> None:
    """Whether a dataset has the columns a model was trained on; all faults are told at once."""
    trained = {attributes.name: attributes for attributes in schema}
    faults = []
    for name in features:
        if name not in table.names:
            faults.append(
                studio_error(
                    35,
                    f"The model needs the feature '{name}', which the dataset does not have.",
                    name,
                    "Score data with the columns that the model was trained on.",
                ).problem
            )
            continue
        found, wanted = table.column(name).attributes, trained[name]
        if is_number(found) != is_number(wanted) and missing_count(table.column(name)) < table.rows:
            faults.append(
                studio_error(
                    16,
                    f"Column '{name}' is {found.type}; the model was trained on {wanted.type}.",
                    name,
                    "Give it that type with Edit Metadata.",
                ).problem
            )
    if faults:
        raise ProblemError(faults)


def _two_class(model: TrainedModel, probabilities: Any) -> tuple[Any, ...]:
    """The label of the greater probability: threshold 0.5; a tie is the negative class, as argmax has it."""
    assert model.classes is not None
    positive = probabilities[:, 1]
    codes = (positive > probabilities[:, 0]).astype(np.int64)
    return model.classes.labels_of(codes), positive


def _multiclass(model: TrainedModel, probabilities: Any) -> tuple[Any, ...]:
    assert model.classes is not None
    return (*probabilities.T, model.classes.labels_of(probabilities.argmax(axis=1)))


def _regression(model: TrainedModel, values: Any) -> tuple[Any, ...]:
    return (values,)


def _quantiles(model: TrainedModel, values: Any) -> tuple[Any, ...]:
    return tuple(values.T)


def _anomaly(model: TrainedModel, probabilities: Any) -> tuple[Any, ...]:
    """Label 1 is an anomaly."""
    return (probabilities > 0.5).astype(np.int64), probabilities


_SCORES = {
    Task.BINARY: _two_class,
    Task.MULTICLASS: _multiclass,
    Task.REGRESSION: _regression,
    Task.QUANTILE: _quantiles,
    Task.ANOMALY: _anomaly,
}
