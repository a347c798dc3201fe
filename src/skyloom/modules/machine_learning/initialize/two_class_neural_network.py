"""Two-Class Neural Network: layers of weighted sums, learnt step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize import neural_networks
from skyloom.modules.machine_learning.initialize.settings import CLASSIFICATION

SPEC = ModuleSpec(
    name="Two-Class Neural Network",
    version="v2.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=neural_networks.parameters(),
    family="ebc29f52719d4d0fb66a2ce85f527c7d",
    doc="A neural network for a label of two classes.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4; D201 a choice that is not offered, M0002 a list that does not read."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.BINARY,
        neural_networks.build_classifier,
        values,
        neural_networks.SWEPT,
        neural_networks.kept(values),
        normalizer=values[neural_networks.NORMALIZER],
    )
    return {"Untrained model": learner}
