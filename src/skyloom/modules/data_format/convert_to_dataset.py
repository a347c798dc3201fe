"""Convert to Dataset: the table format, with some values made missing or replaced on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Convert to Dataset",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(
            "Action",
            "choice",
            "None",
            choices=("None", "SetMissingValues", "ReplaceValues"),
            doc="Nothing, make a value missing, or put a value in the place of another.",
        ),
        Parameter(
            "Custom Missing Value",
            "string",
            "?",
            shown_when=("Action", ("SetMissingValues",)),
            label="Custom missing value",
            doc="The value that stands for a missing one.",
        ),
        Parameter(
            "Replace",
            "choice",
            "Missing",
            choices=("Missing", "Custom"),
            shown_when=("Action", ("ReplaceValues",)),
            doc="What to replace.",
        ),
        Parameter(
            "Custom Value",
            "string",
            "obs",
            shown_when=("Replace", ("Custom",)),
            label="Custom value",
            doc="The value to replace.",
        ),
        Parameter(
            "New Value",
            "string",
            "0",
            shown_when=("Action", ("ReplaceValues",)),
            label="New value",
            doc="The value to put, in the type of each column.",
        ),
    ),
    family="72bf58e0fc874bb19704f1805003b975",
    doc="Gives a dataset. Can make a value missing or replace a value, in every column.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.tables.replacing import replace_missing, replace_value, set_missing

    table = inputs["Dataset"]
    if values["Action"] == "SetMissingValues":
        table = set_missing(table, values["Custom Missing Value"] or "")
    elif values["Action"] == "ReplaceValues" and values["Replace"] == "Missing":
        table = replace_missing(table, values["New Value"] or "")
    elif values["Action"] == "ReplaceValues":
        table = replace_value(table, values["Custom Value"] or "", values["New Value"] or "")
    return {"Results dataset": table}
