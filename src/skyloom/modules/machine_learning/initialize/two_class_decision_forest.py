"""Two-Class Decision Forest: trees that vote, each grown on other rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize import decision_forests
from skyloom.modules.machine_learning.initialize.settings import CLASSIFICATION

SPEC = ModuleSpec(
    name="Two-Class Decision Forest",
    version="v2.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=decision_forests.parameters(),
    family="5a7d5466992840c8a19cd5de4882c77e",
    doc="A forest of decision trees for a label of two classes.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.BINARY,
        decision_forests.build_classifier,
        values,
        decision_forests.SWEPT,
        decision_forests.KEPT,
    )
    return {"Untrained model": learner}
