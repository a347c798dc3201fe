"""K-Means Clustering: rows in groups around centres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import (
    CLUSTERING,
    RANGE,
    SINGLE,
    TRAINER_MODE,
    seed,
    single,
    swept,
    trainer_mode,
)

CENTROIDS, METRIC, EUCLIDEAN, COSINE = "Number of centroids", "Metric", "Euclidean", "Cosine"
NORMALIZE, ITERATIONS, MODE = "Should input instances be normalized", "Iterations", "Assign Label Mode"
START, START_1 = "Initialization", "Initialization for sweep"
SEED, SEED_1 = "Random number seed", "Random number seed for sweep"
RANDOM, PLUS, FIRST = "Random", "K-Means++", "Default"
EVENLY, BY_LABEL, FAST = "Evenly", "Use label column", "K-Means++ Fast"
IGNORE, FILL, OVERWRITE = "Ignore label column", "Fill missing values", "Overwrite from closest to center"


def _start(name: str, mode: str) -> Parameter:
    return Parameter(
        name,
        "choice",
        PLUS,
        choices=(RANDOM, PLUS, FIRST, EVENLY, BY_LABEL, FAST),
        shown_when=(TRAINER_MODE, (mode,)),
        doc="Where the centres start: at rows drawn by chance, drawn far from each other (K-Means++), "
        "at the first rows (Default), or at evenly spaced rows. The other choices are not offered.",
    )


SPEC = ModuleSpec(
    name="K-Means Clustering",
    version="v3.0",
    category=CLUSTERING,
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedCluster"),),
    parameters=(
        trainer_mode(),
        single("Number of Centroids", "int", 2, "How many groups.", low=2, label=CENTROIDS),
        swept("Range for Number of Centroids", "2; 3; 4; 5"),
        Parameter(
            METRIC,
            "choice",
            EUCLIDEAN,
            choices=(EUCLIDEAN, COSINE),
            doc="How far two rows are apart; with Cosine only their directions count.",
        ),
        Parameter(NORMALIZE, "bool", True, label="Normalize features", doc="Scale numbers to 0..1 first."),
        _start(START, SINGLE),
        _start(START_1, RANGE),
        Parameter(ITERATIONS, "int", 100, minimum=1, doc="How often the centres are moved at most."),
        seed(shown_when=(START, (RANDOM, PLUS, FAST))),
        seed(SEED_1, SEED, (START_1, (RANDOM, PLUS, FAST))),
        Parameter(
            MODE,
            "choice",
            IGNORE,
            choices=(IGNORE, FILL, OVERWRITE),
            label="Assign label mode",
            doc="A label column is not used; the other two choices are not offered.",
        ),
    ),
    family="5049a09bbd904c4e9b467c87e3a36810",
    doc="Groups rows around centres, each row with the nearest. Train Clustering Model finds the centres.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4; D201 a choice that is not offered."""
    from skyloom.core.problem import Problem, ProblemError
    from skyloom.modules.machine_learning.models.features import AS_IS, MIN_MAX
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    is_single = values[TRAINER_MODE] == SINGLE
    start, chosen_seed = (START, SEED) if is_single else (START_1, SEED_1)
    for parameter, refused in ((start, (BY_LABEL, FAST)), (MODE, (FILL, OVERWRITE))):
        if values[parameter] in refused:
            what = f"'{values[parameter]}' is not offered here."
            raise ProblemError(Problem("D201", what, parameter, "Choose another."))
    learner = untrained_learner(
        SPEC.name,
        Task.CLUSTER,
        build,
        values,
        {CENTROIDS: ("Number of Centroids", "Range for Number of Centroids", int)},
        {METRIC: METRIC, START: start, ITERATIONS: ITERATIONS, SEED: chosen_seed},
        MIN_MAX if values[NORMALIZE] else AS_IS,
    )
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """KMeans; Train Clustering Model gives it the starting centres where they are rows of the dataset."""
    from sklearn.cluster import KMeans

    return KMeans(
        n_clusters=settings[CENTROIDS],
        init="random" if settings[START] == RANDOM else "k-means++",
        n_init=1,
        max_iter=settings[ITERATIONS],
        random_state=settings.get(SEED) or 0,
    )
