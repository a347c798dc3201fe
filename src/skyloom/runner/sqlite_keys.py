"""Which tables SQLite may keep by the key that a join looks them up with.

A join on a column without an index makes SQLite build one, which costs as much as loading the table. Where
that column is whole numbers, each once, the table can be kept in its order instead ("integer primary key"),
and no index is needed. Nobody can see the difference as long as the table is only looked up: that is read
from the programs that SQLite makes of the statements, not guessed from their text.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Set, Tuple

import numpy

from skyloom.data.buffer_checks import as_array
from skyloom.data.layout import FIXED
from skyloom.data.table import Column, Table
from skyloom.runner.sql_text import Statement

AUTOMATIC = re.compile(
    r"SEARCH (?:TABLE )?(\S+)(?: AS (\S+))? USING AUTOMATIC (?:PARTIAL )?COVERING INDEX \((.*)\)"
)
# a statement that begins with WITH may end in one of these
CHANGES = r"\b(?:insert|update|delete|replace\s+into)\b"
_OWN_NUMBERS = re.compile(rf"\b(?:rowid|oid|_rowid_)\b|{CHANGES}", re.IGNORECASE)
# instructions that walk through a table from an end or from a place, and so tell its order
_WALKS = {"Rewind", "Last", "SeekGE", "SeekGT", "SeekLE", "SeekLT"}

Tables = Mapping[str, Table]
Open = Callable[[Mapping[str, str]], sqlite3.Connection]


def lookup_keys(statements: Sequence[Statement], tables: Tables, open_empty: Open) -> Dict[str, str]:
    """By table the column that it may be kept by.

    Parameters
    ----------
    open_empty
        Gives a connection with the tables, without rows, the named columns being primary keys.
    """
    are_plain = all(each.is_query and not _OWN_NUMBERS.search(each.text) for each in statements)
    if not are_plain:
        return {}
    wished: Dict[str, Set[str]] = {}
    for statement, plan in _told(statements, open_empty({}), "explain query plan"):
        for row in plan:
            found = AUTOMATIC.search(row[3])
            name = table_of(found.group(1), statement.text, tables) if found else None
            if found is not None and name is not None:
                wished.setdefault(name, set()).add(found.group(3))
    keys = {}
    for name, terms in wished.items():
        column = next(iter(terms)).partition("=")[0].strip()
        if len(terms) == 1 and f"{column}=?" in terms and _is_key(tables[name], column):
            keys[name] = column
    walked = _walked(statements, open_empty(keys)) if keys else set()
    return {name: column for name, column in keys.items() if name not in walked}


def key_order(table: Table, key: str) -> Any:
    """Row numbers by rising key."""
    return numpy.argsort(_whole_numbers(table.column(key)))


def table_of(alias: str, text: str, tables: Tables) -> Optional[str]:
    """The input table that a plan's line names, perhaps by the statement's own alias for it."""
    if alias in tables:
        return alias
    for name in tables:
        if re.search(rf"\b{name}\s+(?:as\s+)?[\"\[`]?{re.escape(alias)}\b", text, re.IGNORECASE):
            return name
    return None


def _is_key(table: Table, name: str) -> bool:
    """Whether a column has whole numbers, each once."""
    if name not in table.names:
        return False
    column = table.column(name)
    if column.type != "Integer":
        return False
    cells = numpy.sort(_whole_numbers(column))
    return not bool((cells[1:] == cells[:-1]).any())


def _whole_numbers(column: Column) -> Any:
    return as_array(column.buffers[0], FIXED["Integer"])  # such a column has no missing cell


def _walked(statements: Sequence[Statement], connection: sqlite3.Connection) -> Set[str]:
    """The tables whose order the statements can see; one that cannot be explained sees all."""
    roots = {root: name for name, root in connection.execute("select name, rootpage from sqlite_master")}
    walked: Set[str] = set()
    for _, program in _told(statements, connection, "explain"):
        if not program:
            return set(roots.values())
        cursors = {row[2]: roots.get(row[3], "") for row in program if row[1] == "OpenRead"}
        walked |= {cursors[row[2]] for row in program if row[1] in _WALKS and row[2] in cursors}
    return walked


def _told(
    statements: Sequence[Statement], connection: sqlite3.Connection, word: str
) -> Iterator[Tuple[Statement, Sequence[Any]]]:
    for statement in statements:
        try:
            yield statement, connection.execute(f"{word} {statement.text}").fetchall()
        except (sqlite3.Error, sqlite3.Warning):
            yield statement, ()  # the statement itself will say what is wrong
