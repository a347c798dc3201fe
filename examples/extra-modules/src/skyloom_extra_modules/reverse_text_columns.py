"""Reverse Text Columns: every text back to front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter
from skyloom.core.problem import Problem, ProblemError

SPEC = ModuleSpec(
    name="Reverse Text Columns",
    version="v1.0",
    category="Extra modules",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Reversed dataset"),),
    parameters=(Parameter("Columns", "columns", required=True, doc="The text columns to reverse."),),
    doc="Writes the text of the selected columns back to front; other columns are handed on as they are.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Missing cells stay missing."""
    from skyloom.data.column_selector import parse_selector, select_columns
    from skyloom.data.from_frame import column_from_series
    from skyloom.data.to_frame import series_from_column

    table = inputs["Dataset"]
    names = select_columns(parse_selector(values["Columns"]), table.schema, where="Columns")
    problems = [
        Problem(
            "X900", f"Column '{name}' is {table.column(name).type}, not text.", name, "Select text columns."
        )
        for name in names
        if table.column(name).type != "String"
    ]
    if problems:
        raise ProblemError(problems)
    reversed_columns = [
        column_from_series(series_from_column(table.column(name)).str[::-1], name) for name in names
    ]
    return {"Reversed dataset": table.with_columns(reversed_columns)}
