"""Filter Based Feature Selection: the columns that tell most of a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

METHOD = "Feature scoring method"
PEARSON, CHI_SQUARED, COUNT = "PearsonCorrelation", "ChiSquared", "CountBased"
CLASSIC = ("MutualInformation", "KendallCorrelation", "SpearmanCorrelation", "FisherScore", COUNT)
WITH_TARGET = (PEARSON, CHI_SQUARED, *CLASSIC[:-1])
FEATURES_ONLY = "Operate on feature columns only"

SPEC = ModuleSpec(
    name="Filter Based Feature Selection",
    version="v2.0",
    category="Feature Selection",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Filtered dataset"), OutputPort("Features")),
    parameters=(
        Parameter(
            METHOD,
            "choice",
            PEARSON,
            choices=(PEARSON, CHI_SQUARED, *CLASSIC),
            doc=(
                "How a column is scored against the target. The last five are those of Studio (classic); "
                "CountBased counts the cells that are neither missing nor 0."
            ),
        ),
        Parameter(FEATURES_ONLY, "bool", True, doc="Score only columns that are flagged as features."),
        Parameter(
            "Target column",
            "columns",
            required=True,
            shown_when=(METHOD, WITH_TARGET),
            doc="The column to be told.",
        ),
        Parameter(
            "Number of desired features",
            "int",
            1,
            minimum=1,
            shown_when=(METHOD, WITH_TARGET),
            doc="How many columns are kept; with fewer at hand, all of them.",
        ),
        Parameter(
            "Minimum number of non-zero elements",
            "int",
            1,
            minimum=1,
            shown_when=(METHOD, (COUNT,)),
            doc="Columns with fewer such cells are left out.",
        ),
    ),
    family="818b356b045c412baa1294a1d2dad90f",
    doc=(
        "Scores every column against the target and keeps the best, the target first. The second output has "
        "one row: the target with 1, then the scores, the best first."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0020 there is no column but the target.
    """
    from skyloom.modules.studio_error import studio_error
    from skyloom.modules.tables.feature_ranking import ranking, ranking_by_count, ranking_table
    from skyloom.modules.tables.selection import picked_column

    table = inputs["Dataset"]
    method, features_only = values[METHOD], bool(values[FEATURES_ONLY])
    if method == COUNT:
        ranked = ranking_by_count(table, features_only)
        least = values["Minimum number of non-zero elements"]
        names = [name for name, score in ranked if score >= least]
        kept = [name for name in table.names if name in names]
        return {"Filtered dataset": table.select(kept), "Features": ranking_table(ranked)}
    target = picked_column(table, values, "Target column")
    ranked = ranking(table, target, method, features_only)
    if not ranked:
        raise studio_error(
            20, f"There is no column to score but the target '{target}'.", "Dataset", "Give more columns."
        )
    best = [name for name, _ in ranked[: values["Number of desired features"]]]
    return {
        "Filtered dataset": table.select([target, *best]),
        "Features": ranking_table([(target, 1.0), *ranked]),
    }
