"""Bayesian Linear Regression: weights as distributions, whose spread the data decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import LEAST_POSITIVE, REGRESSION, unknown_levels

WEIGHT = "Regularization weight"

SPEC = ModuleSpec(
    name="Bayesian Linear Regression",
    version="v1.0",
    category=REGRESSION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        Parameter(
            WEIGHT,
            "float",
            1,
            minimum=LEAST_POSITIVE,
            doc="The precision of the weights that the estimation begins with.",
        ),
        unknown_levels(),
    ),
    family="ee12de502b344145aec023e0485da308",
    doc="A linear regression whose regularization is estimated from the data.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(SPEC.name, Task.REGRESSION, build, values, {}, {WEIGHT: WEIGHT})
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """BayesianRidge."""
    from sklearn.linear_model import BayesianRidge

    return BayesianRidge(lambda_init=settings[WEIGHT])
