"""Add Rows: one dataset below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Add Rows",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset1"), InputPort("Dataset2")),
    outputs=(OutputPort("Results dataset"),),
    family="b2ebdabd217d491586cc5b05972f7270",
    doc=(
        "Puts the second dataset's rows below the first's. Both need the same columns: the same names in the "
        "same order, of the same types. Roles are those of the first."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.tables.below import put_below

    return {"Results dataset": put_below(inputs["Dataset1"], inputs["Dataset2"])}
