"""Convert to Indicator Values: a column of 0 and 1 for each category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COLUMNS = "Categorical columns to convert"
OVERWRITE = "Overwrite categorical columns"

SPEC = ModuleSpec(
    name="Convert to Indicator Values",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"), OutputPort("Indicator values transformation", "ITransform")),
    parameters=(
        Parameter(COLUMNS, "columns", required=True, doc="Categorical columns."),
        Parameter(OVERWRITE, "bool", False, doc="Leave the columns themselves out."),
    ),
    family="6ea59c36f283410eb34cedfabfac39b0",
    aliases=("Indicator Values",),
    doc=(
        "Adds a column NAME-VALUE for each category of the columns, 1 where a row has it and 0 elsewhere; "
        "missing cells are a category of their own, #NAN. The second output does the same to other data."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0056 a selected column is not categorical.
    """
    from skyloom.modules.tables.indicators import fit_indicators
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    columns = [table.column(name) for name in picked_columns(table, values, COLUMNS)]
    transformation = fit_indicators(columns, bool(values[OVERWRITE]))
    return {
        "Results dataset": transformation.apply(table),
        "Indicator values transformation": transformation,
    }
