"""Boosted Decision Tree Regression: trees that each mend what the ones before got wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize import boosted_trees
from skyloom.modules.machine_learning.initialize.settings import REGRESSION

SPEC = ModuleSpec(
    name="Boosted Decision Tree Regression",
    version="v2.0",
    category=REGRESSION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=boosted_trees.parameters(boosted_trees.TREES_OF_REGRESSION, ""),
    family="0207d2526c414c7784c373bdf1ac5960",
    doc="Boosted decision trees for a label that is a number, by LightGBM.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.REGRESSION,
        boosted_trees.build_regressor,
        values,
        boosted_trees.swept_settings(boosted_trees.TREES_OF_REGRESSION),
        boosted_trees.KEPT,
    )
    return {"Untrained model": learner}
