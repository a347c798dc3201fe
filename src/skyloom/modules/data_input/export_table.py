"""Export Table: what a download does, in a box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    from skyloom.data.formats.arff import write_arff
    from skyloom.data.formats.csv import write_csv
    from skyloom.data.formats.parquet import write_parquet
    from skyloom.data.formats.svmlight import write_svmlight
    from skyloom.data.formats.tsv import write_tsv

    writers: Mapping[str, Callable[[Any, str], None]] = {
        "csv": write_csv,
        "tsv": write_tsv,
        "arff": write_arff,
        "svmlight": write_svmlight,
        "parquet": write_parquet,
    }
    path = f"table.{values['Format']}"
    writers[values["Format"]](inputs["Dataset"], path)
    return {"File": path}
