"""Two-Class Averaged Perceptron: weights that are corrected at every row they get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize.settings import (
    CLASSIFICATION,
    LEAST_POSITIVE,
    SEED,
    seed,
    single,
    swept,
    trainer_mode,
    unknown_levels,
)

RATE, ITERATIONS = "Learning rate", "Maximum number of iterations"
_TOLERANCE = 1e-5

SPEC = ModuleSpec(
    name="Two-Class Averaged Perceptron",
    version="v2.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        trainer_mode(),
        single(
            "Initial learning rate",
            "float",
            1.0,
            "How large a correction is.",
            low=LEAST_POSITIVE,
            label=RATE,
        ),
        single(ITERATIONS, "int", 10, "How often the learner sees all rows at most.", low=1),
        swept("Range for initial learning rate", "0.1; 0.5; 1.0", RATE),
        swept("Range for maximum number of iterations", "1; 10", ITERATIONS),
        seed(),
        unknown_levels(),
    ),
    family="5ed44caa5360407dae6c7a88c491474a",
    doc="A perceptron for a label of two classes. Its probabilities are the sigmoid of its decision.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.BINARY,
        build,
        values,
        {
            RATE: ("Initial learning rate", "Range for initial learning rate", float),
            ITERATIONS: (ITERATIONS, "Range for maximum number of iterations", int),
        },
        {SEED: SEED},
    )
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """Perceptron; as in Designer its last weights count, not their average."""
    from sklearn.linear_model import Perceptron

    return Perceptron(
        eta0=settings[RATE],
        max_iter=settings[ITERATIONS],
        tol=_TOLERANCE,
        random_state=settings.get(SEED) or 0,
    )
