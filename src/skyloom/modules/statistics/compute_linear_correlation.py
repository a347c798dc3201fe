"""Compute Linear Correlation: Pearson's r of every pair of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Compute Linear Correlation",
    version="v1.0",
    category="Statistical Functions",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    doc=(
        "A row and a column for each column of the dataset, in their order. A pair counts the rows that have "
        "both numbers; a column that is no number, or has one value only, is correlated with nothing, which "
        "is missing."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the old product's documentation (studio.md 2.2).

    Raises
    ------
    ProblemError
        M0020 a dataset without columns.
    """
    import numpy as np
    import pandas as pd

    from skyloom.data.table import Table
    from skyloom.modules.studio_error import studio_error
    from skyloom.modules.tables.numbers import new_numbers, numbers_of

    table = inputs["Dataset"]
    if not table.columns:
        raise studio_error(20, "The dataset has no columns.", "Dataset", "Give it some.")
    numbers = {
        place: np.where(np.isfinite(cells), cells, np.nan)
        for place, column in enumerate(table)
        if column.attributes.is_numeric
        for cells in [numbers_of(column)]
    }
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = pd.DataFrame(numbers, index=range(table.rows)).corr(min_periods=2)
    whole = found.reindex(index=range(len(table.columns)), columns=range(len(table.columns)))
    columns = [new_numbers(name, whole[place].to_numpy("f8")) for place, name in enumerate(table.names)]
    return {"Results dataset": Table(len(table.columns), tuple(columns))}
