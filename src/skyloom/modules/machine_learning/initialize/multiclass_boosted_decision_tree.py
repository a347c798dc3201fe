"""MultiClass Boosted Decision Tree: trees that each mend what the ones before got wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize import boosted_trees
from skyloom.modules.machine_learning.initialize.settings import CLASSIFICATION

SPEC = ModuleSpec(
    name="MultiClass Boosted Decision Tree",
    version="v2.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=boosted_trees.parameters(boosted_trees.TREES, boosted_trees.TREES),
    family="1d67b73134d74adbbc2aa8844cd1bd2d",
    doc="Boosted decision trees for a label of several classes, by LightGBM.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.MULTICLASS,
        boosted_trees.build_classifier,
        values,
        boosted_trees.swept_settings(boosted_trees.TREES),
        boosted_trees.KEPT,
    )
    return {"Untrained model": learner}
