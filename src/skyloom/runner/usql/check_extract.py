"""EXTRACT: files of text as rows with types."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.clr_type import ClrType, resolve
from skyloom.runner.usql.context import Context, Recoding
from skyloom.runner.usql.faults import SILENT, FaultError
from skyloom.runner.usql.file_set import columns_of, file_set, is_file_set
from skyloom.runner.usql.members import PARSE_BOOL, PARSE_DATE
from skyloom.runner.usql.options import Format, read_options
from skyloom.runner.usql.scope import Column, Rowset
from skyloom.runner.usql.typed import literal_sql, quoted

_LONGEST_ROW = 4 << 20  # bytes; U-SQL's own limit
_BUFFER = 2 * _LONGEST_ROW  # DuckDB's own choice is sixteen of the longest rows, for each thread
_WHOLE = "[+-]?[0-9]+"
_REAL = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity"

File = Tuple[str, Dict[str, Any]]  # a path and the values of its virtual columns


def check_extract(written: s.Extract, context: Context) -> Rowset:
    """The rowset of an EXTRACT.

    Raises
    ------
    FaultError
        U010 a column stands twice, U019 a type that files do not hold, U020 and U021 the extractor, U023
        columns of the path, U024 a file that is not there.
    """
    columns = _columns(written, context)
    form = read_options(written.using, "Extractors", context.constant)
    files, virtual = _files(written, columns, context)
    real = [column for column in columns if column.name not in virtual]
    if not real:
        raise FaultError(
            "U023", "Every column stands in the path; none is in the files.", written.at, "Add a column."
        )
    sources = [(_readable(path, form, context, written.at), values) for path, values in files]
    for path, _ in sources:
        context.files[path] = written.at
    return Rowset(tuple(columns), _sql(written, columns, real, virtual, sources, form, context))


def _columns(written: s.Extract, context: Context) -> List[Column]:
    columns: List[Column] = []
    failed = False
    for one in written.columns:
        try:
            kind = resolve(one.type)
            if kind.name in ("ARRAY", "MAP"):
                what = f"Text files hold no {kind}."
                raise FaultError("U019", what, one.type.at, "Read it as string, and Split it in a SELECT.")
            if any(column.name == one.name for column in columns):
                raise FaultError("U010", f"The column '{one.name}' stands twice.", one.at, "Rename one.")
            columns.append(Column(one.name, kind))
        except FaultError as error:
            context.faults.keep(error.fault)
            failed = True
    if failed:
        raise FaultError(SILENT, "", written.at)
    return columns


def _files(written: s.Extract, columns: List[Column], context: Context) -> Tuple[List[File], List[str]]:
    types = {column.name: column.type for column in columns}
    found: List[File] = []
    virtual: List[str] = []
    for place, expression in enumerate(written.paths):
        path = context.constant(expression, "string", "A path")
        if not path:
            raise FaultError("U024", "The path is empty or null.", expression.at, "Name a file.")
        names = list(columns_of(path))
        if place and set(names) != set(virtual):
            raise FaultError(
                "U023", "The paths do not have the same columns.", expression.at, "Use the same {names}."
            )
        virtual = virtual or names
        for name in names:
            if name not in types:
                what = f"'{{{name}}}' of the path is no column of the EXTRACT."
                raise FaultError("U023", what, expression.at, f"Add a column: {name} string.")
        real = context.places.to_read(path, expression.at)
        if is_file_set(path):
            found += file_set(real, expression.at).files(types)
        elif os.path.isfile(real):
            found.append((real, {}))
        else:
            raise _no_file(context.places.written(path), real, expression.at)
    return found, virtual


def _no_file(path: str, real: str, at: int) -> FaultError:
    if os.path.isdir(real):
        fix = f'Name a file in it, or all of them: "{path.rstrip("/")}/{{*}}".'
        return FaultError("U024", f"'{path}' is a folder.", at, fix)
    if "*" in path or "?" in path:
        return FaultError(
            "U024", f"There is no file '{path}'.", at, "A file set is written with {*}, not with *."
        )
    folder = os.path.dirname(real)
    there = sorted(os.listdir(folder))[:8] if os.path.isdir(folder) else []
    return FaultError(
        "U024", f"There is no file '{path}'.", at, f"There are: {', '.join(there)}." if there else ""
    )


def _readable(path: str, form: Format, context: Context, at: int) -> str:
    if form["encoding"] in ("utf-8", "ascii"):
        return path
    target = os.path.join(context.scratch, f"{context.fresh('utf8-')}.csv")
    context.recodings.append(Recoding(path, target, form["encoding"], at))
    return target


def _sql(
    written: s.Extract, columns: List[Column], real: List[Column], virtual: List[str], files: List[File],
    form: Format,
    context: Context,
) -> str:  # fmt: skip
    if not files:
        nothing = ", ".join(
            f'CAST(NULL AS {column.type.sql}) AS "c{place}"' for place, column in enumerate(columns)
        )
        return f"SELECT {nothing} WHERE false"
    words = []
    where = {one.name: one.type.at for one in written.columns}
    for place, column in enumerate(columns):
        if column.name in virtual:
            sql = f'f."v{virtual.index(column.name)}"'
        else:
            text = f'r."t{real.index(column)}"'
            sql = _value(column, text, where[column.name], form, context)
        words.append(f'{sql} AS "c{place}"')
    source = f"{_reader(real, files, form)} AS r"
    if virtual:
        source += f" JOIN {_table(columns, virtual, files)} ON r.filename = f.path"
    return f"SELECT {', '.join(words)} FROM {source}"


def _reader(real: List[Column], files: List[File], form: Format) -> str:
    paths = ", ".join(quoted(re.sub(r"([*?\[])", r"[\1]", path)) for path, _ in files)
    names = ", ".join(f"'t{place}': 'VARCHAR'" for place in range(len(real)))
    quote = '"' if form["quoting"] else ""
    options = [
        "auto_detect=false", "header=false", f"delim={quoted(form['delimiter'])}", f"quote={quoted(quote)}",
        f"escape={quoted(quote)}", f"columns={{{names}}}", f"nullstr={quoted(form['nullEscape'] or '')}",
        f"allow_quoted_nulls={'true' if form['nullEscape'] else 'false'}", f"skip={form['skipFirstNRows']}",
        f"ignore_errors={'true' if form['silent'] else 'false'}", f"max_line_size={_LONGEST_ROW}",
        f"buffer_size={_BUFFER}", "filename=true",
    ]  # fmt: skip
    return f"read_csv([{paths}], {', '.join(options)})"


def _table(columns: List[Column], virtual: List[str], files: List[File]) -> str:
    """The values of the path's columns, a row for each file."""
    types = {column.name: column.type for column in columns}
    rows = []
    for path, values in files:
        cells = [quoted(path)] + [_cell(values[name], types[name]) for name in virtual]
        rows.append(f"({', '.join(cells)})")
    names = ", ".join(["path", *(f'"v{place}"' for place in range(len(virtual)))])
    return f"(VALUES {', '.join(rows)}) AS f({names})"


