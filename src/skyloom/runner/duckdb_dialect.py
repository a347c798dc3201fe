"""SQL on DuckDB, over the frames themselves: nothing is loaded."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Type

import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from skyloom.runner.fence import safe_text
from skyloom.runner.sql_text import Statement

_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
_SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a statement reads t1, t2, t3 and never a variable of ours
}
_MEMORY_SHARE = 0.7  # of the node's limit; the rest is for the frames and the interpreter


def run_duckdb(text: str, tables: Sequence[Tuple[str, Table]], limits: Mapping[str, Any]) -> Any:
    """Run all statements; the rows of the last query as a frame.

    Raises
    ------
    ProblemError
        S030 and S031 (Studio error 0069), S033 when the environment has no DuckDB.
    """
    try:
        import duckdb  # optional dependency: the duckdb package, in the environment of the node
    except ImportError as error:
        fix = "Add duckdb to the node's environment, or choose the dialect SQLite."
        raise ProblemError(
            Problem("S033", "DuckDB is not installed in this environment.", "Dialect", fix)
        ) from error
    connection = duckdb.connect(":memory:", config=_settings(limits))
    try:
        for name, table in tables:
            connection.register(name, frame_from_table(table, load_objects=True))
        connection.execute("set lock_configuration=true")
        result = _run_all(connection, text, duckdb.Error)
    finally:
        connection.close()
    if result is None:
        fix = "End the text with a SELECT; its rows are the result."
        raise ProblemError(Problem("S031", "No statement gave a result.", "SQL Query Script", fix))
    return result


def _run_all(connection: Any, text: str, fault: Type[BaseException]) -> Optional[pandas.DataFrame]:
    result: Optional[pandas.DataFrame] = None
    current = Statement(text, 1)
    end = 0
    try:
        for found in connection.extract_statements(text):
            start = max(text.find(found.query, end), end)
            end = start + len(found.query)
            current = Statement(found.query, 1 + text.count("\n", 0, start))
            relation = connection.sql(found.query)
            if "SELECT" in str(found.type):
                result = _frame(relation)
            elif relation is not None:
                relation.fetchall()  # newer versions answer every statement, and wait to be asked
    except fault as error:
        raise ProblemError(_problem(error, current)) from error
    return result


def _problem(error: BaseException, statement: Statement) -> Problem:
    message = safe_text(error).strip()
    found = _LINE.search(message)
    line = statement.line - 1 + int(found.group(1)) if found else statement.line_of(message)
    is_forbidden = type(error).__name__ == "PermissionException"
    code, fix = "S030", "The inputs are t1, t2 and t3."
    if is_forbidden:
        code, fix = "S032", "The statements reach their input tables only."
    return Problem(code, f"DuckDB says: {message}", f"SQL Query Script:{line}", fix)


def _settings(limits: Mapping[str, Any]) -> Dict[str, Any]:
    settings = dict(
        _SETTINGS, threads=str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    )
    memory = limits.get("memory_bytes")
    if memory:
        settings["memory_limit"] = f"{int(memory * _MEMORY_SHARE)}B"
    return settings


def _frame(relation: Any) -> pandas.DataFrame:
    """A relation's rows; through Arrow where it is installed, for it keeps whole numbers whole."""
    try:
        import pyarrow  # optional dependency: the pyarrow package, in the environment of the node
    except ImportError:
        frame: pandas.DataFrame = relation.df()
        return frame
    rows = relation.to_arrow_table()
    columns = {place: _column(column, pyarrow) for place, column in enumerate(rows.columns)}
    result = pandas.DataFrame(columns)
    result.columns = pandas.Index(rows.column_names, dtype=object)
    return result


def _column(column: Any, pyarrow: Any) -> Any:
    """One column as pandas has it: whole sums stay whole, decimals are doubles, dates are moments."""
    kind = column.type
    if pyarrow.types.is_decimal(kind):
        column = _number(column, kind, pyarrow)
    elif pyarrow.types.is_date(kind):
        column = column.cast(pyarrow.timestamp("s"))
    elif pyarrow.types.is_time(kind):
        column = column.cast(pyarrow.string())
    return column.to_pandas()


def _number(column: Any, kind: Any, pyarrow: Any) -> Any:
    if kind.scale == 0:
        try:
            return column.cast(pyarrow.int64())
        except pyarrow.ArrowInvalid:  # a sum larger than 64 bits
            pass
    return column.cast(pyarrow.float64())
