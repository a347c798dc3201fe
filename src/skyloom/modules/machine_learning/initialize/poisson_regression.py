"""Poisson Regression: counts, whose logarithm is a weighted sum of the features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import (
    LEAST_POSITIVE,
    REGRESSION,
    single,
    swept,
    trainer_mode,
    unknown_levels,
)

TOLERANCE, L1, L2 = "Optimization tolerance", "L1 regularization weight", "L2 regularization weight"
MEMORY = "Memory size for L-BFGS"
_TOLERANCE_WIRE = (
    "Tolerance parameter for optimization convergence the lower the value "
    "the slower and more accurate the fitting"
)
_MEMORY_WIRE = "Memory size for L-BFGS the lower the value the faster and less accurate the training"
_MOST_ITERATIONS = 1000

SPEC = ModuleSpec(
    name="Poisson Regression",
    version="v2.0",
    category=REGRESSION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        trainer_mode(),
        single(
            _TOLERANCE_WIRE,
            "float",
            1e-07,
            "The fit ends when it gets better by less than this.",
            low=LEAST_POSITIVE,
            label=TOLERANCE,
        ),
        single(L1, "float", 1.0, "Kept for old graphs and without effect.", low=0),
        single(L2, "float", 1.0, "How strongly large weights are held back; 0 not at all.", low=0),
        single(_MEMORY_WIRE, "int", 20, "Kept for old graphs and without effect.", low=1, label=MEMORY),
        swept("Range for optimization tolerance", "0.00001; 0.00000001", TOLERANCE),
        swept("Range for L1 regularization weight", "0.0; 0.01; 0.1; 1.0", L1),
        swept("Range for L2 regularization weight", "0.01; 0.1; 1.0", L2),
        swept(f"Range for memory size{_MEMORY_WIRE[len('Memory size') :]}", "5; 20; 50", MEMORY),
        Parameter(
            "Random number seed",
            "int",
            affects_result=False,
            doc="Kept for old graphs and without effect: the fit draws no numbers.",
        ),
        unknown_levels(),
    ),
    family="80e21b9d382740d8b733b53148becbc2",
    doc="A regression for a label that counts something and is never below 0. The old product's own solver "
    "is replaced by scikit-learn's PoissonRegressor, which has no L1 penalty.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.REGRESSION,
        build,
        values,
        {
            TOLERANCE: (_TOLERANCE_WIRE, "Range for optimization tolerance", float),
            L2: (L2, "Range for L2 regularization weight", float),
        },
    )
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """PoissonRegressor; its penalty goes with the mean over the rows, the old one with their sum."""
    from sklearn.linear_model import PoissonRegressor

    return PoissonRegressor(alpha=settings[L2] / rows, tol=settings[TOLERANCE], max_iter=_MOST_ITERATIONS)
