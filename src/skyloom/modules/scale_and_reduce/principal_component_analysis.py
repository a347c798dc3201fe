"""Principal Component Analysis: few columns that tell most of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMNS, DIMENSIONS = "Selected columns", "Number of dimensions to reduce to"
CENTRED = "Normalize dense dataset to zero mean"

SPEC = ModuleSpec(
    name="Principal Component Analysis",
    version="v1.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"), OutputPort("PCA Transformation", "ITransform")),
    parameters=(
        Parameter(COLUMNS, "columns", required=True, doc="Numeric columns without missing numbers."),
        Parameter(DIMENSIONS, "int", 2, minimum=1, doc="How many columns take their place."),
        Parameter(CENTRED, "bool", True, doc="Take the mean from each column first."),
    ),
    doc=(
        "Takes the selected columns out and adds Col1, Col2, ... on the right, the directions in which their "
        "rows differ most. The second output does the same to other data."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the old product's documentation (studio.md 2.2).

    Raises
    ------
    ProblemError
        M0017 a selected column is no number; M0081 more dimensions than there are columns or rows; M0039
        missing or infinite numbers.
    """
    from skyloom.modules.tables.numbers import numeric_columns
    from skyloom.modules.tables.reducing import fit_reducing
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    columns = numeric_columns(table, picked_columns(table, values, COLUMNS), COLUMNS)
    transformation = fit_reducing(columns, values[DIMENSIONS], values[CENTRED])
    return {"Results dataset": transformation.apply(table), "PCA Transformation": transformation}
