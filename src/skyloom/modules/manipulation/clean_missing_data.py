"""Clean Missing Data: replaces missing cells, or removes the rows or columns that have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

MODE = "Cleaning mode"
MICE, CUSTOM = "Replace using MICE", "Custom substitution value"
MEAN, MEDIAN, MOST_FREQUENT = "Replace with mean", "Replace with median", "Replace with mode"
ROW, COLUMN, PCA = "Remove entire row", "Remove entire column", "Replace using Probabilistic PCA"

SPEC = ModuleSpec(
    name="Clean Missing Data",
    version="v0.1",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Cleaned dataset"), OutputPort("Cleaning transformation", "ITransform")),
    parameters=(
        Parameter("Columns to be cleaned", "columns", required=True, doc="The columns to look at."),
        Parameter(
            "Minimum missing value ratio",
            "float",
            0.0,
            minimum=0,
            maximum=1,
            doc="Clean only columns of which at least this share is missing.",
        ),
        Parameter(
            "Maximum missing value ratio",
            "float",
            1.0,
            minimum=0,
            maximum=1,
            doc="Clean only columns of which at most this share is missing.",
        ),
        Parameter(
            MODE,
            "choice",
            CUSTOM,
            choices=(MICE, CUSTOM, MEAN, MEDIAN, MOST_FREQUENT, ROW, COLUMN, PCA),
            doc="What to do about missing cells.",
        ),
        Parameter(
            "Replacement value",
            "string",
            "0",
            shown_when=(MODE, (CUSTOM,)),
            doc="The value to put, in the type of each column.",
        ),
        Parameter(
            "Cols with all missing values",
            "choice",
            "Remove",
            choices=("Propagate", "Remove"),
            shown_when=(MODE, (MICE, MEAN, MEDIAN, MOST_FREQUENT)),
            doc="Whether columns without any value stay as they are or are left out.",
        ),
        Parameter(
            "Generate missing value indicator column",
            "bool",
            False,
            shown_when=(MODE, (MICE, PCA, MEAN, MEDIAN, MOST_FREQUENT, CUSTOM)),
            doc="Add a column NAME_IsMissing for each cleaned column.",
        ),
        Parameter(
            "Number of Iterations",
            "int",
            5,
            minimum=1,
            maximum=10,
            shown_when=(MODE, (MICE,)),
            doc="How often the estimates are made better.",
        ),
        Parameter(
            "Number of Iterations for PCA Prediction",
            "int",
            10,
            minimum=1,
            maximum=50,
            shown_when=(MODE, (PCA,)),
            doc="How often the estimates are made better.",
        ),
    ),
    family="d2c5ca2f732341a39b7eda917c99f0c4",
    aliases=("Missing Values Scrubber",),
    doc=(
        "Cleans missing values. The second output remembers the replacements, so that Apply Transformation "
        "does the same to other data."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4."""
    from skyloom.modules.tables.cleaning import columns_to_clean, fit_cleaning
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    names = columns_to_clean(
        table,
        picked_columns(table, values, "Columns to be cleaned"),
        values["Minimum missing value ratio"],
        values["Maximum missing value ratio"],
    )
    transformation = fit_cleaning(table, names, values)
    return {
        "Cleaned dataset": transformation.apply(table) if transformation.has_work else table,
        "Cleaning transformation": transformation,
    }
