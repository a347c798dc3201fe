"""Profile Table: what Visualize does, in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Profile Table",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("File", "File"),),
    parameters=(Parameter("Sample", "int", 0, minimum=0, doc="About so many rows; 0: all."),),
    doc="Gives a sample, statistics and histograms of a dataset as JSON.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 3.2. Of a sample it tells the true number of rows, the first of them, ``sampledRows``."""
    import json

    from skyloom.data.profile import SAMPLE_ROWS, profile_table
    from skyloom.data.row_window import row_window, sampled

    table, wanted = inputs["Dataset"], values.get("Sample") or 0
    looked_at = sampled(table, wanted) if wanted else table
    told = profile_table(looked_at)
    told["data"]["numberOfRows"] = table.rows
    if looked_at is not table:
        told["data"]["records"] = row_window(table, 0, SAMPLE_ROWS)["records"]
        told["sampledRows"] = looked_at.rows
    return {"File": json.dumps(told, allow_nan=False).encode()}
