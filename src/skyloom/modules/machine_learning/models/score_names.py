"""Names and roles of score columns, in the spelling of each generation (studio.md 2.4, Score Model)."""

from __future__ import annotations

from collections.abc import Sequence

from skyloom.core.generation import DESIGNER
from skyloom.modules.machine_learning.models.task import (
    ASSIGNMENTS,
    CALIBRATED,
    CLASS_ROLE,
    DISTANCE_ROLE,
    LABEL_ROLES,
    QUANTILE_ROLE,
    SCORED_LABELS,
    SCORED_PROBABILITIES,
    Task,
)

Named = tuple[tuple[str, str], ...]  # (name, role) of each score column, in their order


def score_names(task: Task, words: Sequence[str], generation: str) -> Named:
    """What a model's score columns are called.

    Parameters
    ----------
    words
        The classes of a classifier, the quantiles as text, or the numbers of the clusters.
    """
    match task:
        case Task.MULTICLASS:
            form = (
                SCORED_PROBABILITIES + "_{}"
                if generation == DESIGNER
                else SCORED_PROBABILITIES + ' for Class "{}"'
            )
            classes = tuple((form.format(word), CLASS_ROLE.format(word)) for word in words)
            return (*classes, (SCORED_LABELS, LABEL_ROLES[task]))
        case Task.QUANTILE:
            return tuple((f"Scores for quantile:{float(q):.3f}", QUANTILE_ROLE.format(q)) for q in words)
        case Task.CLUSTER:
            distances = tuple(
                (f"DistancesToClusterCenter no.{word}", DISTANCE_ROLE.format(word)) for word in words
            )
            return ((ASSIGNMENTS, LABEL_ROLES[task]), *distances)
        case Task.REGRESSION:
            return ((SCORED_LABELS, LABEL_ROLES[task]),)
        case _:
            return ((SCORED_LABELS, LABEL_ROLES[task]), (SCORED_PROBABILITIES, CALIBRATED))
