"""Multiclass Logistic Regression: the odds of each class as weighted sums of the features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize import logistic_regression
from skyloom.modules.machine_learning.initialize.settings import CLASSIFICATION

SPEC = ModuleSpec(
    name="Multiclass Logistic Regression",
    version="v2.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=logistic_regression.parameters(),
    family="1d195fe598cd4e1aa1c8076aaa3e02c3",
    doc="A logistic regression for a label of several classes, all fitted together by L-BFGS.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.MULTICLASS,
        logistic_regression.build,
        values,
        logistic_regression.SWEPT,
        logistic_regression.KEPT,
    )
    return {"Untrained model": learner}
