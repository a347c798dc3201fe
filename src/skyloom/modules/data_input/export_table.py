"""Export Table: what a download does, in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Export Table",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("File", "File"),),
    parameters=(
        Parameter(
            "Format",
            "choice",
            "csv",
            choices=("csv", "tsv", "arff", "svmlight", "parquet"),
            doc="The format of the file.",
        ),
    ),
    doc="Writes a dataset as a file that other programs read.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The file is written into the working folder and given by its path."""
    from skyloom.modules.data_input.file_formats import write_file

    return {"File": write_file(inputs["Dataset"], values["Format"])}
