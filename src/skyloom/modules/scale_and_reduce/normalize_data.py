"""Normalize Data: numbers of unlike ranges brought to one scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

METHOD = "Transformation method"
CONSTANT = "Use 0 for constant columns when checked"
COLUMNS = "Columns to transform"

SPEC = ModuleSpec(
    name="Normalize Data",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Transformed dataset"), OutputPort("Transformation function", "ITransform")),
    parameters=(
        Parameter(
            METHOD,
            "choice",
            "ZScore",
            choices=("ZScore", "MinMax", "Logistic", "LogNormal", "Tanh"),
            doc=(
                "ZScore: mean 0 and deviation 1. MinMax: from 0 to 1. Logistic: 1/(1+e^-x). LogNormal: the "
                "share of a fitted log-normal distribution below the number. Tanh: from -1 to 1."
            ),
        ),
        Parameter(
            CONSTANT,
            "bool",
            True,
            shown_when=(METHOD, ("ZScore", "MinMax", "LogNormal")),
            doc="Columns of one number only become 0; otherwise they become missing.",
        ),
        Parameter(COLUMNS, "columns", required=True, doc="Numeric columns."),
    ),
    family="986df33367484b85923d871df70d6aaf",
    doc=(
        "Brings numeric columns to one scale. Infinite numbers become missing, and columns without a number "
        "stay as they are. The second output does the same to other data, by the scale of this."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4.

    Raises
    ------
    ProblemError
        M0017 a selected column is no number.
    """
    from skyloom.modules.tables.normalizing import fit_normalizing
    from skyloom.modules.tables.numbers import numeric_columns
    from skyloom.modules.tables.selection import picked_columns

    table = inputs["Dataset"]
    columns = numeric_columns(table, picked_columns(table, values, COLUMNS), COLUMNS)
    transformation = fit_normalizing(columns, values[METHOD], bool(values.get(CONSTANT, True)))
    return {
        "Transformed dataset": transformation.apply(table),
        "Transformation function": transformation,
    }
