"""Compare Columns: what "compare to" of Visualize draws, in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Compare Columns",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("File", "File"),),
    parameters=(
        Parameter("X", "int", 0, minimum=0, doc="Place of the column that is compared, from 0."),
        Parameter("Y", "int", 0, minimum=0, doc="Place of the column it is compared to, from 0."),
    ),
    doc="Gives points, counts or boxes of two columns of a dataset as JSON.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """data/compare_columns.py."""
    import json

    from skyloom.data.compare_columns import compare_columns

    told = compare_columns(inputs["Dataset"], values["X"], values["Y"])
    return {"File": json.dumps(told, allow_nan=False).encode()}
