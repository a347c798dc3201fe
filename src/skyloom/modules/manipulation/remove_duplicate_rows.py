"""Remove Duplicate Rows: of rows with equal keys, one stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Remove Duplicate Rows",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(
            "Key column selection filter expression",
            "columns",
            required=True,
            doc="The columns by which rows are compared.",
        ),
        Parameter(
            "Retain first duplicate row",
            "bool",
            True,
            doc="Of equal rows, keep the first; otherwise the last.",
        ),
    ),
    family="02016f47e4c34a069ae516c747389e34",
    doc="Keeps one of the rows that are equal in the key columns. A row with a missing key always stays.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. The rows that stay keep their order."""
    import pandas as pd

    from skyloom.modules.tables.keys import MISSING_KEY, row_keys
    from skyloom.modules.tables.rows import keep_rows
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    names = picked_columns(table, values, "Key column selection filter expression")
    keys = row_keys([table.column(name) for name in names])
    keeps_first: bool = values["Retain first duplicate row"]
    is_repeated = pd.Series(keys).duplicated(keep="first" if keeps_first else "last").to_numpy()
    return {"Results dataset": keep_rows(table, (keys == MISSING_KEY) | ~is_repeated)}
