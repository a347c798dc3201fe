"""Select Columns in Dataset: some columns, in the order of the selection or of the dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Select Columns in Dataset",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(
            "Select Columns",
            "columns",
            required=True,
            label="Select columns",
            doc="Which columns to keep. A selection by name also sets their order.",
        ),
    ),
    family="1ec722fab6234e26a44ea50c6d726223",
    aliases=("Project Columns",),
    doc="Keeps the selected columns; their label, score and feature roles stay with them.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. The columns are the input's own: nothing is copied."""
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    return {"Results dataset": table.select(picked_columns(table, values, "Select Columns"))}
