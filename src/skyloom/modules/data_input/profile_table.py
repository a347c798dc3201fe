"""Profile Table: what Visualize does, in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Profile Table",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("File", "File"),),
    doc="Gives a sample, statistics and histograms of a dataset as JSON.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 3.2."""
    import json

    from skyloom.data.profile import profile_table

    return {"File": json.dumps(profile_table(inputs["Dataset"]), allow_nan=False).encode()}
