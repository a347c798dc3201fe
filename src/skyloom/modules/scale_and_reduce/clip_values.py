"""Clip Values: outliers cut off at a bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

BOUNDS = "Set of thresholds"
PEAKS, SUBPEAKS, BOTH = "ClipPeaks", "ClipSubpeaks", "ClipPeaksAndSubpeaks"
KINDS = ("Constant", "Percentile")
SUBSTITUTES = ("Threshold", "Mean", "Median", "Missing")
COLUMNS = "List of columns"

_UPPER, _LOWER = (BOUNDS, (PEAKS, BOTH)), (BOUNDS, (SUBPEAKS, BOTH))

SPEC = ModuleSpec(
    name="Clip Values",
    version="v1.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(BOUNDS, "choice", PEAKS, choices=(PEAKS, SUBPEAKS, BOTH), doc="What to cut off."),
        Parameter(
            "Upper threshold",
            "choice",
            "Constant",
            choices=KINDS,
            shown_when=(BOUNDS, (PEAKS,)),
            doc="Whether the bound is a number or a percentile of the column.",
        ),
        Parameter(
            "Lower threshold",
            "choice",
            "Constant",
            choices=KINDS,
            shown_when=(BOUNDS, (SUBPEAKS,)),
            doc="Whether the bound is a number or a percentile of the column.",
        ),
        Parameter(
            "Threshold",
            "choice",
            "Constant",
            choices=KINDS,
            shown_when=(BOUNDS, (BOTH,)),
            doc="Whether both bounds are numbers or percentiles of the column.",
        ),
        Parameter(
            "Constant value for upper threshold",
            "float",
            99.0,
            shown_when=_UPPER,
            doc="Greater numbers are replaced; for the kind Constant.",
        ),
        Parameter(
            "Constant value for lower threshold",
            "float",
            1.0,
            shown_when=_LOWER,
            doc="Smaller numbers are replaced; for the kind Constant.",
        ),
        Parameter(
            "Percentile value for upper threshold",
            "int",
            99,
            minimum=0,
            maximum=100,
            shown_when=_UPPER,
            doc="Numbers above this percentile are replaced; for the kind Percentile.",
        ),
        Parameter(
            "Percentile value for lower threshold",
            "int",
            1,
            minimum=0,
            maximum=100,
            shown_when=_LOWER,
            doc="Numbers below this percentile are replaced; for the kind Percentile.",
        ),
        Parameter(
            "Substitute value for peaks",
            "choice",
            "Threshold",
            choices=SUBSTITUTES,
            shown_when=_UPPER,
            doc="What takes the place of numbers above the upper bound.",
        ),
        Parameter(
            "Substitute value for subpeaks",
            "choice",
            "Threshold",
            choices=SUBSTITUTES,
            shown_when=_LOWER,
            doc="What takes the place of numbers below the lower bound.",
        ),
        Parameter(COLUMNS, "columns", {"ColumnTypes": ["Numeric"]}, doc="Numeric columns."),
        Parameter(
            "Overwrite flag",
            "bool",
            True,
            doc="Replace the columns; otherwise NAME_clipped_value is added right of each.",
        ),
        Parameter(
            "Add indicator columns",
            "bool",
            False,
            doc="Add NAME_clipped, which tells where a number was replaced.",
        ),
    ),
    family="cdc62e1db64f424cac09bb050918a668",
    doc="Replaces numbers above and below bounds. Numbers on a bound stay, and so do missing ones.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.2, by the old product's documentation.

    Raises
    ------
    ProblemError
        M0017 a selected column is no number; M0007 the bounds are the wrong way round.
    """
    from skyloom.modules.tables.clipping import Bound, clip_columns
    from skyloom.modules.tables.numbers import numeric_columns
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    columns = numeric_columns(table, picked_columns(table, values, COLUMNS), COLUMNS)
    kind = next(
        values[name] for name in ("Upper threshold", "Lower threshold", "Threshold") if name in values
    )

    def bound(side: str, peaks: str) -> Bound | None:
        if f"{kind} value for {side} threshold" not in values:
            return None
        limit = values[f"{kind} value for {side} threshold"]
        return Bound(float(limit), kind == "Percentile", values[f"Substitute value for {peaks}"])

    clipped = clip_columns(
        table,
        columns,
        bound("upper", "peaks"),
        bound("lower", "subpeaks"),
        overwrite=values["Overwrite flag"],
        indicators=values["Add indicator columns"],
    )
    return {"Results dataset": clipped}
