"""How much of a row the main directions of a dataset leave unexplained (PCA-Based Anomaly Detection)."""

from __future__ import annotations

from typing import Any

import numpy as np

from skyloom.modules.studio_error import studio_error


class UnexplainedShare:
    """Principal components by a randomized search, and the length of what they miss.

    The score of a row x is ``sqrt((|x|^2 - |Vx|^2) / |x|^2)``, V the components: 0 for a row that lies in
    their plane, 1 for one that stands upright on it. With ``centres`` the mean of the training rows is taken
    off first.
    """

    def __init__(self, components: int, oversampling: int, centres: bool) -> None:
        self.components = components
        self.oversampling = oversampling
        self.centres = centres

    def fit(self, matrix: Any, target: Any = None) -> UnexplainedShare:
        """Find the directions.

        Raises
        ------
        ProblemError
            M0081 (Studio error 0081) more components than features or rows.
        """
        from sklearn.utils.extmath import randomized_svd

        rows, features = matrix.shape
        if self.components > min(rows, features):
            raise studio_error(
                81,
                f"{self.components} components are asked for; the dataset has {features} features in "
                f"{rows} rows.",
                "Number of components to use in PCA",
                "Choose fewer components.",
            )
        dense = _dense(matrix)
        self.mean_ = dense.mean(axis=0) if self.centres else np.zeros(features)
        _, _, directions = randomized_svd(
            dense - self.mean_, self.components, n_oversamples=self.oversampling, random_state=0
        )
        self.directions_ = directions
        return self

    def predict(self, matrix: Any) -> Any:
        """The unexplained share of each row, (n_rows,), from 0 to 1."""
        rows = _dense(matrix) - self.mean_
        whole = np.einsum("ij,ij->i", rows, rows)
        explained = rows @ self.directions_.T
        rest = whole - np.einsum("ij,ij->i", explained, explained)
        # a row of nothing is explained wholly; rounding can leave a trace below 0
        return np.sqrt(np.clip(rest / np.where(whole == 0, 1, whole), 0, 1))


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix
