"""A random forest whose leaves keep the labels of their rows (Fast Forest Quantile Regression)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class QuantileForest:
    """Quantiles of a label, estimated from the training labels in the leaves that a row falls into.

    Every tree is asked for its leaf; the labels of all these leaves together, at most ``kept_per_leaf`` of
    each, are the sample that the quantiles are taken of.
    """

    def __init__(self, quantiles: tuple[float, ...], kept_per_leaf: int, **options: Any) -> None:
        self.quantiles = quantiles
        self.kept_per_leaf = kept_per_leaf
        self.options: Mapping[str, Any] = options

    def fit(self, matrix: Any, target: Any) -> QuantileForest:
        """Grow the forest, then note the labels of each leaf's rows."""
        from sklearn.ensemble import RandomForestRegressor

        self.forest_ = RandomForestRegressor(**self.options).fit(matrix, target)
        random = np.random.RandomState(self.options.get("random_state", 0))
        self.leaves_ = [
            self._labels(leaves, target, random) for leaves in np.asarray(self.forest_.apply(matrix)).T
        ]
        return self

    def predict(self, matrix: Any) -> Any:
        """(n_rows, n_quantiles)."""
        return self.quantiles_of(np.asarray(self.forest_.apply(matrix)))

    def quantiles_of(self, leaves: Any) -> Any:
        """The quantiles for rows of which the leaf in each tree is known, (n_rows, n_trees)."""
        found = np.empty((len(leaves), len(self.quantiles)))
        for row, line in enumerate(leaves.tolist()):
            labels = np.concatenate([tree[leaf] for tree, leaf in zip(self.leaves_, line)])
            found[row] = np.quantile(labels, self.quantiles)
        return found

    def _labels(self, leaves: Any, target: Any, random: Any) -> dict[int, Any]:
        order = np.argsort(leaves, kind="stable")
        ends = np.flatnonzero(np.diff(leaves[order])) + 1
        parts = np.split(order, ends)
        kept = {}
        for rows in parts:
            if len(rows) > self.kept_per_leaf:
                rows = random.choice(rows, self.kept_per_leaf, replace=False)
            kept[int(leaves[rows[0]])] = target[rows]
        return kept
