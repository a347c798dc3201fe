"""What the three boosted decision trees share: parameters (studio.md, Appendix A) and estimators (2.4)."""

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

LEAVES, SAMPLES = "Maximum number of leaves per tree", "Minimum number of samples per leaf node"
RATE = "Learning rate"
GREATEST_LEAVES = 131072  # what LightGBM takes

_SAMPLES_WIRE = "Minimum number of training instances required to form a leaf"
_ROWS_FOR_THREADS = 10_000
_SHARE_OF_ROWS = _SHARE_OF_FEATURES = 0.6


def parameters(trees: str, wire_label: str) -> tuple[Parameter, ...]:
    """Of all three modules alike, but for the friendly name of the number of trees.

    ``wire_label`` is the label of the single value, where it differs from its wire name.
    """
    return (
        trainer_mode(),
        single(
            "Maximum number of leaves per tree",
            "int",
            20,
            "Larger trees fit closer.",
            low=2,
            high=GREATEST_LEAVES,
        ),
        single(_SAMPLES_WIRE, "int", 10, "How many rows a leaf has at least.", low=1, label=SAMPLES),
        single(
            "The learning rate",
            "float",
            0.2,
            "How much each further tree counts.",
            low=LEAST_POSITIVE,
            high=1,
            label=RATE,
        ),
        single(
            "Total number of trees constructed",
            "int",
            100,
            "How many trees, one after the other.",
            low=1,
            label=wire_label,
        ),
        swept("Range for maximum number of leaves per tree", "2; 8; 32; 128", LEAVES),
        swept(f"Range for {_SAMPLES_WIRE[0].lower()}{_SAMPLES_WIRE[1:]}", "1; 10; 50", SAMPLES),
        swept("Range for learning rate", "0.025; 0.05; 0.1; 0.2; 0.4", RATE),
        swept("Range for total number of trees constructed", "20; 100; 500", trees),
        seed(),
        unknown_levels(),
    )


def swept_settings(trees: str) -> dict[str, tuple[str, str, type]]:
    """Wire names by friendly name."""
    return {
        LEAVES: ("Maximum number of leaves per tree", "Range for maximum number of leaves per tree", int),
        SAMPLES: (_SAMPLES_WIRE, f"Range for {_SAMPLES_WIRE[0].lower()}{_SAMPLES_WIRE[1:]}", int),
        RATE: ("The learning rate", "Range for learning rate", float),
        trees: ("Total number of trees constructed", "Range for total number of trees constructed", int),
    }


KEPT = {SEED: SEED}
TREES = "Number of trees constructed"
TREES_OF_REGRESSION = "Total number of trees constructed"


def build_classifier(settings: Mapping[str, Any], rows: int) -> Any:
    """LGBMClassifier; two or more classes."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(**_options(settings, TREES, rows))


def build_regressor(settings: Mapping[str, Any], rows: int) -> Any:
    """LGBMRegressor."""
    from lightgbm import LGBMRegressor

    return LGBMRegressor(**_options(settings, TREES_OF_REGRESSION, rows))


def _options(settings: Mapping[str, Any], trees: str, rows: int) -> dict[str, Any]:
    return {
        "num_leaves": settings[LEAVES],
        "min_child_samples": settings[SAMPLES],
        "learning_rate": settings[RATE],
        "n_estimators": settings[trees],
        "subsample": _SHARE_OF_ROWS,
        "colsample_bytree": _SHARE_OF_FEATURES,
        "max_depth": -1,
        "random_state": settings.get(SEED) or 0,
        # the same model whatever the number of threads
        "deterministic": True,
        "force_row_wise": True,
        # of few rows threads spend their time waiting for each other
        "n_jobs": 1 if rows < _ROWS_FOR_THREADS else None,
        "verbosity": -1,
    }
