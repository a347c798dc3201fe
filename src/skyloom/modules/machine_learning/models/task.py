"""What a learner is for, and what its scores are called in a table's schema (studio.md 2.4)."""

from __future__ import annotations

from enum import StrEnum

SCORED_LABELS, SCORED_PROBABILITIES = "Scored Labels", "Scored Probabilities"
ASSIGNMENTS = "Assignments"


class Task(StrEnum):
    """The kinds of learners; Evaluate Model tells them apart by the role of the scored labels."""

    BINARY = "two-class classification"
    MULTICLASS = "multiclass classification"
    REGRESSION = "regression"
    QUANTILE = "quantile regression"
    ANOMALY = "anomaly detection"
    CLUSTER = "clustering"
    SCRIPT = "a Python model"

    @property
    def is_classification(self) -> bool:
        return self in (Task.BINARY, Task.MULTICLASS)


# role of the column of labels, by task
LABEL_ROLES = {
    Task.BINARY: "Binary Class Assigned Labels",
    Task.MULTICLASS: "Multi Class Assigned Labels",
    Task.REGRESSION: "Regression Assigned Labels",
    Task.ANOMALY: "Anomaly Detection Assigned Labels",
    Task.CLUSTER: "Cluster Assigned Labels",
}
CALIBRATED = "Calibrated Score"  # the one column of probabilities
# a role belongs to one column, so where there are several columns the class, cluster or quantile follows
CLASS_ROLE = "Calibrated Score: {}"
DISTANCE_ROLE = "Distance To Cluster Center: {}"
QUANTILE_ROLE = "Quantile: {}"
OTHER_ROLE = "Score: {}"
