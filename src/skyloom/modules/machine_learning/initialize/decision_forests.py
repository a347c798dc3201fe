"""What the three decision forests share: parameters (studio.md, Appendix A) and estimators (2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import single, swept, trainer_mode, unknown_levels

RESAMPLING, BAGGING, REPLICATE = "Resampling method", "Bagging Resampling", "Replicate Resampling"
TREES, DEPTH = "Number of decision trees", "Maximum depth of the decision trees"
SAMPLES, SPLITS = "Minimum number of samples per leaf node", "Number of random splits per node"


def parameters() -> tuple[Parameter, ...]:
    """Of all three modules alike."""
    return (
        trainer_mode(),
        Parameter(
            RESAMPLING,
            "choice",
            BAGGING,
            choices=(BAGGING, REPLICATE),
            doc="Each tree sees rows drawn with repetition, or all rows.",
        ),
        single(TREES, "int", 8, "How many trees vote.", low=1),
        single(DEPTH, "int", 32, "How many questions a tree asks at most.", low=1),
        single(
            SPLITS, "int", 128, "Kept for old graphs and without effect: the best split is sought.", low=1
        ),
        single(SAMPLES, "int", 1, "How many rows a leaf has at least.", low=1),
        swept("Range for number of decision trees", "1; 8; 32", TREES),
        swept("Range for the maximum depth of the decision trees", "1; 16; 64", DEPTH),
        swept("Range for the number of random splits per node", "1; 128; 1024", SPLITS),
        swept("Range for the minimum number of samples per leaf node", "1; 4; 16", SAMPLES),
        unknown_levels("Allow unknown values for categorical features", ""),
    )


SWEPT: Mapping[str, tuple[str, str, type]] = {
    TREES: (TREES, "Range for number of decision trees", int),
    DEPTH: (DEPTH, "Range for the maximum depth of the decision trees", int),
    SAMPLES: (SAMPLES, "Range for the minimum number of samples per leaf node", int),
}
KEPT = {RESAMPLING: RESAMPLING}


def build_classifier(settings: Mapping[str, Any], rows: int) -> Any:
    """RandomForestClassifier; two or more classes."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**_options(settings))


def build_regressor(settings: Mapping[str, Any], rows: int) -> Any:
    """RandomForestRegressor."""
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(**_options(settings))


def _options(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n_estimators": settings[TREES],
        "max_depth": settings[DEPTH],
        "min_samples_leaf": settings[SAMPLES],
        "bootstrap": settings[RESAMPLING] == BAGGING,
        "random_state": 0,
    }
