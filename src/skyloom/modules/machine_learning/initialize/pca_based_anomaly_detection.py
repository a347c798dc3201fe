"""PCA-Based Anomaly Detection: rows that the main directions of normal rows do not explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.modules.machine_learning.initialize.settings import single, swept, trainer_mode

MODE = "Training mode"
COMPONENTS, OVERSAMPLING = (
    "Number of components to use in PCA",
    "Oversampling parameter for randomized PCA",
)
CENTRE = "Enable input feature mean normalization"

SPEC = ModuleSpec(
    name="PCA-Based Anomaly Detection",
    version="v1.0",
    category="Anomaly Detection",
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        trainer_mode(MODE),
        single(COMPONENTS, "int", 2, "How many directions describe a normal row.", low=1, mode=MODE),
        single(OVERSAMPLING, "int", 2, "How many more directions the search looks at.", low=0, mode=MODE),
        Parameter(CENTRE, "bool", False, doc="Take the mean of each feature off first."),
        swept("Range for number of PCA components", "2; 4; 6; 8; 10", "", MODE),
        swept(
            "Range for the oversampling parameter used in randomized PCA",
            "2; 4; 6; 8; 10",
            "",
            MODE,
        ),
    ),
    family="c3822fa510954c72bd1efd43d285153a",
    doc="Learns the main directions of a dataset of mostly normal rows. The score of a row, from 0 to 1, is "
    "the share of it that they leave unexplained; above 0.5 it is an anomaly.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.machine_learning.models.learner import untrained_learner
    from skyloom.modules.machine_learning.models.task import Task

    learner = untrained_learner(
        SPEC.name,
        Task.ANOMALY,
        build,
        values,
        {
            COMPONENTS: (COMPONENTS, "Range for number of PCA components", int),
            OVERSAMPLING: (
                OVERSAMPLING,
                "Range for the oversampling parameter used in randomized PCA",
                int,
            ),
        },
        {CENTRE: CENTRE},
        trainer_mode=MODE,
    )
    return {"Untrained model": learner}


def build(settings: Mapping[str, Any], rows: int) -> Any:
    """The principal components of the training rows (models/unexplained.py)."""
    from skyloom.modules.machine_learning.models.unexplained import UnexplainedShare

    return UnexplainedShare(settings[COMPONENTS], settings[OVERSAMPLING], bool(settings[CENTRE]))
