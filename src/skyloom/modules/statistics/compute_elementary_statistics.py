"""Compute Elementary Statistics: one figure of each column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

METHOD, MOMENT = "Method", "KthCentralMoment"
METHODS = (
    "DeviationSquared",
    "GeometricMean",
    "HarmonicMean",
    "InterquartileDistance",
    MOMENT,
    "Max",
    "Mean",
    "MeanDeviation",
    "Median",
    "MedianDeviation",
    "Min",
    "Mode",
    "PopulationStandardDeviation",
    "PopulationVariance",
    "Product",
    "Range",
    "SampleKurtosis",
    "SampleSkewness",
    "SampleStandardDeviation",
    "SampleVariance",
    "Sum",
)
COLUMNS = "Column set"

SPEC = ModuleSpec(
    name="Compute Elementary Statistics",
    version="v1.0",
    category="Statistical Functions",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(METHOD, "choice", "Mean", choices=METHODS, doc="The figure."),
        Parameter(
            "Order",
            "int",
            3,
            minimum=1,
            shown_when=(METHOD, (MOMENT,)),
            doc="The k of the moment: the mean of the k-th powers of the distances from the mean.",
        ),
        Parameter(COLUMNS, "columns", {"ColumnTypes": ["Numeric"]}, doc="Numeric columns."),
    ),
    doc=(
        "One row with the figure of each column, named METHOD(NAME). Missing and infinite numbers count for "
        "nothing; a column without any number has a missing figure."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the old product's documentation (studio.md 2.2).

    Raises
    ------
    ProblemError
        M0017 a selected column is no number.
    """
    import numpy as np

    from skyloom.data.table import Table
    from skyloom.modules.statistics.figures import FIGURES, central_moment
    from skyloom.modules.tables.numbers import new_numbers, numbers_of, numeric_columns
    from skyloom.modules.tables.selection import picked_columns

    table, method = inputs["Dataset"], values[METHOD]
    made = []
    for column in numeric_columns(table, picked_columns(table, values, COLUMNS), COLUMNS):
        numbers = numbers_of(column)
        numbers = numbers[np.isfinite(numbers)]
        figure = np.nan
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if numbers.size and method == MOMENT:
                figure = central_moment(numbers, values["Order"])
            elif numbers.size:
                figure = FIGURES[method](numbers)
        made.append(new_numbers(f"{method}({column.name})", np.array([figure])))
    return {"Results dataset": Table(1, tuple(made))}
