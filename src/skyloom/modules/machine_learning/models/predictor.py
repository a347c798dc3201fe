"""What a fitted estimator says of rows, without what scikit-learn does around it on every call.

Each predictor computes what its estimator's own method computes (tests hold them equal), so that one row
takes microseconds. ``predict`` gives probabilities (n_rows, n_classes) of a classifier, values (n_rows,) of a
regression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from skyloom.modules.machine_learning.models.features import Features

_GREATEST_EXPONENT = 709.0  # of e within a double
_CHUNK_CELLS = 1 << 23  # a dense matrix of words is made in parts of at most so many cells


class Predictor(Protocol):
    """A fitted estimator, as scoring sees it."""

    def predict(self, features: Features) -> Any: ...


@dataclass(frozen=True)
class LinearPredictor:
    """A sum over weighted features. ``weights`` is (n_features, n_outputs), ``intercepts`` (n_outputs,).

    Terms are added in the order of the features, one after the other: a row has the same score alone and
    among others, which a matrix product does not promise.
    """

    weights: Any
    intercepts: Any
    link: str  # of LINKS
    _parts: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, np.float64)
        # an unknown level lies behind all others and weighs nothing
        padded = np.vstack([weights, np.zeros((1, weights.shape[1]))])
        parts = tuple(
            (np.ascontiguousarray(padded[:, place : place + 1]), float(intercept))
            for place, intercept in enumerate(np.asarray(self.intercepts, np.float64))
        )
        object.__setattr__(self, "_parts", parts)

    def predict(self, features: Features) -> Any:
        return LINKS[self.link]([self._sum(features, *part) for part in self._parts])

    def _sum(self, features: Features, weights: Any, intercept: float) -> Any:
        count = len(features.numbers)
        terms = features.numbers * weights[:count]
        if len(features.places):
            terms = np.concatenate([terms, weights[count:, 0][features.places]])
        # accumulate adds strictly in turn; reduce would pair the terms of a single row
        return np.add.accumulate(terms, axis=0)[-1] + intercept


@dataclass(frozen=True)
class EstimatorPredictor:
    """Any estimator, through its own methods."""

    estimator: Any
    is_classifier: bool

    def predict(self, features: Features) -> Any:
        matrix = features.matrix()
        if not self.is_classifier:
            return np.asarray(self.estimator.predict(matrix), np.float64)
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(self.estimator.predict_proba(matrix), np.float64)
        return probabilities_of_decision(self.estimator.decision_function(matrix))


def in_chunks(features: Features, width: int, predict: Callable[[Features], Any]) -> Any:
    """The predictions of a large dataset, in parts whose dense matrix stays small."""
    step = max(1, _CHUNK_CELLS // max(width, 1))
    if features.rows <= step:
        return predict(features)
    return np.concatenate(
        [predict(features.part(start, start + step)) for start in range(0, features.rows, step)]
    )


def probabilities_of_decision(decision: Any) -> Any:
    """Sigmoid of one column of decisions, softmax of several (studio.md 2.4, Score Model)."""
    if decision.ndim == 1:
        return _logistic([decision])
    return _softmax(list(decision.T))


def _identity(sums: list[Any]) -> Any:
    return sums[0]


def _exponential(sums: list[Any]) -> Any:
    return np.exp(sums[0])


def _logistic(sums: list[Any]) -> Any:
    """Probabilities of both classes."""
    positive = 1 / (1 + np.exp(np.minimum(-sums[0], _GREATEST_EXPONENT)))
    return np.column_stack([1 - positive, positive]) if len(positive) > 1 else _pair(positive)


def _pair(positive: Any) -> Any:
    both = np.empty((1, 2))
    both[0, 1] = positive[0] if len(positive) else 0
    both[0, 0] = 1 - both[0, 1]
    return both[: len(positive)]


def _softmax(sums: list[Any]) -> Any:
    """As scikit-learn's ``softmax``: the greatest decision is taken off first."""
    decisions = np.column_stack(sums)
    decisions = np.exp(decisions - decisions.max(axis=1, keepdims=True))
    total = np.zeros(len(decisions))
    for column in decisions.T:  # in turn, so that a row alone has the same sum
        total = total + column
    return decisions / total[:, None]


LINKS: dict[str, Callable[[list[Any]], Any]] = {
    "identity": _identity,
    "exponential": _exponential,
    "logistic": _logistic,
    "softmax": _softmax,
}
