"""Convert to SVMLight: the dataset as it is, to be downloaded as .svmlight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Convert to SVMLight",
    version="v2.0",
    category="Data Transformation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    doc=(
        "Passes the dataset on unchanged, once it is sure that it can be written as .svmlight: numbers only, "
        "and one label column."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.2: the same table.

    Raises
    ------
    ProblemError
        D045 (Studio error 0024) without a label column, D046 (0017) for every column that is no number.
    """
    from skyloom.data.formats.svmlight import check_svmlight

    check_svmlight(inputs["Dataset"])
    return {"Results dataset": inputs["Dataset"]}
