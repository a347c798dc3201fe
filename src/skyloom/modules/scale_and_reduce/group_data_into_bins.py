"""Group Data into Bins: numbers of a column put into numbered bins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

MODE = "Binning mode"
QUANTILES, EQUAL_WIDTH, ENTROPY = "Quantiles", "EqualWidth", "EntropyMDL"
CUSTOM, STEPS = "CustomEdges", "EqualWidthCustomStartAndStop"
COLUMNS = "Columns to bin"
EDGES = "Comma-separated list of bin edges"

_FOR_STEPS = (MODE, (STEPS,))

SPEC = ModuleSpec(
    name="Group Data into Bins",
    version="v0.1",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Quantized dataset"), OutputPort("Binning transformation", "ITransform")),
    parameters=(
        Parameter(
            MODE,
            "choice",
            QUANTILES,
            choices=(QUANTILES, EQUAL_WIDTH, CUSTOM, ENTROPY, STEPS),
            doc=(
                "Bins of equally many numbers, of one width, between edges of your own, those that tell the "
                "label column best, or of one width between a start and a stop."
            ),
        ),
        Parameter(COLUMNS, "columns", required=True, doc="Numeric columns."),
        Parameter(
            "Output mode",
            "choice",
            "Append",
            choices=("Append", "Inplace", "ResultOnly"),
            doc="Add NAME_quantized, replace the columns, or give nothing but the binned columns.",
        ),
        Parameter(
            "Tag columns as categorical",
            "bool",
            True,
            doc="Whether bins come as categories; otherwise as numbers.",
        ),
        Parameter(
            "Number of bins",
            "int",
            10,
            minimum=1,
            shown_when=(MODE, (QUANTILES, EQUAL_WIDTH, ENTROPY)),
            doc="How many bins; with EntropyMDL at most so many.",
        ),
        Parameter(
            "Quantile normalization",
            "choice",
            "Percent",
            choices=("Percent", "PQuantile", "QuantileIndex"),
            shown_when=(MODE, (QUANTILES,)),
            doc="What stands for bin k of n: 100 k/(n+1), k/(n+1) or k.",
        ),
        Parameter(
            "First edge position", "float", 0.0, shown_when=_FOR_STEPS, doc="Bin 1 holds numbers up to it."
        ),
        Parameter("Bin width", "float", 0.5, shown_when=_FOR_STEPS, doc="From one edge to the next."),
        Parameter("Last edge position", "float", 1.0, shown_when=_FOR_STEPS, doc="No edge lies above it."),
        Parameter(
            EDGES,
            "string",
            required=True,
            shown_when=(MODE, (CUSTOM,)),
            doc="Rising numbers such as 18, 40, 65; a number on an edge belongs to the bin below.",
        ),
    ),
    family="08550dd9c5d34538818896a9024ed92d",
    aliases=("Quantize",),
    doc=(
        "Gives each number the number of its bin, from 1 on. The second output remembers the edges: it puts "
        "other data into the same bins, numbers beyond all edges into the first or the last."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. Designer's transform made bins anew from whatever it was applied to; ours does not.

    Raises
    ------
    ProblemError
        M0017 a selected column is no number; M0002, M0004, M0007 and M0019 unusable edges; M0024 no label
        column for EntropyMDL.
    """
    from dataclasses import replace

    from skyloom.modules.tables.bin_edges import bin_edges
    from skyloom.modules.tables.binning import INDEX, fit_binning
    from skyloom.modules.tables.numbers import numeric_columns
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    columns = numeric_columns(table, picked_columns(table, values, COLUMNS), COLUMNS)
    transformation = replace(
        fit_binning(columns, bin_edges(table, columns, values)),
        output=values["Output mode"],
        as_categories=values["Tag columns as categorical"],
        scale=values.get("Quantile normalization", INDEX),
    )
    return {"Quantized dataset": transformation.apply(table), "Binning transformation": transformation}
