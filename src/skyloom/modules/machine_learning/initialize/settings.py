"""Parameters as learners declare them: single values, ranges for a sweep, seeds (studio.md, Appendix A)."""

from __future__ import annotations

import sys

from skyloom.core.parameter import Parameter, ParameterType

SINGLE, RANGE = "SingleParameter", "ParameterRange"
TRAINER_MODE = "Create trainer mode"
LEAST_POSITIVE = sys.float_info.min  # FLOAT_MIN_POSITIVE of the old product
GREATEST_SEED = 4294967295
SEED = "Random number seed"

CLASSIFICATION = "Machine Learning Algorithms/Classification"
REGRESSION = "Machine Learning Algorithms/Regression"
CLUSTERING = "Machine Learning Algorithms/Clustering"


def trainer_mode(
    name: str = TRAINER_MODE, shown_when: tuple[str, tuple[str, ...]] | None = None
) -> Parameter:
    """Whether the learner has one setting, or a range of them for Tune Model Hyperparameters."""
    return Parameter(
        name,
        "choice",
        SINGLE,
        choices=(SINGLE, RANGE),
        shown_when=shown_when,
        doc="One value a setting, or several for Tune Model Hyperparameters. "
        "Train Model takes the first of several.",
    )


def single(
    name: str,
    type: ParameterType,
    default: float | int,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    label: str = "",
    mode: str = TRAINER_MODE,
) -> Parameter:
    """One value, on the branch of a single setting."""
    return Parameter(
        name,
        type,
        default,
        minimum=low,
        maximum=high,
        shown_when=(mode, (SINGLE,)),
        label=label,
        doc=doc,
    )


def swept(name: str, default: str, label: str = "", mode: str = TRAINER_MODE) -> Parameter:
    """Several values, on the branch of a range."""
    return Parameter(
        name,
        "string",
        default,
        shown_when=(mode, (RANGE,)),
        label=label,
        doc="The values to try, with semicolons between them.",
    )


def seed(
    name: str = SEED, label: str = "", shown_when: tuple[str, tuple[str, ...]] | None = None
) -> Parameter:
    """What random numbers start from."""
    return Parameter(
        name,
        "int",
        minimum=0,
        maximum=GREATEST_SEED,
        shown_when=shown_when,
        label=label,
        doc="The same seed gives the same model; left empty it is 0.",
    )


def unknown_levels(
    name: str = "Allow unknown levels in categorical features",
    label: str = "Allow unknown categorical levels",
) -> Parameter:
    """Kept for old graphs: a level that training did not see always counts as none of the known ones."""
    return Parameter(
        name,
        "bool",
        True,
        affects_result=False,
        label=label,
        doc="Without effect: levels that training did not see are always allowed, and ignored.",
    )
