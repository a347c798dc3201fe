"""Statements, one after the other; a statement that does not read does not hide the faults of the next."""

from __future__ import annotations

from typing import List

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.cursor import Cursor
from skyloom.runner.usql.faults import Fault, FaultError, Faults
from skyloom.runner.usql.parse_query import QueryParser
from skyloom.runner.usql.tokens import VARIABLE, Token

REFUSED = {
    "CREATE": "The catalog (databases, tables, views, functions, types) is not understood.",
    "ALTER": "The catalog is not understood.",
    "DROP": "The catalog is not understood.",
    "TRUNCATE": "The catalog is not understood.",
    "INSERT": "Tables of the catalog are not understood.",
    "USE": "Databases are not understood.",
    "IMPORT": "Packages are not understood.",
    "EXPORT": "Packages are not understood.",
    "IF": "IF is not understood as a statement.",
    "SET": "SET is not understood.",
}
_USER_CODE = ("REFERENCE", "DEPLOY", "USING")


def parse_script(tokens: List[Token], faults: Faults) -> s.Script:
    """All statements that read; what does not is in ``faults`` (U002, U003, U004, U005)."""
    cursor = Cursor(tokens)
    statements: List[s.Statement] = []
    while not cursor.is_at_end:
        if cursor.sign(";"):
            continue
        start = cursor.place
        try:
            statements.append(_statement(cursor))
            _end_statement(cursor, faults)
        except FaultError as error:
            faults.keep(error.fault)
            statements.append(_broken(tokens, start))
            cursor.skip_statement()
    return s.Script(tuple(statements))


def _end_statement(cursor: Cursor, faults: Faults) -> None:
    """A statement ends with a semicolon; where only that is missing, the next one is read all the same."""
    if cursor.is_at_end or cursor.sign(";"):
        return
    before, token = cursor.ahead(-1), cursor.token
    starts = token.kind == VARIABLE and cursor.ahead().is_sign("=")
    if not starts and not cursor.is_word("DECLARE") and not cursor.is_word("OUTPUT"):
        raise cursor.fail("';' is expected here", "A statement ends with a semicolon.")
    faults.keep(
        Fault("U002", "The statement has no end.", before.at + len(before.text), "Put a semicolon here.")
    )


def _broken(tokens: List[Token], start: int) -> s.Broken:
    """The statement that begins at this token, and the name that it would give to something."""
    first = tokens[start]
    if first.kind == VARIABLE:
        return s.Broken(first.at, rowset=first.value)
    variable = next((token for token in tokens[start : start + 4] if token.kind == VARIABLE), None)
    return s.Broken(first.at, variable=variable.value if variable and first.is_word("DECLARE") else "")


def _statement(cursor: Cursor) -> s.Statement:
    parser = QueryParser(cursor)
    token = cursor.token
    if token.kind == VARIABLE:
        cursor.take()
        if not cursor.sign("="):
            raise cursor.fail(
                "'=' is expected here", f"A rowset is given a name by @{token.value} = SELECT ..."
            )
        return s.Assign(token.at, token.value, parser.query())
    if cursor.word("DECLARE"):
        return _declare(cursor, parser)
    if cursor.word("OUTPUT"):
        return _output(cursor, parser, token.at)
    if token.kind == "name" and token.text in REFUSED:
        fix = "Read files with EXTRACT, write them with OUTPUT."
        raise FaultError("U004", REFUSED[token.text], token.at, fix)
    if token.kind == "name" and token.text in _USER_CODE:
        what = f"{token.text}: C# code and resources of your own are not understood."
        raise FaultError("U005", what, token.at, "Write the code as expressions, or as a PythonScriptStep.")
    fix = "Give its rows a name: @rows = SELECT ..." if cursor.is_word("SELECT") else ""
    raise cursor.fail("A statement (DECLARE, @name = ..., OUTPUT) is expected here", fix)


def _declare(cursor: Cursor, parser: QueryParser) -> s.Declare:
    is_external = bool(cursor.word("EXTERNAL"))
    cursor.word("CONST")
    token = cursor.token
    if token.kind != VARIABLE:
        raise cursor.fail("A variable is expected here", "Write DECLARE @name type = value;")
    cursor.take()
    kind = None if cursor.is_sign("=") else parser.type_name()
    cursor.expect_sign("=", "A variable has a value: DECLARE @name type = value;")
    return s.Declare(token.at, token.value, kind, parser.expression(), is_external)


def _output(cursor: Cursor, parser: QueryParser, at: int) -> s.Output:
    rowset = parser.query()
    cursor.expect_word("TO", 'Write OUTPUT @rows TO "path" USING Outputters.Csv();')
    path = parser.expression()
    order = parser.orders() if cursor.word("ORDER", "BY") else ()
    fetch = parser.fetch()
    cursor.expect_word("USING", "An outputter is needed: USING Outputters.Csv().")
    return s.Output(at, rowset, path, parser.operator("outputter"), order, fetch)
