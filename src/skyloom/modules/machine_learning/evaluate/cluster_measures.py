"""How well rows sit in their clusters (studio.md 2.4, Evaluate Model)."""

from __future__ import annotations

from typing import Any

import numpy as np

COLUMNS = (
    "Result Description",
    "Average Distance to Cluster Center",
    "Average Distance to Other Center",
    "Number of Points",
    "Maximal Distance to Cluster Center",
)


def cluster_measures(clusters: Any, distances: Any) -> list[tuple[str, float, float, int, float]]:
    """A line for each cluster and one for all of them, in the order of ``COLUMNS``.

    The other centre of a row is the second nearest.

    Parameters
    ----------
    clusters
        Number of each row's cluster, (n_rows,).
    distances
        From every centre, (n_rows, n_clusters).
    """
    own = distances[np.arange(len(clusters)), clusters]
    ranked = np.sort(distances, axis=1)
    other = ranked[:, 1] if distances.shape[1] > 1 else np.full(len(clusters), np.nan)
    lines = []
    for number in range(distances.shape[1]):
        inside = clusters == number
        lines.append(_line(f"Evaluation For Cluster No.{number}", own[inside], other[inside]))
    return [*lines, _line("Combined Evaluation", own, other)]


def _line(title: str, own: Any, other: Any) -> tuple[str, float, float, int, float]:
    if not len(own):
        return title, float("nan"), float("nan"), 0, float("nan")
    return title, float(own.mean()), float(other.mean()), len(own), float(own.max())
