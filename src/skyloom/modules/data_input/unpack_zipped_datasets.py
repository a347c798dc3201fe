"""Unpack Zipped Datasets: a table out of an archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

COMPRESSION, NAME = "Compression file format", "Dataset to Unpack"
FORMAT, HEADER = "Dataset file format", "File has header row"
ZIP, GZIP = "Zip", "Gzip"
FORMATS = {"CSV": "CSV", "TSV": "TSV", "ARFF": "ARFF", "SVMLIGHT": "SvmLight"}

SPEC = ModuleSpec(
    name="Unpack Zipped Datasets",
    version="v1.0",
    category="Data Input and Output",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset", ("Zip", "File")),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(COMPRESSION, "choice", ZIP, choices=(ZIP, GZIP), doc="What the file is."),
        Parameter(
            NAME,
            "string",
            shown_when=(COMPRESSION, (ZIP,)),
            doc="The name of a file in the archive; may be empty when there is only one.",
        ),
        Parameter(FORMAT, "choice", "CSV", choices=tuple(FORMATS), doc="The format of the file."),
        Parameter(
            HEADER,
            "bool",
            False,
            shown_when=(FORMAT, ("CSV", "TSV")),
            doc="Whether its first line has the names of the columns.",
        ),
    ),
    doc="Reads one file of an archive as a dataset. What unpacks to far more than it should is refused.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the old product's documentation (studio.md 2.2).

    Raises
    ------
    ProblemError
        D048 (Studio error 0102) the archive cannot be used; M0132 several files and no name; M0133 no file
        of the name; what the reader of the format finds wrong.
    """
    import os

    from skyloom.modules.data_input.archive import unpacked
    from skyloom.modules.reading import read_file

    descriptor = unpacked(inputs["Dataset"], values[COMPRESSION], values.get(NAME) or "")
    try:
        return {"Results dataset": read_file(descriptor, FORMATS[values[FORMAT]], values.get(HEADER, True))}
    finally:
        os.close(descriptor)
