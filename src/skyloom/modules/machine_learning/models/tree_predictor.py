"""Forests and boosted trees, asked tree by tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skyloom.modules.machine_learning.models.features import Features
from skyloom.modules.machine_learning.models.predictor import in_chunks


@dataclass(frozen=True)
class ForestPredictor:
    """A random forest of scikit-learn: the mean of what its trees say.

    Trees compare 32-bit numbers, and the forest adds their answers in their order; so does this.
    """

    estimator: Any
    width: int
    is_classifier: bool
    _trees: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_trees", tuple(tree.tree_ for tree in self.estimator.estimators_))

    def predict(self, features: Features) -> Any:
        return in_chunks(features, self.width, self._predict)

    def _predict(self, features: Features) -> Any:
        matrix = features.dense(np.float32)
        total = self._trees[0].predict(matrix)
        for tree in self._trees[1:]:
            total = total + tree.predict(matrix)
        total = total / len(self._trees)
        return total[:, : self.estimator.n_classes_] if self.is_classifier else total[:, 0]


@dataclass(frozen=True)
class QuantilePredictor:
    """A forest with the labels of its leaves (quantile_forest.py)."""

    estimator: Any
    width: int

    def predict(self, features: Features) -> Any:
        return in_chunks(features, self.width, self._predict)

    def _predict(self, features: Features) -> Any:
        matrix = features.dense(np.float32)
        trees = self.estimator.forest_.estimators_
        return self.estimator.quantiles_of(np.column_stack([tree.tree_.apply(matrix) for tree in trees]))


@dataclass(frozen=True)
class BoostedPredictor:
    """Boosted trees of LightGBM; two classes have one column of probabilities there."""

    estimator: Any
    width: int
    is_classifier: bool

    def predict(self, features: Features) -> Any:
        found = in_chunks(features, self.width, self._predict)
        return np.column_stack([1.0 - found, found]) if self.is_classifier and found.ndim == 1 else found

    def _predict(self, features: Features) -> Any:
        return np.asarray(
            self.estimator.booster_.predict(features.dense(), num_threads=_threads(features.rows))
        )


def _threads(rows: int) -> int:
    """Waking threads costs more than a few rows do; 0 is as many as there are cores."""
    return 1 if rows < 1000 else 0
