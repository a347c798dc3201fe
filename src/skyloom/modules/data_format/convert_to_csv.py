"""Convert to CSV: the dataset as it is, to be downloaded as .csv."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Convert to CSV",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    family="faa6ba63383c4086ba587abf26b85814",
    doc="Passes the dataset on unchanged. Download it as .csv; every dataset has every format.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4: the same table."""
    return {"Results dataset": inputs["Dataset"]}
