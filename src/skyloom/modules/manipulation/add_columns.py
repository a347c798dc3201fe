"""Add Columns: two datasets side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.generation import CLASSIC, GENERATION
from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Add Columns",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Left dataset"), InputPort("Right dataset")),
    outputs=(OutputPort("Combined dataset"),),
    parameters=(GENERATION,),
    family="5714a225befd438a9bb5f6fdc50a4efb",
    doc=(
        "Puts the right dataset's columns beside the left's, row by row. The shorter one is filled up with "
        "missing values; a repeated name gets (2), in Designer's spelling both get _1 and _2; the left's "
        "label and score columns win."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4: classic's renaming leaves the left columns' names alone, Designer's does not."""
    from skyloom.modules.tables.beside import put_beside

    generation = values.get(GENERATION.name, CLASSIC)
    return {"Combined dataset": put_beside(inputs["Left dataset"], inputs["Right dataset"], generation)}
