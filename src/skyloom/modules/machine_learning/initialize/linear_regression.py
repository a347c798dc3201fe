"""Linear Regression: a number as a weighted sum of the features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import (
    LEAST_POSITIVE,
    REGRESSION,
    SEED,
    seed,
    single,
    swept,
    trainer_mode,
    unknown_levels,
)

METHOD, ONLINE, LEAST_SQUARES = (
    "Solution method",
    "Online Gradient Descent",
    "Ordinary Least Squares",
)
NORMALIZE, AVERAGE = "Should input instances be normalized", "Final hypothesis is averaged"
RATE, EPOCHS, L2 = "Learning rate", "Number of training epochs", "L2 regularization weight"
DECREASE, INTERCEPT = "Decrease learning rate as iterations progress", "Include intercept term"
_EPOCHS_WIRE = "Number of epochs over which algorithm iterates through examples"
_EPOCHS_RANGE = "Range for number of epochs over which algorithm iterates through examples"
_L2_ONLINE = "L2 regularization term weight"
_TOLERANCE = 1e-5
_ONLINE_ONLY = (METHOD, (ONLINE,))

SPEC = ModuleSpec(
    name="Linear Regression",
    version="v3.0",
    category=REGRESSION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        Parameter(
            METHOD,
            "choice",
            LEAST_SQUARES,
            choices=(ONLINE, LEAST_SQUARES),
            doc="Solve the least squares at once, or go over the rows step by step.",
        ),
        trainer_mode(shown_when=_ONLINE_ONLY),
        Parameter(
            NORMALIZE,
            "bool",
            True,
            shown_when=_ONLINE_ONLY,
            label="Normalize features",
            doc="Scale numbers to 0..1 first.",
        ),
        Parameter(
            AVERAGE,
            "bool",
            True,
            shown_when=_ONLINE_ONLY,
            label="Average final hypothesis",
            doc="Take the average of the weights of all steps.",
        ),
        single(RATE, "float", 0.1, "How far the first step goes.", low=LEAST_POSITIVE),
        single(_EPOCHS_WIRE, "int", 10, "How often the learner sees all rows at most.", low=0, label=EPOCHS),
        swept("Range for learning rate", "0.025; 0.05; 0.1; 0.2", RATE),
        swept(_EPOCHS_RANGE, "1; 10; 100", EPOCHS),
        Parameter(
            DECREASE,
            "bool",
            True,
            shown_when=_ONLINE_ONLY,
            label="Decrease learning rate",
            doc="Let the steps become smaller.",
        ),
        single(_L2_ONLINE, "float", 0.001, "How strongly large weights are held back.", low=0, label=L2),
        Parameter(
            L2,
            "float",
            0.001,
            minimum=0,
            shown_when=(METHOD, (LEAST_SQUARES,)),
            doc="How strongly large weights are held back.",
        ),
        swept("Range for L2 regularization term weight", "0.001; 0.01; 0.1", L2),
        seed(),
        Parameter(
            INTERCEPT, "bool", True, shown_when=(METHOD, (LEAST_SQUARES,)), doc="Add a constant to the sum."
        ),
        unknown_levels(),
    ),
    family="31960a6f789b4cf788d62e1152c0bd1a",
    doc="A linear regression, by ordinary least squares or by gradient descent.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.features import AS_IS, MIN_MAX
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    if values[METHOD] == LEAST_SQUARES:
        learner = untrained_learner(
            SPEC.name, Task.REGRESSION, build_least_squares, values, {}, {L2: L2, INTERCEPT: INTERCEPT}
        )
        return {"Untrained model": learner}
    learner = untrained_learner(
        SPEC.name,
        Task.REGRESSION,
        build_online,
        values,
        {
            RATE: (RATE, "Range for learning rate", float),
            EPOCHS: (_EPOCHS_WIRE, _EPOCHS_RANGE, int),
            L2: (_L2_ONLINE, "Range for L2 regularization term weight", float),
        },
        {AVERAGE: AVERAGE, DECREASE: DECREASE, SEED: SEED},
        MIN_MAX if values[NORMALIZE] else AS_IS,
    )
    return {"Untrained model": learner}


def build_least_squares(settings: Mapping[str, Any], rows: int) -> Any:
    """Ridge with alpha = L2."""
    from sklearn.linear_model import Ridge

    return Ridge(alpha=settings[L2], fit_intercept=settings[INTERCEPT])


def build_online(settings: Mapping[str, Any], rows: int) -> Any:
    """SGDRegressor, with the rate falling as an inverse power of the steps or constant.

    Raises
    ------
    ProblemError
        M0005 no epoch at all.
    """
    from sklearn.linear_model import SGDRegressor

    from skyloom.modules.studio_error import studio_error

    if settings[EPOCHS] < 1:
        raise studio_error(5, "Without an epoch nothing is learnt.", _EPOCHS_WIRE, "Give 1 or more.")
    return SGDRegressor(
        eta0=settings[RATE],
        learning_rate="invscaling" if settings[DECREASE] else "constant",
        alpha=settings[L2],
        average=settings[AVERAGE],
        max_iter=settings[EPOCHS],
        tol=_TOLERANCE,
        random_state=settings.get(SEED) or 0,
    )
