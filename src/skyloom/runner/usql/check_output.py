"""OUTPUT: rows as lines of a text file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.aggregates import order_sql
from skyloom.runner.usql.check_query import QueryChecker, fetch_sql
from skyloom.runner.usql.context import Context
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.options import Format, read_options
from skyloom.runner.usql.scope import Column, Scope, ScopeSource
from skyloom.runner.usql.text_form import date_format, file_text_sql
from skyloom.runner.usql.typed import Typed, quoted


@dataclass(frozen=True)
class OutputPlan:
    """A checked OUTPUT: a SELECT of whole lines, without the line end that DuckDB adds itself."""

    at: int
    path: str  # as the script has it
    target: str
    sql: str
    header: str  # "" for none
    encoding: str
    row_delimiter: str


def check_output(written: s.Output, context: Context) -> OutputPlan:
    """What an OUTPUT writes, and where.

    Raises
    ------
    FaultError
        What its parts have wrong; U013 a column that text files do not hold, U027 where it may not go.
    """
    rowset = QueryChecker(context).check(written.rowset)
    form = read_options(written.using, "Outputters", context.constant)
    for column in rowset.columns:
        if column.type.name in ("ARRAY", "MAP"):
            what = f"Text files hold no {column.type}: the column '{column.name}'."
            raise FaultError("U013", what, written.at, 'Join its parts: string.Join(",", x), or EXPLODE it.')
    path = context.constant(written.path, "string", "A path")
    if not path:
        raise FaultError("U027", "The path is empty or null.", written.path.at, "Name a file.")
    if "{" in path:
        raise FaultError(
            "U027", "OUTPUT writes one file; file sets are read only.", written.path.at, "Write one path."
        )
    target = context.places.to_write(path, written.path.at)
    scope = Scope([ScopeSource("", rowset.columns, "o")])
    checker = context.expressions(scope, "ORDER BY")
    parts: List[Typed] = []
    keys = [order_sql(checker.check(one.expression), one.descending, parts) for one in written.order]
    order = f" ORDER BY {', '.join(keys)}" if keys else ""
    end = form["rowDelimiter"] if form["rowDelimiter"] is not None else "\r\n"
    tail = f" || {quoted(end[:-1])}" if end.endswith("\n") and len(end) > 1 else ""
    line = _line(rowset.columns, form, written.using.at)
    sql = f"SELECT ({line}){tail} AS line FROM ({rowset.sql}) AS o{order}{fetch_sql(written.fetch, context)}"
    header = ""
    if form["outputHeader"]:
        header = form["delimiter"].join(_quoted(column.name, form) for column in rowset.columns)
    return OutputPlan(written.at, context.places.written(path), target, sql, header, form["encoding"], end)


def _line(columns: "tuple[Column, ...]", form: Format, at: int) -> str:
    empty = quoted(form["nullEscape"] or "")
    dates = date_format(form["dateTimeFormat"], at)
    cells = []
    for place, column in enumerate(columns):
        text = file_text_sql(column.type, f'o."c{place}"', dates)
        if column.type.name in ("string", "char") and form["quoting"]:
            text = f"""('"' || replace({text}, '"', '""') || '"')"""
        cells.append(f"COALESCE({text}, {empty})" if column.type.nullable else text)
    return f" || {quoted(form['delimiter'])} || ".join(cells)


def _quoted(name: str, form: Format) -> str:
    return '"' + name.replace('"', '""') + '"' if form["quoting"] else name
