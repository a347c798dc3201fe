"""Apply SQL Transformation: SQL over the inputs; what carries it out is ``skyloom.runner.sql``."""

from __future__ import annotations

from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Apply SQL Transformation",
    version="v1.0",
    category="Data Transformation",
    entry=ScriptEntry("sql"),
    inputs=(
        InputPort("Table1", doc="t1 in the statements."),
        InputPort("Table2", required=False, doc="t2 in the statements."),
        InputPort("Table3", required=False, doc="t3 in the statements."),
    ),
    outputs=(OutputPort("Results dataset", doc="The rows of the last SELECT."),),
    parameters=(
        Parameter(
            "SQL Query Script",
            "script",
            "select * from t1",
            label="SQL query script",
            doc='Statements over t1, t2 and t3, separated by ";". Names with blanks stand in [] or "".',
        ),
        Parameter(
            "Dialect",
            "choice",
            "SQLite",
            choices=("SQLite", "DuckDB"),
            doc="SQLite as in the old product. DuckDB is quicker and reads some statements otherwise.",
        ),
    ),
    family="90381e8067c34d9987541db785b7ea37",
    doc="Runs SQL over up to three datasets. Label, feature and category marks are lost.",
)
