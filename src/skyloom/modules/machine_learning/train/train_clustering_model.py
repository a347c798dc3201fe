"""Train Clustering Model: finds the centres, and says which rows belong to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMNS, APPEND = "Column Set", "Check for Append or Uncheck for Result Only"

SPEC = ModuleSpec(
    name="Train Clustering Model",
    version="v2.0",
    category="Model Training",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Untrained model", ("UntrainedCluster",)), InputPort("Dataset")),
    outputs=(OutputPort("Trained model", "ICluster"), OutputPort("Results dataset")),
    parameters=(
        Parameter(COLUMNS, "columns", required=True, label="Column set", doc="The columns to group by."),
        Parameter(
            APPEND,
            "bool",
            True,
            label="Check for append or uncheck for result only",
            doc="Give the whole dataset with the results on the right; otherwise the results alone.",
        ),
    ),
    family="bb43c744f7fa41d0ae6774ae75da3ffd",
    doc="Trains a clustering and assigns the rows of its own dataset. Rows with a missing number take no "
    "part and are assigned to no cluster.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0013 the learner is no clustering, M0021 too few rows, M0014 too many values of words.
    """
    from skyloom.modules.machine_learning.models.cluster_model import fit_clusters
    from skyloom.modules.machine_learning.models.score_columns import with_scores
    from skyloom.modules.machine_learning.models.task import Task
    from skyloom.modules.machine_learning.models.training import checked_learner
    from skyloom.modules.tables.selection import picked_columns

    learner = checked_learner(inputs["Untrained model"], (Task.CLUSTER,), SPEC.name)
    table = inputs["Dataset"]
    model = fit_clusters(learner, table, picked_columns(table, values, COLUMNS))
    found = with_scores(table, model.score_table(table), "", values[APPEND], keep_label=False)
    return {"Trained model": model, "Results dataset": found}