def _cell(value: Any, type_: ClrType) -> str:
    return f"CAST({quoted(value)} AS TIMESTAMP)" if type_.name == "DateTime" else literal_sql(value, type_)


def _value(column: Column, text: str, at: int, form: Format, context: Context) -> str:
    """The SQL that reads a cell's text as its type; what does not read ends the script."""
    kind = column.type
    if kind.name == "string":
        return text
    read = _reading(kind, text)
    fix = (
        f"Make it {kind.name}? if it may be empty, or string to look at it."
        if not kind.nullable
        else "Read it as string to look at it."
    )
    message = f"A cell of column '{column.name}' is no {kind.name}"
    detail = f"COALESCE(': ' || {text}, ': it is empty')"
    error = context.sites.error(at, message, fix, kind.sql, detail, "U040")
    if not kind.nullable:
        return f"COALESCE({read}, {error})"
    if form["silent"]:
        return read
    return f"CASE WHEN {text} IS NULL THEN NULL ELSE COALESCE({read}, {error}) END"


def _reading(kind: ClrType, text: str) -> str:
    if kind.is_number:
        form, cell = _WHOLE if kind.is_integer else _REAL, f"trim({text})"
        return f"CASE WHEN regexp_full_match({cell}, '{form}') THEN TRY_CAST({cell} AS {kind.sql}) END"
    if kind.name == "bool":
        return PARSE_BOOL.format(text)
    if kind.name == "DateTime":
        return PARSE_DATE.format(text)
    if kind.name == "char":
        return f"CASE WHEN length({text}) = 1 THEN {text} END"
    if kind.name == "byte[]":
        return f"CASE WHEN regexp_full_match({text}, '([0-9a-fA-F]{{2}})*') THEN from_hex({text}) END"
    return f"TRY_CAST({text} AS {kind.sql})"
