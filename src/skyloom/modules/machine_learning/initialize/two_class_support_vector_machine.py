"""Two-Class Support Vector Machine: the plane that divides two classes with the widest margin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
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

ITERATIONS, LAMBDA = "Number of iterations", "Lambda"
NORMALIZE, PROJECT = "Normalize the features", "Perform a projection to the unit-ball"

SPEC = ModuleSpec(
    name="Two-Class Support Vector Machine",
    version="v2.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        trainer_mode(),
        single(ITERATIONS, "int", 10, "How often the solver goes over the rows at most.", low=1),
        swept("Range for number of iterations", "1; 10; 100", ITERATIONS),
        single(
            "The value lambda",
            "float",
            0.001,
            "How strongly large weights are held back.",
            low=LEAST_POSITIVE,
            label=LAMBDA,
        ),
        swept("Range for lambda", "0.00001; 0.0001; 0.001; 0.01; 0.1", LAMBDA),
        Parameter(NORMALIZE, "bool", True, label="Normalize features", doc="Scale numbers to 0..1 first."),
        Parameter(
            PROJECT,
            "bool",
            False,
            label="Project to the unit-sphere",
            doc="A choice of the old product that is not offered: true is refused.",
        ),
        seed(),
        unknown_levels(),
    ),
    family="12d8479b74b44e67b8ded32867380e20",
    doc="A linear support vector machine for a label of two classes. Its probabilities are the sigmoid of "
    "the distance from the dividing plane.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4; D201 a choice that is not offered."""
    from skyloom.core.problem import Problem, ProblemError
    from skyloom.modules.machine_learning.models.features import AS_IS, MIN_MAX
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    if values[PROJECT]:
        what = "The projection to the unit sphere is not offered here."
        raise ProblemError(Problem("D201", what, PROJECT, "Switch it off."))
    learner = untrained_learner(
        SPEC.name,
        Task.BINARY,
        build,
        values,
        {
            ITERATIONS: (ITERATIONS, "Range for number of iterations", int),
            LAMBDA: ("The value lambda", "Range for lambda", float),
        },
        {SEED: SEED},
        MIN_MAX if values[NORMALIZE] else AS_IS,
    )
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """LinearSVC with the penalty L1 and C = 1 / (2 lambda)."""
    from sklearn.svm import LinearSVC

    return LinearSVC(
        penalty="l1",
        dual=False,
        C=1 / (2 * settings[LAMBDA]),
        max_iter=settings[ITERATIONS],
        random_state=settings.get(SEED) or 0,
    )
