"""Table Rows: a page of a table, in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Table Rows",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("File", "File"),),
    parameters=(
        Parameter("Offset", "int", 0, minimum=0, doc="The first row, from 0."),
        Parameter("Limit", "int", 100, minimum=0, doc="The most rows."),
        Parameter("Columns", "json", doc="Places of the columns, from 0; nothing: all of them."),
    ),
    doc="Gives some rows of a dataset as JSON.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """data/row_window.py."""
    import json

    from skyloom.data.row_window import row_window

    window = row_window(inputs["Dataset"], values["Offset"], values["Limit"], values["Columns"])
    return {"File": json.dumps(window, allow_nan=False).encode()}
