"""What the two logistic regressions share: parameters (studio.md, Appendix A) and the estimator (2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import (
    LEAST_POSITIVE,
    SEED,
    seed,
    single,
    swept,
    trainer_mode,
    unknown_levels,
)

_MEMORY_RANGE = (
    "Range for memory size for L-BFGS the lower the value the faster and less accurate the training"
)
TOLERANCE, L1, L2 = "Optimization tolerance", "L1 regularization weight", "L2 regularization weight"
MEMORY = "Memory size for L-BFGS"

SWEPT = {
    TOLERANCE: ("Optimization Tolerance", "Range for optimization tolerance", float),
    # the old product's own spelling of the wire name
    L2: ("L2 Regularizaton weight", "Range for L2 regularization weight", float),
}
KEPT = {"Random number seed": SEED}
_UNREGULARIZED = 1e22  # the inverse of a weight of 0
_MOST_ITERATIONS = 1000


def parameters() -> tuple[Parameter, ...]:
    """Of both modules alike."""
    return (
        trainer_mode(),
        single(
            "Optimization Tolerance",
            "float",
            1e-07,
            "The fit ends when it gets better by less than this.",
            low=LEAST_POSITIVE,
            label=TOLERANCE,
        ),
        single(
            "L1 Regularization weight",
            "float",
            1.0,
            "Kept for old graphs and without effect, as in Designer.",
            low=0,
            label=L1,
        ),
        single(
            "L2 Regularizaton weight",
            "float",
            1.0,
            "How strongly large weights are held back; 0 not at all.",
            low=0,
            label=L2,
        ),
        single(
            "Memory Size",
            "int",
            20,
            "Kept for old graphs and without effect, as in Designer.",
            low=1,
            label=MEMORY,
        ),
        swept("Range for optimization tolerance", "0.00001; 0.00000001", TOLERANCE),
        swept("Range for L1 regularization weight", "0.0; 0.01; 0.1; 1.0", L1),
        swept("Range for L2 regularization weight", "0.01; 0.1; 1.0", L2),
        swept(_MEMORY_RANGE, "5; 20; 50", MEMORY),
        seed(),
        unknown_levels(),
    )


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """LogisticRegression by L-BFGS with C = 1 / L2; several classes are fitted together."""
    from sklearn.linear_model import LogisticRegression

    weight = settings[L2]
    return LogisticRegression(
        solver="lbfgs",
        C=1 / weight if weight else _UNREGULARIZED,
        tol=settings[TOLERANCE],
        max_iter=_MOST_ITERATIONS,
        random_state=settings.get(SEED) or 0,
    )
