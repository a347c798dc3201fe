"""How good labels of several classes are (studio.md 2.4, Evaluate Model)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def confusion_matrix(truth: Any, predicted: Any, count: int) -> Any:
    """Rows by true class, columns by predicted class, (count, count).

    Parameters
    ----------
    truth, predicted
        Places of the classes, (n_rows,).
    """
    return np.bincount(truth * count + predicted, minlength=count * count).reshape(count, count)


def multiclass_measures(matrix: Any) -> dict[str, float]:
    """One number a measure, of a confusion matrix, under Designer's names and classic's average accuracy.

    A class that is never predicted has precision 0, one that never occurs recall 0, as scikit-learn has it.
    """
    total = matrix.sum()
    hits, predicted, actual = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    overall = float(hits.sum() / total) if total else 0.0
    per_class = (total - predicted - actual + 2 * hits) / max(total, 1)
    return {
        "Overall_Accuracy": overall,
        "Average_Accuracy": float(per_class.mean()),
        "Micro_Precision": overall,
        "Macro_Precision": float(_shares(hits, predicted).mean()),
        "Micro_Recall": overall,
        "Macro_Recall": float(_shares(hits, actual).mean()),
    }


def macro_f_score(matrix: Any) -> float:
    """The mean over the classes of the harmonic mean of precision and recall."""
    hits = np.diag(matrix)
    return float(_shares(2 * hits, matrix.sum(axis=0) + matrix.sum(axis=1)).mean())


def confusion_table(matrix: Any, words: Sequence[str]) -> dict[str, Any]:
    """The confusion matrix as columns, each row divided by its sum (normalized by the true class)."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    return {
        "Actual": list(words),
        **{f"Predicted {word}": shares[:, place] for place, word in enumerate(words)},
    }


def _shares(parts: Any, wholes: Any) -> Any:
    return np.where(wholes == 0, 0.0, parts / np.maximum(wholes, 1))
