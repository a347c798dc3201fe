"""Summarize Data: figures of every column, a row for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Summarize Data",
    version="v1.0",
    category="Statistical Functions",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    aliases=("Descriptive Statistics",),
    doc=(
        "One row for each column: how many values it has, how many distinct ones and how many are missing, "
        "and for numbers mean, quartiles, percentiles, deviation, skewness and kurtosis. Infinite numbers "
        "count as values and for nothing else."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the old product's documentation (studio.md 2.2)."""
    from skyloom.modules.statistics.summary import summary_of

    return {"Results dataset": summary_of(inputs["Dataset"])}
