"""Permutation Feature Importance: how much worse a model is when a feature tells it nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

METRIC = "Metric for measuring performance"
GREATEST_SEED = 4294967295

SPEC = ModuleSpec(
    name="Permutation Feature Importance",
    version="v1.0",
    category="Feature Selection",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Trained model", ("ILearner",)), InputPort("Test data")),
    outputs=(OutputPort("Feature importance"),),
    parameters=(
        Parameter(
            "Random seed",
            "int",
            0,
            minimum=0,
            maximum=GREATEST_SEED,
            doc="The same seed mixes the rows in the same way.",
        ),
        Parameter(
            METRIC,
            "choice",
            "Accuracy",
            choices=(
                "Accuracy",
                "Precision",
                "Recall",
                "Average Log Loss",
                "Mean Absolute Error",
                "Root Mean Squared Error",
                "Relative Absolute Error",
                "Relative Squared Error",
                "Coefficient of Determination",
            ),
            doc="What a feature's loss is measured by: the first four of a classification, the others of a "
            "regression.",
        ),
    ),
    family="2e010ee4714e44e9933e62d8c41818a9",
    doc="Mixes the values of one feature after the other among the rows and scores the dataset again. A "
    "feature's score is what the model loses by it.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4: the base value less that of the mixed data, the other way round for errors.

    Raises
    ------
    ProblemError
        M0012, M0013 or M0159 the input is no trained classifier or regression, M0105 the metric is none of
        its task, M0024 the test data lacks the label.
    """
    import pandas as pd

    from skyloom.data.from_frame import table_from_frame
    from skyloom.modules.machine_learning.evaluate.importance import feature_losses
    from skyloom.modules.machine_learning.models.task import Task
    from skyloom.modules.machine_learning.models.training import checked_model

    wanted = (Task.BINARY, Task.MULTICLASS, Task.REGRESSION)
    model = checked_model(inputs["Trained model"], wanted, SPEC.name)
    losses = feature_losses(model, inputs["Test data"], values[METRIC], values["Random seed"])
    ranked = sorted(losses.items(), key=lambda item: -item[1])
    frame = pd.DataFrame({"Feature": [name for name, _ in ranked], "Score": [loss for _, loss in ranked]})
    return {"Feature importance": table_from_frame(frame)}
