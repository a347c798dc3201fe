"""Import Data: a file, a web address, a query or a datastore. The agent fetches it; a box has no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SOURCE = "Please Specify Data Source"
FILE, WEB, SQL, STORE = "Local file", "Web URL via HTTP", "SQL database", "Datastore"
FETCHED = "fetched"  # the input that the agent adds

SPEC = ModuleSpec(
    name="Import Data",
    version="v1.0",
    category="Data Input and Output",
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(SOURCE, "choice", WEB, choices=(FILE, WEB, SQL, STORE), doc="Where the data is."),
        Parameter(
            "Path", "path", required=True, shown_when=(SOURCE, (FILE,)), doc="A file that the agent can read."
        ),
        Parameter(
            "URL", "string", required=True, shown_when=(SOURCE, (WEB,)), doc="An address, http or https."
        ),
        Parameter(
            "Database URL",
            "secret",
            required=True,
            shown_when=(SOURCE, (SQL,)),
            doc="Such as postgresql://user:password@host/name or sqlite:////folder/file.",
        ),
        Parameter("SQL Query", "script", required=True, shown_when=(SOURCE, (SQL,)), doc="One SELECT."),
        Parameter(
            "Datastore",
            "string",
            required=True,
            shown_when=(SOURCE, (STORE,)),
            doc="A datastore of the workspace, such as a blob container, an S3 bucket or a folder.",
        ),
        Parameter(
            "Path on datastore", "string", required=True, shown_when=(SOURCE, (STORE,)), doc="A file there."
        ),
        Parameter(
            "Data Format",
            "choice",
            choices=("CSV", "TSV", "ARFF", "SvmLight", "Parquet", "PlainText"),
            shown_when=(SOURCE, (FILE, WEB, STORE)),
            doc="Empty: what the ending of the name says, otherwise CSV.",
        ),
        Parameter(
            "CSV or TSV has Header Row",
            "bool",
            True,
            shown_when=("Data Format", (None, "CSV", "TSV")),
            doc="Whether the first line has the names of the columns.",
        ),
        Parameter(
            "Regenerate output",
            "bool",
            False,
            affects_result=False,
            doc="Fetch again in every run, in place of reusing an earlier result.",
        ),
    ),
    fetches=True,
    family="4e1b0fe6aded4b3fa36f39b8862b9004",
    aliases=("Reader",),
    doc="Makes a dataset of a file, of what a web address gives, of the rows of a query, or of a file of a "
    "datastore.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read what the agent fetched: a table as it is, a query's rows as Parquet, a file by its format."""
    from skyloom.data.table import Table
    from skyloom.modules.reading import read_file

    fetched = inputs[FETCHED]
    if isinstance(fetched, Table):
        return {"Results dataset": fetched}
    if values[SOURCE] == SQL:
        return {"Results dataset": read_file(fetched, "Parquet")}
    place = {FILE: "Path", STORE: "Path on datastore", WEB: "URL"}[values[SOURCE]]
    name = values[place] if values[SOURCE] != WEB else values[place].split("?")[0].split("#")[0]
    has_header = values.get("CSV or TSV has Header Row", True)
    return {"Results dataset": read_file(fetched, values.get("Data Format"), has_header, name)}
