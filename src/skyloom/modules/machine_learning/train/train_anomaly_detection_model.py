"""Train Anomaly Detection Model: learns what normal rows look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Train Anomaly Detection Model",
    version="v1.0",
    category="Anomaly Detection",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Untrained model", ("UntrainedLearner",)), InputPort("Dataset")),
    outputs=(OutputPort("Trained model", "ILearner"),),
    family="d6acbacea72d44b99878869115e02458",
    doc="Trains an anomaly detection on the columns flagged as features. No label is needed.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0013 the learner is no anomaly detection, M0021 no row, M0047 no feature, M0081 too many components.
    """
    from skyloom.modules.machine_learning.models.fitting import fit_unlabelled
    from skyloom.modules.machine_learning.models.task import Task
    from skyloom.modules.machine_learning.models.training import checked_learner

    learner = checked_learner(inputs["Untrained model"], (Task.ANOMALY,), SPEC.name)
    return {"Trained model": fit_unlabelled(learner, inputs["Dataset"])}
