"""Fast Forest Quantile Regression: how a label is distributed around its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import (
    RANGE,
    REGRESSION,
    SEED,
    SINGLE,
    TRAINER_MODE,
    seed,
    single,
    swept,
    trainer_mode,
    unknown_levels,
)

TREES, LEAVES = "Number of Trees", "Number of Leaves"
SAMPLES = "Minimum number of training instances required to form a leaf"
BAGGING, FEATURES, SPLIT = "Bagging fraction", "Feature fraction", "Split fraction"
COUNT, QUANTILES, QUANTILES_1 = (
    "Quantile sample count",
    "Quantiles to be estimated",
    "Required quantile values",
)


def _quantiles(name: str, mode: str, label: str = "") -> Parameter:
    return Parameter(
        name,
        "string",
        "0.25; 0.5; 0.75",
        shown_when=(TRAINER_MODE, (mode,)),
        label=label,
        doc="Shares between 0 and 1, with semicolons between them; each gives a score column.",
    )


SPEC = ModuleSpec(
    name="Fast Forest Quantile Regression",
    version="v1.0",
    category=REGRESSION,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        trainer_mode(),
        single(TREES, "int", 100, "How many trees."),
        single(LEAVES, "int", 20, "How many leaves a tree has at most.", low=2),
        single(SAMPLES, "int", 10, "How many rows a leaf has at least."),
        single(BAGGING, "float", 0.7, "The share of the rows that each tree sees."),
        single(FEATURES, "float", 0.7, "Kept for old graphs and without effect, see the split fraction."),
        single(SPLIT, "float", 0.7, "The share of the features that each split chooses from."),
        single(COUNT, "int", 100, "How many rows of each leaf are kept to estimate quantiles from."),
        _quantiles(QUANTILES, SINGLE),
        seed(),
        unknown_levels(),
        swept("Range for total number of trees constructed", "16; 32; 64", TREES),
        swept("Range for maximum number of leaves per tree", "16; 32; 64", LEAVES),
        swept("Range for minimum number of training instances required to form a leaf", "1; 5; 10", SAMPLES),
        swept("Range for bagging fraction", "0.25; 0.5; 0.75", BAGGING),
        swept("Range for feature fraction", "0.25; 0.5; 0.75", FEATURES),
        swept("Range for split fraction", "0.25; 0.5; 0.75", SPLIT),
        _quantiles(QUANTILES_1, RANGE, QUANTILES),
    ),
    family="b9064dc32d694e06b3076cebf324686a",
    doc="A forest whose leaves keep the labels of their rows, so that quantiles can be told.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4; M0002 and M0008 quantiles that are no shares."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    is_single = values[TRAINER_MODE] == SINGLE
    quantiles = QUANTILES if is_single else QUANTILES_1
    read_quantiles(values[quantiles], quantiles)
    learner = untrained_learner(
        SPEC.name,
        Task.QUANTILE,
        build,
        values,
        {
            TREES: (TREES, "Range for total number of trees constructed", int),
            LEAVES: (LEAVES, "Range for maximum number of leaves per tree", int),
            SAMPLES: (
                SAMPLES,
                "Range for minimum number of training instances required to form a leaf",
                int,
            ),
            BAGGING: (BAGGING, "Range for bagging fraction", float),
            SPLIT: (SPLIT, "Range for split fraction", float),
        },
        {QUANTILES: quantiles, COUNT: COUNT, SEED: SEED},
    )
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """A RandomForestRegressor with the labels of its leaves (models/quantile_forest.py)."""
    from skyloom.modules.machine_learning.models.quantile_forest import QuantileForest

    return QuantileForest(
        read_quantiles(settings[QUANTILES], QUANTILES),
        kept_per_leaf=settings[COUNT] or 100,
        n_estimators=settings[TREES],
        max_leaf_nodes=settings[LEAVES],
        min_samples_leaf=settings[SAMPLES],
        max_samples=settings[BAGGING],
        max_features=settings[SPLIT],
        random_state=settings.get(SEED) or 0,
    )


def read_quantiles(text: str, where: str) -> tuple[float, ...]:
    """The quantiles, rising.

    Raises
    ------
    ProblemError
        M0002 no list of numbers, M0008 not between 0 and 1.
    """
    from skyloom.modules.machine_learning.models.learner import range_values
    from skyloom.modules.studio_error import studio_error

    quantiles = tuple(sorted(range_values(text, where, float)))
    if quantiles[0] < 0 or quantiles[-1] > 1:
        raise studio_error(
            8, f"'{text}' has numbers outside 0 to 1.", where, "Give shares such as 0.25; 0.5."
        )
    return quantiles
