"""Which predictor speaks for a fitted estimator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.modules.machine_learning.models.features import Features
from skyloom.modules.machine_learning.models.layer_predictor import LayerPredictor
from skyloom.modules.machine_learning.models.predictor import (
    EstimatorPredictor,
    LinearPredictor,
    Predictor,
)
from skyloom.modules.machine_learning.models.tree_predictor import (
    BoostedPredictor,
    ForestPredictor,
    QuantilePredictor,
)


@dataclass(frozen=True)
class OneVsAllPredictor:
    """A two-class predictor for each class; each row's probabilities are made to add up to 1."""

    parts: tuple[Predictor, ...]

    def predict(self, features: Features) -> Any:
        found = np.column_stack([part.predict(features)[:, 1] for part in self.parts])
        total = found[:, 0]
        for column in found.T[1:]:
            total = total + column
        return found / np.where(total == 0, 1, total)[:, None]


def predictor_for(estimator: Any, is_classifier: bool) -> Predictor:
    """The quick predictor of an estimator; one that is not known here is asked through its own methods."""
    kind = type(estimator).__name__
    make = _BY_NAME.get(kind)
    return make(estimator, is_classifier) if make else EstimatorPredictor(estimator, is_classifier)


def _linear(link: str) -> Callable[[Any, bool], Predictor]:
    def make(estimator: Any, is_classifier: bool) -> Predictor:
        weights = np.atleast_2d(np.asarray(estimator.coef_, np.float64))
        intercepts = np.broadcast_to(np.atleast_1d(estimator.intercept_), (len(weights),)).astype(np.float64)
        several = is_classifier and len(weights) > 1
        return LinearPredictor(weights.T.copy(), intercepts, "softmax" if several else link)

    return make


def _forest(estimator: Any, is_classifier: bool) -> Predictor:
    return ForestPredictor(estimator, estimator.n_features_in_, is_classifier)


def _quantiles(estimator: Any, is_classifier: bool) -> Predictor:
    return QuantilePredictor(estimator, estimator.forest_.n_features_in_)


def _boosted(estimator: Any, is_classifier: bool) -> Predictor:
    return BoostedPredictor(estimator, estimator.n_features_in_, is_classifier)


def _layers(estimator: Any, is_classifier: bool) -> Predictor:
    if estimator.activation != "relu":
        return EstimatorPredictor(estimator, is_classifier)
    return LayerPredictor(tuple(estimator.coefs_), tuple(estimator.intercepts_), estimator.out_activation_)


def _one_vs_all(estimator: Any, is_classifier: bool) -> Predictor:
    parts = estimator.estimators_
    if len(parts) < 2 or any(type(part).__name__ == "_ConstantPredictor" for part in parts):
        return EstimatorPredictor(estimator, is_classifier)
    return OneVsAllPredictor(tuple(predictor_for(part, True) for part in parts))


_BY_NAME: dict[str, Callable[[Any, bool], Predictor]] = {
    "LogisticRegression": _linear("logistic"),
    "LinearSVC": _linear("logistic"),
    "Perceptron": _linear("logistic"),
    "Ridge": _linear("identity"),
    "SGDRegressor": _linear("identity"),
    "BayesianRidge": _linear("identity"),
    "PoissonRegressor": _linear("exponential"),
    "RandomForestClassifier": _forest,
    "RandomForestRegressor": _forest,
    "QuantileForest": _quantiles,
    "LGBMClassifier": _boosted,
    "LGBMRegressor": _boosted,
    "MLPClassifier": _layers,
    "MLPRegressor": _layers,
    "OneVsRestClassifier": _one_vs_all,
}
