"""Select Columns Transform: the columns of one dataset, taken from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Select Columns Transform",
    version="v1.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset with desired columns"),),
    outputs=(OutputPort("Columns selection transformation", "ITransform"),),
    family="aa517da1497843ed960ff26cf55bfa95",
    doc=(
        "Remembers which columns a dataset has, in their order. Apply Transformation takes the same ones "
        "from other data, such as those that Filter Based Feature Selection chose."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md, Appendix A."""
    from skyloom.modules.tables.choosing import ColumnsTransformation

    names = inputs["Dataset with desired columns"].names
    return {"Columns selection transformation": ColumnsTransformation(names)}
