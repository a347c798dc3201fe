"""How good two-class scores are: counts, rates and curves (studio.md 2.4, Evaluate Model)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

_MOST_POINTS = 1000  # of a curve that is kept with the run
_BINS = 10


@dataclass(frozen=True)
class Sweep:
    """What becomes of the rows as the threshold falls from above the highest score to the lowest.

    All are of one length; the first entry is the threshold that calls no row positive.
    """

    thresholds: Any
    true_positive: Any
    false_positive: Any
    positives: int
    negatives: int

    @property
    def recall(self) -> Any:
        return _ratio(self.true_positive, self.positives)

    @property
    def false_positive_rate(self) -> Any:
        return _ratio(self.false_positive, self.negatives)

    @property
    def precision(self) -> Any:
        """1 where no row is called positive, as scikit-learn's curve ends."""
        called = self.true_positive + self.false_positive
        return np.where(called == 0, 1.0, self.true_positive / np.maximum(called, 1))

    @property
    def auc(self) -> float:
        """Area under the ROC curve, by trapezoids; NaN when the labels are all alike."""
        across, up = self.false_positive_rate, self.recall
        return float(np.sum(np.diff(across) * (up[1:] + up[:-1]) / 2))


def sweep_thresholds(truth: Any, scores: Any) -> Sweep:
    """Every distinct score as a threshold.

    Parameters
    ----------
    truth
        Whether each row is of the positive class, bool (n_rows,).
    scores
        Greater for rows more likely positive, float64 (n_rows,).
    """
    order = np.argsort(-scores, kind="stable")
    sorted_scores, sorted_truth = scores[order], truth[order]
    last_of_equals = np.flatnonzero(np.diff(sorted_scores, append=np.nan) != 0)
    true_positive = np.cumsum(sorted_truth)[last_of_equals]
    false_positive = last_of_equals + 1 - true_positive
    return Sweep(
        np.concatenate([[np.inf], sorted_scores[last_of_equals]]),
        np.concatenate([[0], true_positive]),
        np.concatenate([[0], false_positive]),
        int(truth.sum()),
        int(len(truth) - truth.sum()),
    )


def two_class_measures(truth: Any, predicted: Any, scores: Any) -> dict[str, float]:
    """One number a measure, under Designer's names; a rate without a denominator is 0.

    Parameters
    ----------
    truth, predicted
        Whether each row is, and is called, of the positive class; bool (n_rows,).
    """
    true_positive, false_positive, false_negative, true_negative = confusion_counts(truth, predicted)
    precision = rate(true_positive, true_positive + false_positive)
    recall = rate(true_positive, true_positive + false_negative)
    return {
        "AUC": sweep_thresholds(truth, scores).auc,
        "Accuracy": rate(true_positive + true_negative, len(truth)),
        "Precision": precision,
        "Recall": recall,
        "F1": rate(2 * true_positive, 2 * true_positive + false_positive + false_negative),
        "True Negative": true_negative,
        "False Positive": false_positive,
        "False Negative": false_negative,
        "True Positive": true_positive,
    }


def confusion_counts(truth: Any, predicted: Any) -> tuple[int, int, int, int]:
    """True positive, false positive, false negative, true negative."""
    return (
        int(np.sum(truth & predicted)),
        int(np.sum(~truth & predicted)),
        int(np.sum(truth & ~predicted)),
        int(np.sum(~truth & ~predicted)),
    )


def two_class_charts(truth: Any, predicted: Any, scores: Any) -> dict[str, dict[str, Any]]:
    """Tables for the pictures of Evaluate Model, by name: columns of equal length.

    The ROC table has the four counts at each threshold, which is what the threshold slider shows.
    """
    sweep = _thinned(sweep_thresholds(truth, scores))
    rows = max(len(truth), 1)
    called = sweep.true_positive + sweep.false_positive
    true_positive, false_positive, false_negative, true_negative = confusion_counts(truth, predicted)
    return {
        "ROC curve": {
            "Threshold": sweep.thresholds,
            "False Positive Rate": sweep.false_positive_rate,
            "True Positive Rate": sweep.recall,
            "True Positive": sweep.true_positive,
            "False Positive": sweep.false_positive,
            "True Negative": sweep.negatives - sweep.false_positive,
            "False Negative": sweep.positives - sweep.true_positive,
        },
        "Precision-recall curve": {
            "Threshold": sweep.thresholds,
            "Recall": sweep.recall,
            "Precision": sweep.precision,
        },
        "Lift curve": {
            "Threshold": sweep.thresholds,
            "Positive Rate": called / rows,
            "Number of True Positives": sweep.true_positive,
            "Lift": _ratio(sweep.precision, sweep.positives / rows),
        },
        "Scored bins": score_bins(truth, scores),
        "Confusion matrix": {
            "Actual": ["Positive", "Negative"],
            "Predicted Positive": [true_positive, false_positive],
            "Predicted Negative": [false_negative, true_negative],
        },
    }


def score_bins(truth: Any, scores: Any) -> dict[str, Any]:
    """The table of ten score bins from 1 downwards; each line's rates are those of the bin's lower edge."""
    edges = [(_BINS - place) / _BINS for place in range(_BINS + 1)]
    table: dict[str, list[Any]] = {}
    cumulative = 0.0
    before = (0.0, 0.0)
    for high, low in pairwise(edges):
        inside = (scores <= high) & (scores > low) if low > 0 else scores <= high
        above = scores > low if low > 0 else np.ones(len(scores), bool)
        true_positive, false_positive, false_negative, true_negative = confusion_counts(truth, above)
        point = (rate(false_positive, false_positive + true_negative), rate(true_positive, int(truth.sum())))
        cumulative += (point[0] - before[0]) * (point[1] + before[1]) / 2
        before = point
        line = {
            "Score Bin": f"({low:.3f},{high:.3f}]",
            "Positive Examples": int(np.sum(truth & inside)),
            "Negative Examples": int(np.sum(~truth & inside)),
            "Fraction Above Threshold": rate(int(above.sum()), len(truth)),
            "Accuracy": rate(true_positive + true_negative, len(truth)),
            "F1 Score": rate(2 * true_positive, 2 * true_positive + false_positive + false_negative),
            "Precision": rate(true_positive, true_positive + false_positive),
            "Recall": rate(true_positive, true_positive + false_negative),
            "Negative Precision": rate(true_negative, true_negative + false_negative),
            "Negative Recall": rate(true_negative, true_negative + false_positive),
            "Cumulative AUC": cumulative,
        }
        for name, value in line.items():
            table.setdefault(name, []).append(value)
    return table


def rate(part: float, whole: float) -> float:
    """A share; 0 of nothing."""
    return part / whole if whole else 0.0


def _ratio(parts: Any, whole: float) -> Any:
    return parts / whole if whole else np.full(len(parts), np.nan)


def _thinned(sweep: Sweep) -> Sweep:
    """At most so many points, evenly taken, both ends among them."""
    count = len(sweep.thresholds)
    if count <= _MOST_POINTS:
        return sweep
    kept = np.unique(np.linspace(0, count - 1, _MOST_POINTS).round().astype(int))
    return Sweep(
        sweep.thresholds[kept],
        sweep.true_positive[kept],
        sweep.false_positive[kept],
        sweep.positives,
        sweep.negatives,
    )
