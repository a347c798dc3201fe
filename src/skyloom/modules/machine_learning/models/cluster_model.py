"""A trained clustering: the centres, and how far rows are from them (studio.md 2.4, K-Means)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from skyloom.core.generation import CLASSIC
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Column, Table
from skyloom.modules.machine_learning.models.features import FeatureEncoding, Features
from skyloom.modules.machine_learning.models.fitting import encode_training, notices_of_library
from skyloom.modules.machine_learning.models.learner import UntrainedLearner
from skyloom.modules.machine_learning.models.plain_cells import (
    is_number,
    number_columns,
    sample_row,
    word_columns,
)
from skyloom.modules.machine_learning.models.predictor import in_chunks
from skyloom.modules.machine_learning.models.score_columns import scored_column
from skyloom.modules.machine_learning.models.score_names import Named, score_names
from skyloom.modules.machine_learning.models.task import Task
from skyloom.modules.machine_learning.models.trained_model import check_features
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.rows import keep_rows

METRIC, COSINE, START = "Metric", "Cosine", "Initialization"
FIRST, EVENLY = "Default", "Evenly"


@dataclass(frozen=True)
class ClusterModel:
    """Centres in the space of encoded features, (n_clusters, n_features)."""

    learner: UntrainedLearner
    schema: tuple[ColumnAttributes, ...]
    encoding: FeatureEncoding
    centres: Any
    is_cosine: bool
    sample: Mapping[str, Any] = field(default_factory=dict)
    task: Task = Task.CLUSTER
    label: str = ""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that scoring needs."""
        return self.encoding.numeric + self.encoding.words

    def score_names(self, generation: str = CLASSIC) -> Named:
        """Names and roles of the columns that ``score_arrays`` gives, in their order."""
        return score_names(self.task, [str(place) for place in range(len(self.centres))], generation)

    def score_arrays(self, columns: Mapping[str, Any], generation: str = CLASSIC) -> dict[str, Any]:
        """The cluster of each row, from 0, and its distance from every centre.

        A row with a missing number belongs to no cluster: NaN everywhere; the clusters are then float64.
        """
        features = self.encoding.encode(columns)
        distances = in_chunks(features, self.centres.shape[1], self._distances)
        clusters = distances.argmin(axis=1) if len(distances) else np.empty(0, np.int64)
        lost = _incomplete(columns, self.encoding.numeric, len(distances))
        if lost.any():
            clusters = np.where(lost, np.nan, clusters)
            distances[lost] = np.nan
        names = [name for name, _ in self.score_names(generation)]
        return dict(zip(names, (clusters, *distances.T)))

    def score_table(self, table: Table, generation: str = CLASSIC) -> list[Column]:
        """The score columns of a dataset; the clusters are categories.

        Raises
        ------
        ProblemError
            M0035 a feature is not there, M0016 it is of another kind.
        """
        check_features(self.schema, self.features, table)
        numbers = number_columns(table, self.encoding.numeric)
        scores = self.score_arrays({**numbers, **word_columns(table, self.encoding.words)}, generation)
        (name, role), *others = self.score_names(generation)
        codes = np.where(np.isnan(scores[name]), -1, scores[name]).astype(int)
        categories = pd.Categorical.from_codes(codes, categories=pd.RangeIndex(len(self.centres)))
        return [
            scored_column(categories, name, role),
            *(scored_column(scores[other], other, its_role) for other, its_role in others),
        ]

    def _distances(self, features: Features) -> Any:
        """(n_rows, n_clusters)."""
        rows = _prepared(features.dense(), self.is_cosine)
        if self.is_cosine:
            centres = _prepared(self.centres, True)
            return np.column_stack([1 - (rows * centre).sum(axis=1) for centre in centres])
        return np.column_stack([np.sqrt(((rows - centre) ** 2).sum(axis=1)) for centre in self.centres])


def fit_clusters(learner: UntrainedLearner, table: Table, names: Sequence[str]) -> ClusterModel:
    """Find the centres of the rows that have all their numbers.

    Raises
    ------
    ProblemError
        M0021 fewer such rows than clusters, M0014 too many values in a column of words.
    """
    chosen = table.select(names)
    chosen = chosen.with_attributes({column.name: column.as_feature() for column in chosen.schema})
    numbers = number_columns(chosen, [column.name for column in chosen.schema if is_number(column)])
    rows = keep_rows(chosen, ~_incomplete(numbers, list(numbers), chosen.rows))
    estimator = learner.build(learner.settings, rows.rows)
    if rows.rows < estimator.n_clusters:
        raise studio_error(
            21,
            f"{estimator.n_clusters} clusters are asked for; {rows.rows} rows have all their numbers.",
            "Dataset",
            "Ask for fewer clusters, or fill missing values with Clean Missing Data.",
        )
    encoding, columns = encode_training(rows, learner.normalizer)
    is_cosine = learner.settings[METRIC] == COSINE
    matrix = _prepared(encoding.encode(columns).dense(), is_cosine)
    start = _starting_rows(learner.settings[START], estimator.n_clusters, len(matrix))
    if start is not None:
        estimator.set_params(init=matrix[start])
    with notices_of_library(learner.name):
        estimator.fit(matrix)
    return ClusterModel(
        learner, rows.schema, encoding, estimator.cluster_centers_, is_cosine, sample_row(rows, rows.names)
    )


def _incomplete(columns: Mapping[str, Any], names: Sequence[str], rows: int) -> Any:
    """True for rows in which a number is missing or infinite, (n_rows,)."""
    lost = np.zeros(rows, bool)
    for name in names:
        lost |= ~np.isfinite(np.asarray(columns[name], np.float64))
    return lost


def _prepared(rows: Any, is_cosine: bool) -> Any:
    """Rows as the metric sees them: for Cosine of length 1."""
    if not is_cosine:
        return rows
    lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return rows / np.where(lengths == 0, 1, lengths)


def _starting_rows(start: str, clusters: int, rows: int) -> Any:
    """Row numbers of the starting centres, where rows of the dataset are that."""
    if start == FIRST:
        return np.arange(clusters)
    return np.arange(clusters) * rows // clusters if start == EVENLY else None
