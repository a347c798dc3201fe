"""Apply SQL Transformation: the inputs are tables t1, t2, t3; the last SELECT is the result.

Source: studio.md 2.4. SQLite is the dialect of the old product and the default; DuckDB is an explicit choice,
never a silent swap, for the two read some statements differently.
"""

from __future__ import annotations

from typing import Any, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.table import Table
from skyloom.runner.inputs import Inputs
from skyloom.runner.message import Job

TEXT_PARAMETER = "SQL Query Script"
DIALECT_PARAMETER = "Dialect"
SQLITE = "SQLite"
DUCKDB = "DuckDB"

NamedTables = Tuple[Tuple[str, Table], ...]


def call_sql(job: Job, inputs: Inputs) -> Any:
    """Run the statements and give the last SELECT's rows as a DataFrame.

    Raises
    ------
    ProblemError
        S004 no text, S006 a column that SQL cannot hold, S030 a statement is wrong, S031 no SELECT, S032 a
        statement is not allowed, S033 the engine is not installed, S034 unknown dialect.
    """
    text = job.text_value(TEXT_PARAMETER)
    if text is None:
        raise ProblemError(
            Problem("S004", "The node has no SQL text.", TEXT_PARAMETER, "Write a SELECT over t1, t2 and t3.")
        )
    dialect = job.values.get(DIALECT_PARAMETER) or SQLITE
    tables: NamedTables = tuple(
        (f"t{place}", inputs.value(item))
        for place, item in enumerate(job.data_inputs, start=1)
        if item.is_connected
    )
    if dialect == SQLITE:
        from skyloom.runner.sqlite_dialect import run_sqlite  # an interpreter may be built without sqlite3

        return run_sqlite(text, tables)
    if dialect == DUCKDB:
        from skyloom.runner.duckdb_dialect import run_duckdb  # loads only what the node asks for

        return run_duckdb(text, tables, job.limits)
    what = f"There is no SQL dialect named {dialect!r}."
    raise ProblemError(Problem("S034", what, DIALECT_PARAMETER, f"Choose {SQLITE} or {DUCKDB}."))
