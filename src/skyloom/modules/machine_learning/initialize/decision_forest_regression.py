"""Decision Forest Regression: trees that vote, each grown on other rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize import decision_forests
from skyloom.modules.machine_learning.initialize.settings import REGRESSION

SPEC = ModuleSpec(
    name="Decision Forest Regression",
    version="v3.0",
    category=REGRESSION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=decision_forests.parameters(),
    family="562988b2e7404e3a8131358391bad755",
    doc="A forest of decision trees for a label that is a number.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.REGRESSION,
        decision_forests.build_regressor,
        values,
        decision_forests.SWEPT,
        decision_forests.KEPT,
    )
    return {"Untrained model": learner}
