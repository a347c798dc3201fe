"""Train Model: a learner and a labelled dataset give a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Train Model",
    version="v2.0",
    category="Model Training",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Untrained model", ("UntrainedLearner",)), InputPort("Dataset")),
    outputs=(OutputPort("Trained model", "ILearner"),),
    parameters=(
        Parameter("Label column", "columns", required=True, doc="The column to learn to predict."),
        Parameter(
            "Model explanations",
            "bool",
            False,
            affects_result=False,
            doc="Kept for old graphs and without effect; Permutation Feature Importance explains a model.",
        ),
    ),
    family="5cc7053eaa30450d96c0dae4be720977",
    aliases=("Train Generic Model",),
    doc=(
        "Trains a classifier or a regression on the columns flagged as features. Rows without a label are "
        "left out; numbers are scaled where the learner wants it, words become one place a level."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0013 the learner is of another kind; what training finds wrong (models/fitting.py).
    """
    from skyloom.modules.machine_learning.models.training import LABELLED, checked_learner, train
    from skyloom.modules.tables.selection import picked_column

    learner = checked_learner(inputs["Untrained model"], LABELLED, SPEC.name)
    table = inputs["Dataset"]
    return {"Trained model": train(learner, table, picked_column(table, values, "Label column"))}
