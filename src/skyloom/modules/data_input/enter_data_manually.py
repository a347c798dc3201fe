"""Enter Data Manually: a small dataset typed into the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Enter Data Manually",
    version="v0.1",
    category="Data Input and Output",
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("dataset"),),
    parameters=(
        Parameter(
            "DataFormat",
            "choice",
            "CSV",
            choices=("ARFF", "CSV", "SvmLight", "TSV"),
            label="Data format",
            doc="How the text is to be read.",
        ),
        Parameter("Data", "script", required=True, doc="The text, one row a line."),
        Parameter(
            "HasHeader",
            "bool",
            True,
            shown_when=("DataFormat", ("TSV", "CSV")),
            label="Has header",
            doc="Whether the first line has the names of the columns.",
        ),
    ),
    family="4fbef0ab2c8e4a25b5c47be76eac33d6",
    doc="Makes a dataset of typed text.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4 and Corrections; the readers are those of files."""
    from skyloom.modules.reading import read_text

    return {"dataset": read_text(values["Data"], values["DataFormat"], values.get("HasHeader", True))}
