"""SQL on SQLite, in memory: only the columns that the statements name are loaded.

Loading and joining are the cost of it. Four measures keep it low: columns nobody reads stay outside (SQLite
itself says which ones it reads), many rows go in with one statement, a table that is only looked up by
distinct whole numbers is kept in their order (sqlite_keys.py), and any other index that SQLite would build
by itself, row by row, is made ahead by sorting.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import ExitStack
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from skyloom.runner.fence import safe_text
from skyloom.runner.sql_text import Statement, split_statements
from skyloom.runner.sqlite_cells import DECLARATIONS, cells_of, frame_of, register_converters
from skyloom.runner.sqlite_keys import AUTOMATIC, CHANGES, key_order, lookup_keys, table_of

NamedTables = Sequence[Tuple[str, Table]]

_VARIABLES = 999  # bound values of one statement that every SQLite allows
_ROWS_AT_ONCE = 64
_SCOUT_STEPS = 1_000_000  # virtual machine steps before the look ahead gives up
_INDEX_ROWS = 1000
_COVERING_COLUMNS = 8
_PAGE_BYTES = 16384  # fewer levels to go down than with SQLite's own 4096

# sqlite3 names these constants from Python 3.? on only in part: the numbers are part of SQLite's interface
_READ, _PRAGMA, _UPDATE, _ATTACH, _DETACH, _FUNCTION = 20, 19, 23, 24, 25, 31
_ALLOW, _DENY = 0, 1
_HARMLESS_PRAGMAS = {"table_info", "table_xinfo", "index_list", "index_info", "case_sensitive_like"}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer"}

_WHOLE_ROWS = re.compile(rf"\b(?:natural|using|trigger)\b|{CHANGES}", re.IGNORECASE)


def run_sqlite(text: str, tables: NamedTables) -> Any:
    """Run all statements; the rows of the last query as a frame.

    Raises
    ------
    ProblemError
        S030, S031, S032 (Studio error 0069) and S006.
    """
    statements = list(split_statements(text))
    needed = _needed_columns(statements, tables)
    wanted = {name: _wanted(table, needed, name) for name, table in tables}
    keys = _lookup_keys(statements, wanted)
    with _Database() as database:
        for name, table in wanted.items():
            database.create(name, table, keys.get(name))
        for name, table in wanted.items():
            database.load(name, table, keys.get(name))
        result = None
        for statement in statements:
            database.prepare_joins(statement, wanted)
            result = database.run(statement) or result
    if result is None:
        fix = "End the text with a SELECT; its rows are the result."
        raise ProblemError(Problem("S031", "No statement gave a result.", "SQL Query Script", fix))
    return frame_of(*result)


class _Database:
    """A connection that can reach nothing outside itself."""

    def __init__(self, on_read: Optional[Callable[[str, str], None]] = None) -> None:
        register_converters()
        self._on_read = on_read
        self._denied = ""
        self._columns: Dict[str, Tuple[str, ...]] = {}
        self._rows: Dict[str, int] = {}
        self.connection = sqlite3.connect(
            ":memory:", isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES, cached_statements=8
        )
        settings = (f"page_size={_PAGE_BYTES}", "journal_mode=off", "synchronous=off", "temp_store=memory")
        for pragma in settings:
            self.connection.execute(f"pragma {pragma}")
        self.connection.set_authorizer(self._authorize)

    def __enter__(self) -> _Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def create(self, name: str, table: Table, key: Optional[str] = None) -> None:
        """Make the table; with a key its rows lie in the order of that column."""
        columns = ", ".join(
            f"{_quoted(column.name)} {_declaration(column)}{' primary key' if column.name == key else ''}"
            for column in table.columns
        )
        self._columns[name] = table.names
        self._rows[name] = table.rows
        self.run(Statement(f"create table {name} ({columns or 'nothing'})", 1))

    def load(self, name: str, table: Table, key: Optional[str] = None) -> None:
        """Insert the rows, many with one statement: that takes a third of the time of one by one."""
        frame = frame_from_table(table, load_objects=True)
        if key is not None:
            frame = frame.take(key_order(table, key))
        columns = [cells_of(frame[column]) for column in frame.columns]
        width = max(len(columns), 1)
        flat: List[Any] = [None] * (width * table.rows)
        for place, cells in enumerate(columns):
            flat[place::width] = cells
        together = max(1, min(_ROWS_AT_ONCE, _VARIABLES // width))
        step = width * together
        cut = len(flat) // step * step
        self.connection.execute("begin")
        self._insert(name, width, together, (flat[start : start + step] for start in range(0, cut, step)))
        self._insert(name, width, 1, (flat[start : start + width] for start in range(cut, len(flat), width)))
        self.connection.execute("commit")

    def run(self, statement: Statement) -> Optional[Tuple[List[str], List[Any]]]:
        """Names and rows of a query; None for a statement without rows."""
        self._denied = ""
        try:
            cursor = self.connection.execute(statement.text)
            return (
                None
                if cursor.description is None
                else ([item[0] for item in cursor.description], cursor.fetchall())
            )
        except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError) as error:
            raise ProblemError(self._problem(error, statement)) from error

    def prepare_joins(self, statement: Statement, tables: Mapping[str, Table]) -> None:
        """Build ahead, by sorting, what SQLite would build as an automatic index."""
        if not (statement.is_query or statement.first_word == "CREATE"):
            return
        try:
            plan = self.connection.execute(f"explain query plan {statement.text}").fetchall()
        except (sqlite3.Error, sqlite3.Warning):
            return  # the statement itself will say what is wrong
        for number, row in enumerate(plan):
            found = AUTOMATIC.search(row[3])
            name = table_of(found.group(1), statement.text, tables) if found else None
            if found is not None and name is not None and self._rows[name] >= _INDEX_ROWS:
                self._index(name, found.group(3), f"{name}_{statement.line}_{number}")

    def _index(self, name: str, terms: str, index: str) -> None:
        keys = [term.partition("=")[0].strip() for term in terms.split(" AND ") if "=" in term]
        columns = self._columns[name]
        if not keys or not set(keys) <= set(columns):
            return
        rest = [column for column in columns if column not in keys]
        covered = keys + (rest if len(columns) <= _COVERING_COLUMNS else [])
        listed = ", ".join(map(_quoted, covered))
        self.connection.execute(f"create index {_quoted('skyloom_' + index)} on {name} ({listed})")

    def _insert(self, name: str, width: int, together: int, rows: Iterator[List[Any]]) -> None:
        row = f"({','.join('?' * width)})"
        self.connection.executemany(f"insert into {name} values {','.join([row] * together)}", rows)

    def _authorize(self, action: int, first: Any, second: Any, *_: Any) -> int:
        if action in (_READ, _UPDATE) and self._on_read is not None:
            self._on_read(first or "", second or "")
        is_forbidden = (
            action in (_ATTACH, _DETACH)
            or (action == _PRAGMA and str(first).lower() not in _HARMLESS_PRAGMAS)
            or (action == _FUNCTION and str(second).lower() in _FORBIDDEN_FUNCTIONS)
        )
        if is_forbidden:
            self._denied = {_ATTACH: "ATTACH", _DETACH: "DETACH", _PRAGMA: f"PRAGMA {first}"}.get(
                action, f"{second}()"
            )
        return _DENY if is_forbidden else _ALLOW

    def _problem(self, error: Exception, statement: Statement) -> Problem:
        where = f"SQL Query Script:{statement.line_of(str(error))}"
        if self._denied:
            what = f"{self._denied} is not allowed: the statements reach their input tables only."
            return Problem("S032", what, where, "Connect what the statement needs as t1, t2 or t3.")
        known = ", ".join(f"{name} ({', '.join(columns[:20])})" for name, columns in self._columns.items())
        fix = "Names with blanks stand in [brackets] or double quotes."
        return Problem(
            "S030",
            safe_text(f"SQLite says: {error}."),
            where,
            safe_text(f"{fix} Tables: {known}.") if known else fix,
        )


def _needed_columns(statements: Sequence[Statement], tables: NamedTables) -> Optional[Dict[str, Set[str]]]:
    """Which columns the statements read, asked of SQLite over empty tables; None when it cannot be known."""
    may_prune = all(
        statement.is_query or statement.first_word == "CREATE" for statement in statements
    ) and not any(_WHOLE_ROWS.search(statement.text) for statement in statements)
    if not may_prune:
        return None
    needed: Dict[str, Set[str]] = {name: set() for name, _ in tables}
    lower = {name.lower(): name for name in needed}

    def on_read(table: str, column: str) -> None:
        name = lower.get(table.lower())
        if name is not None:
            needed[name].add(column)

    with _Database(on_read) as scout:
        for name, table in tables:
            scout.create(name, table)
        if not all(_look_ahead(scout, statement) for statement in statements):
            return None
    return needed


def _look_ahead(scout: _Database, statement: Statement) -> bool:
    """Prepare a query, or run a CREATE, over the empty tables; False when that takes too long."""
    stopped: List[int] = []
    scout.connection.set_progress_handler(lambda: stopped.append(1) or 1, _SCOUT_STEPS)  # type: ignore[func-returns-value]
    try:
        scout.run(Statement(f"explain {statement.text}", statement.line) if statement.is_query else statement)
    except ProblemError:
        if not stopped:
            raise
        return False
    finally:
        scout.connection.set_progress_handler(None, 0)
    return True


def _lookup_keys(statements: Sequence[Statement], tables: Mapping[str, Table]) -> Mapping[str, str]:
    """Which tables are kept by which column; long ones only, as looking ahead costs some milliseconds."""
    if len(tables) < 2 or max(table.rows for table in tables.values()) < _INDEX_ROWS:
        return {}
    with ExitStack() as stack:

        def open_empty(keys: Mapping[str, str]) -> sqlite3.Connection:
            database = stack.enter_context(_Database())
            for name, table in tables.items():
                database.create(name, table, keys.get(name))
            return database.connection

        return lookup_keys(statements, tables, open_empty)


def _wanted(table: Table, needed: Optional[Dict[str, Set[str]]], name: str) -> Table:
    """The table less the columns nobody reads; one is kept, so that rows can be counted."""
    if needed is None or not table.columns:
        return table
    names = [column for column in table.names if column in needed[name]]
    return table.select(names or table.names[:1])


def _declaration(column: Any) -> str:
    inner = column.categories if column.type == "Categorical" and column.categories is not None else column
    return DECLARATIONS.get(inner.type, "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
