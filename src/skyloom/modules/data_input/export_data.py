"""Export Data: a dataset written to a place outside. The agent writes it; a box has no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

TARGET = "Please specify data destination"
FILE, SQL = "Local file", "SQL database"
FORMAT, HEADER = "File format", "Write header row"
CSV, TSV = "CSV", "TSV"

SPEC = ModuleSpec(
    name="Export Data",
    version="v1.0",
    category="Data Input and Output",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(
        OutputPort("Exported file", "File", optional=True, doc="The file as it was written; none for SQL."),
    ),
    parameters=(
        Parameter(TARGET, "choice", FILE, choices=(FILE, SQL), doc="Where the data goes."),
        Parameter(
            "Path",
            "path",
            required=True,
            shown_when=(TARGET, (FILE,)),
            doc="A file in one of the folders that SKYLOOM_EXPORT_ROOTS lists; its folder must be there.",
        ),
        Parameter(
            FORMAT,
            "choice",
            CSV,
            choices=(CSV, TSV, "ARFF", "SvmLight", "Parquet"),
            shown_when=(TARGET, (FILE,)),
            doc="The format of the file.",
        ),
        Parameter(
            HEADER,
            "bool",
            True,
            shown_when=(FORMAT, (CSV, TSV)),
            doc="Whether the first line has the names of the columns.",
        ),
        Parameter(
            "File write mode",
            "choice",
            "Overwrite",
            choices=("Overwrite", "Error"),
            shown_when=(TARGET, (FILE,)),
            doc="Replace a file that is there, in one step, or fail.",
        ),
        Parameter(
            "Database URL",
            "secret",
            required=True,
            shown_when=(TARGET, (SQL,)),
            doc=(
                "postgresql://user:password@host/name for a server that SKYLOOM_EXPORT_ALLOW lists, or "
                "sqlite:////folder/file below SKYLOOM_EXPORT_ROOTS."
            ),
        ),
        Parameter(
            "Data table name",
            "string",
            required=True,
            shown_when=(TARGET, (SQL,)),
            doc="The table; in PostgreSQL also schema.table. It is made when it is not there.",
        ),
        Parameter(
            "Table write mode",
            "choice",
            "Append",
            choices=("Append", "Replace", "Error"),
            shown_when=(TARGET, (SQL,)),
            doc="What becomes of a table that is there: add rows, drop it first, or fail.",
        ),
        Parameter(
            "Use cached results",
            "bool",
            False,
            affects_result=False,
            doc="Do not write again while neither the dataset nor a parameter has changed.",
        ),
    ),
    delivers=True,
    family="7a391181b6a74ad4b82de419c0d6522c",
    aliases=("Writer",),
    doc=(
        "Writes the dataset to a file or into a database, all of it or nothing. Places have to be allowed by "
        "whoever runs the workspace; none is by default."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the file that the agent will copy; rows for a database the agent takes from the dataset itself."""
    from skyloom.modules.data_input.file_formats import write_file

    if values[TARGET] == SQL:
        return {"Exported file": None}
    path = write_file(inputs["Dataset"], values[FORMAT], header=bool(values.get(HEADER, True)))
    return {"Exported file": path}
