"""Assign Data to Clusters: which group each row of a dataset belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

APPEND = "Check for Append or Uncheck for Result Only"

SPEC = ModuleSpec(
    name="Assign Data to Clusters",
    version="v2.0",
    category="Model Scoring & Evaluation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Trained model", ("ICluster",)), InputPort("Dataset")),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(
            APPEND,
            "bool",
            True,
            label="Check for append or uncheck for result only",
            doc="Give the whole dataset with the results on the right; otherwise the results alone.",
        ),
    ),
    family="20a0683a07f94a08a89b44b3bbaae382",
    aliases=("Assign to Clusters",),
    doc="Assigns rows to the nearest centre of a trained clustering. A row with a missing number is assigned "
    "to none.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0012, M0013 or M0159 the input is no trained clustering, M0035 a feature is missing, M0016 it is of
        another kind.
    """
    from skyloom.modules.machine_learning.models.score_columns import with_scores
    from skyloom.modules.machine_learning.models.task import Task
    from skyloom.modules.machine_learning.models.training import checked_model

    model = checked_model(inputs["Trained model"], (Task.CLUSTER,), SPEC.name)
    table = inputs["Dataset"]
    found = with_scores(table, model.score_table(table), "", values[APPEND], keep_label=False)
    return {"Results dataset": found}
