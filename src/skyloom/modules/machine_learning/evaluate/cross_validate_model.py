"""Cross Validate Model: how good a learner is, told by rows that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.generation import GENERATION
from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

LABEL = "Name or numerical index of the label column"
GREATEST_SEED = 4294967295

SPEC = ModuleSpec(
    name="Cross Validate Model",
    version="v2.0",
    category="Model Scoring & Evaluation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Untrained model", ("UntrainedLearner",)), InputPort("Dataset")),
    outputs=(OutputPort("Scored results"), OutputPort("Evaluation results by fold")),
    parameters=(
        Parameter(
            LABEL, "columns", required=True, label="Label column", doc="The column to learn to predict."
        ),
        Parameter(
            "Random seed",
            "int",
            0,
            minimum=0,
            maximum=GREATEST_SEED,
            doc="The same seed draws the same folds. Folds of Partition and Sample go before.",
        ),
        GENERATION,
    ),
    family="75fb875d6b864d468bcc74261ade5826",
    doc="Trains once for each fold on the other folds, scores the fold's rows and measures them. Ten folds "
    "of one size, drawn by chance, unless Partition and Sample has assigned folds.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0013 the learner is of another kind, M0021 too few rows, what training finds wrong.
    """
    from skyloom.modules.machine_learning.evaluate.cross_validation import (
        folds_of,
        stacked_scores,
        tested_folds,
        with_summary,
    )
    from skyloom.modules.machine_learning.evaluate.measuring import measure_lines
    from skyloom.modules.machine_learning.evaluate.model_scores import labelled
    from skyloom.modules.machine_learning.evaluate.scored_dataset import read_scored
    from skyloom.modules.machine_learning.evaluate.table_of_lines import table_of_lines
    from skyloom.modules.machine_learning.models.score_columns import with_scores
    from skyloom.modules.machine_learning.models.training import LABELLED, checked_learner
    from skyloom.modules.tables.selection import picked_column

    learner = checked_learner(inputs["Untrained model"], LABELLED, SPEC.name)
    table = inputs["Dataset"]
    label = picked_column(table, values, LABEL)
    table, generation = labelled(table, label), values[GENERATION.name]
    tested = list(tested_folds(learner, table, label, folds_of(table, values["Random seed"]), generation))
    lines = []
    for number, fold in enumerate(tested):
        scored = read_scored(with_scores(fold.table, fold.scores, label, True), "Dataset")
        found = measure_lines(scored, generation)[0]
        lines.append({"Fold Number": number, "Number of examples in fold": len(fold.rows), **found})
    return {
        "Scored results": stacked_scores(table, tested),
        "Evaluation results by fold": table_of_lines(with_summary(lines)),
    }
