"""Join Data: rows of two datasets whose keys are equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.generation import CLASSIC, GENERATION
from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

LEFT_KEYS = "Comma-separated case-sensitive names of join key columns for L"
RIGHT_KEYS = "Comma-separated case-sensitive names of join key columns for R"

SPEC = ModuleSpec(
    name="Join Data",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset1"), InputPort("Dataset2")),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(
            LEFT_KEYS,
            "columns",
            required=True,
            label="Join key columns for left dataset",
            doc="The key columns of Dataset1.",
        ),
        Parameter(
            RIGHT_KEYS,
            "columns",
            required=True,
            label="Join key columns for right dataset",
            doc="The key columns of Dataset2, in the order of those of Dataset1.",
        ),
        Parameter("Match case", "bool", True, doc="Whether 'Oslo' and 'OSLO' are different keys."),
        Parameter(
            "Join type",
            "choice",
            "Inner Join",
            choices=("Inner Join", "Left Outer Join", "Full Outer Join", "Left Semi-Join"),
            doc="Which rows without a match stay. A semi-join keeps the left rows that have one.",
        ),
        Parameter(
            "Keep right key columns in joined table",
            "bool",
            True,
            shown_when=("Join type", ("Inner Join", "Left Outer Join", "Full Outer Join")),
            doc="Whether the key columns of Dataset2 are in the result beside those of Dataset1.",
        ),
        GENERATION,
    ),
    family="124865f7e9014656adacf4cb08248099",
    aliases=("Join",),
    doc="Joins two datasets by key columns. A missing key matches nothing; repeated names get ' (2)', in "
    "Designer's spelling _R.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4 and Corrections."""
    from skyloom.modules.tables.join import join_tables
    from skyloom.modules.tables.selection import picked_columns

    left, right = inputs["Dataset1"], inputs["Dataset2"]
    joined = join_tables(
        left,
        right,
        picked_columns(left, values, LEFT_KEYS),
        picked_columns(right, values, RIGHT_KEYS),
        values["Join type"],
        match_case=values["Match case"],
        keep_right_keys=values.get("Keep right key columns in joined table", True),
        generation=values.get(GENERATION.name, CLASSIC),
    )
    return {"Results dataset": joined}
