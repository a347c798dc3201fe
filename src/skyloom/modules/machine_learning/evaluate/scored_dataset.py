"""A scored dataset, read: what was predicted, and what was true (studio.md 2.4, Evaluate Model)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import series_from_column
from skyloom.modules.machine_learning.models.labels import label_numbers, label_word
from skyloom.modules.machine_learning.models.plain_cells import is_number, number_cells
from skyloom.modules.machine_learning.models.script_model import FIXED_NAMES
from skyloom.modules.machine_learning.models.task import CALIBRATED, CLASS_ROLE, LABEL_ROLES, Task
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.categories import plain_column

_TASKS = {role: task for task, role in LABEL_ROLES.items()}
_QUANTILE = "Quantile: "
_DISTANCE = "Distance To Cluster Center: "
_CLASS = CLASS_ROLE.format("")


@dataclass(frozen=True)
class ScoredDataset:
    """The rows that have both a label and scores.

    ``classes`` are the distinct labels, true and predicted, sorted; ``truth`` and ``predicted`` are places in
    them for a classification, numbers for a regression. ``scores`` has further columns of scores by what
    their role says behind its colon: classes, quantiles or clusters; the probability of the positive class
    by "".
    """

    task: Task
    truth: Any
    predicted: Any
    classes: tuple[Any, ...] = ()
    scores: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(label_word(value) for value in self.classes)

    @property
    def rows(self) -> int:
        return len(self.predicted)


def read_scored(table: Table, where: str = "Scored dataset", task: Task | None = None) -> ScoredDataset:
    """What a scored dataset holds.

    The task follows from the roles of its score columns, else from columns with fixed names; the label from
    its role. Rows whose label or score is missing are left out.

    Raises
    ------
    ProblemError
        M0025 no score column (M0084 for those of a Python model), M0024 no label column, M0037 several
        labels, M0018 labels and scores that do not belong together.
    """
    roles = _score_roles(table)
    found = task or _task_of(roles, where, table)
    if found is Task.CLUSTER:
        return _clusters(table, roles)
    label = _label(table, where)
    if found in (Task.REGRESSION, Task.QUANTILE):
        return _numbers(table, roles, label, found)
    return _classes(table, roles, label, found, where)


def _score_roles(table: Table) -> dict[str, Column]:
    """Score columns by role; a column that has a fixed name counts also without one."""
    roles = {FIXED_NAMES[column.name]: column for column in table if column.name in FIXED_NAMES}
    flagged = [column for column in table if column.attributes.score_role]
    roles.update({column.attributes.score_role: column for column in flagged})
    return roles


def _task_of(roles: Mapping[str, Column], where: str, table: Table) -> Task:
    for role, task in _TASKS.items():
        if role in roles:
            return task
    if any(role.startswith(_QUANTILE) for role in roles):
        return Task.QUANTILE
    if roles:
        raise studio_error(
            84,
            f"The score columns {', '.join(column.name for column in roles.values())} cannot be evaluated: "
            "their names do not tell what they hold.",
            where,
            "Let the Python model name its columns as one of: " + ", ".join(FIXED_NAMES) + ".",
        )
    raise studio_error(25, "The dataset has no score column.", where, "Connect the output of Score Model.")


def _label(table: Table, where: str) -> Column:
    labels = [column for column in table if column.attributes.label_role]
    if len(labels) == 1:
        return labels[0]
    if labels:
        raise studio_error(
            37,
            f"Several columns are labels: {', '.join(column.name for column in labels)}.",
            where,
            "Keep one label with Edit Metadata.",
        )
    raise studio_error(
        24,
        "No column of the scored dataset is flagged as the label.",
        where,
        "Set 'Fields' to Labels for it in Edit Metadata.",
    )


def _classes(
    table: Table, roles: Mapping[str, Column], label: Column, task: Task, where: str
) -> ScoredDataset:
    predicted_column = roles[LABEL_ROLES[task]]
    kept = ~missing_mask(label) & ~missing_mask(predicted_column)
    truth, predicted = _values(label, kept), _values(predicted_column, kept)
    scores = {
        role[len(_CLASS) :]: number_cells(column)[kept]
        for role, column in roles.items()
        if role.startswith(_CLASS) and is_number(column.attributes)
    }
    if CALIBRATED in roles:
        scores[""] = number_cells(roles[CALIBRATED])[kept]
    if task is Task.ANOMALY:
        return _anomalies(truth, predicted, scores, where)
    classes = _sorted({*truth, *predicted})
    if task is Task.BINARY:
        _check_two(classes, truth, predicted, where)
        classes = _with_other_class(classes, predicted, scores.get(""))
    places = {value: place for place, value in enumerate(classes)}
    return ScoredDataset(
        task,
        np.array([places[value] for value in truth], np.int64),
        np.array([places[value] for value in predicted], np.int64),
        classes,
        scores,
    )


def _anomalies(
    truth: Sequence[Any], predicted: Sequence[Any], scores: Mapping[str, Any], where: str
) -> ScoredDataset:
    """The larger label is the anomaly; where all are alike, a label that reads as 0 or false is none."""
    classes = _sorted(set(truth))
    if len(classes) > 2:
        _check_two(classes, truth, predicted, where)
    flags = np.array([value == classes[-1] for value in truth], bool)
    if len(classes) == 1 and str(classes[0]).lower() in ("0", "0.0", "false"):
        flags[:] = False
    called = np.array([float(value) > 0.5 for value in predicted], bool)
    return ScoredDataset(
        Task.ANOMALY, flags.astype(np.int64), called.astype(np.int64), ("normal", "anomaly"), scores
    )


def _check_two(classes: Sequence[Any], truth: Sequence[Any], predicted: Sequence[Any], where: str) -> None:
    if len(classes) > 2:
        some = ", ".join(repr(value) for value in classes[:5])
        raise studio_error(
            18,
            f"The label and the scored labels together have {len(classes)} classes ({some}), not two.",
            where,
            "Score data whose label has the values and the type that the model was trained on.",
        )


def _with_other_class(classes: tuple[Any, ...], predicted: Sequence[Any], scores: Any) -> tuple[Any, ...]:
    """Two classes where only one occurs: its probabilities tell which of the two it is."""
    if len(classes) != 1:
        return classes
    is_positive = scores is not None and len(scores) > 0 and bool(np.median(scores) > 0.5)
    return (None, classes[0]) if is_positive else (classes[0], None)


def _numbers(table: Table, roles: Mapping[str, Column], label: Column, task: Task) -> ScoredDataset:
    quantiles = {
        role[len(_QUANTILE) :]: number_cells(column)
        for role, column in roles.items()
        if role.startswith(_QUANTILE)
    }
    if task is Task.QUANTILE:
        # the median speaks for the forecast, or what is nearest to it
        middle = min(quantiles, key=lambda text: abs(float(text) - 0.5))
        predicted = quantiles[middle]
    else:
        predicted = _as_numbers(roles[LABEL_ROLES[Task.REGRESSION]])
    truth, _ = label_numbers(label)
    kept = np.isfinite(truth) & np.isfinite(predicted)
    return ScoredDataset(
        task, truth[kept], predicted[kept], (), {name: cells[kept] for name, cells in quantiles.items()}
    )


def _clusters(table: Table, roles: Mapping[str, Column]) -> ScoredDataset:
    clusters = _as_numbers(roles[LABEL_ROLES[Task.CLUSTER]])
    distances = {
        role[len(_DISTANCE) :]: number_cells(column)
        for role, column in roles.items()
        if role.startswith(_DISTANCE)
    }
    if not distances:
        prefix = "DistancesToClusterCenter no."
        distances = {c.name[len(prefix) :]: number_cells(c) for c in table if c.name.startswith(prefix)}
    if not distances:
        raise studio_error(
            25,
            "The dataset has no column of distances from cluster centers.",
            "Scored dataset",
            "Connect the output of Assign Data to Clusters.",
        )
    kept = np.isfinite(clusters) & (clusters < len(distances)) & (clusters >= 0)
    return ScoredDataset(
        Task.CLUSTER,
        np.empty(0),
        clusters[kept].astype(np.int64),
        (),
        {name: cells[kept] for name, cells in distances.items()},
    )


def _as_numbers(column: Column) -> Any:
    plain = plain_column(column)
    attributes: ColumnAttributes = plain.attributes
    if not is_number(attributes):
        raise studio_error(
            16, f"Column '{column.name}' holds no numbers.", column.name, "Score with a model of that task."
        )
    return number_cells(plain)


def _values(column: Column, kept: Any) -> list[Any]:
    values = series_from_column(plain_column(column), load_objects=True)
    return [value for value, wanted in zip(values.tolist(), kept) if wanted]


def _sorted(values: set[Any]) -> tuple[Any, ...]:
    try:
        return tuple(sorted(values))
    except TypeError:
        return tuple(sorted(values, key=str))
