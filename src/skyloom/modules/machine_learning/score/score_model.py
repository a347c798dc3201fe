"""Score Model: what a trained model says of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.core.generation import GENERATION
from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

APPEND = "Append score columns to output"

SPEC = ModuleSpec(
    name="Score Model",
    version="v2.0",
    category="Model Scoring & Evaluation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Trained model", ("ILearner",)), InputPort("Dataset")),
    outputs=(OutputPort("Scored dataset"),),
    parameters=(
        Parameter(
            APPEND,
            "bool",
            True,
            doc="Give the whole dataset with the scores on the right; otherwise the scores and the label.",
        ),
        GENERATION,
    ),
    family="401b4f92e7244d5abe81d5b0ff9bdb33",
    doc=(
        "Scores a dataset with a trained classifier, regression or anomaly detection. Features are found by "
        "their names; further columns do not matter."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0012 the model is not trained, M0159 it is no model, M0013 it assigns clusters, M0035 a feature is
        missing, M0016 a feature is of another kind, M0028 a Python model's column would stand twice.
    """
    from skyloom.modules.machine_learning.models.score_columns import with_scores
    from skyloom.modules.machine_learning.models.task import Task
    from skyloom.modules.machine_learning.models.training import SCORED, checked_model

    model = checked_model(inputs["Trained model"], SCORED, SPEC.name)
    table, append = inputs["Dataset"], values[APPEND]
    scores = model.score_table(table, values[GENERATION.name])
    if append and model.task is Task.SCRIPT:
        _refuse_repeated(scores, table)
    return {"Scored dataset": with_scores(table, scores, model.label, append)}


def prepare(inputs: Mapping[str, Any], values: Mapping[str, Any], schema: Sequence[Any]) -> Any:
    """What a web service calls instead of ``run``: columns and a function from arrays to arrays, or None."""
    from skyloom.modules.machine_learning.models.trained_model import TrainedModel
    from skyloom.modules.machine_learning.score.score_arrays import prepare_scoring

    model = inputs.get("Trained model")
    if not isinstance(model, TrainedModel):
        return None
    return prepare_scoring(model, schema, values[APPEND], values[GENERATION.name])


def _refuse_repeated(scores: Sequence[Any], table: Any) -> None:
    """The names that a user's model gives must be new (studio.md 1.11)."""
    from skyloom.modules.studio_error import studio_error

    repeated = [column.name for column in scores if column.name in table.names]
    if repeated:
        raise studio_error(
            28,
            f"The model gives columns that the dataset has too: {', '.join(repeated)}.",
            APPEND,
            "Name them otherwise in the script, or switch this parameter off.",
        )
