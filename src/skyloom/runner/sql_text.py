"""SQL text as the user wrote it: single statements, their first words and where they stand."""

from __future__ import annotations

import re
import sqlite3
from typing import Iterator, NamedTuple, Optional

_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?(?:\*/|$))*", re.DOTALL)
_NAMED = (
    re.compile(r'near "(?P<name>.+)": syntax error'),
    re.compile(r"no such (?:column|table|function): (?P<name>.+)"),
    re.compile(r"ambiguous column name: (?P<name>.+)"),
    re.compile(r"wrong number of arguments to function (?P<name>\w+)"),
    re.compile(r'(?:[Cc]olumn|near) "(?P<name>[^"]+)"'),  # DuckDB
    re.compile(r"with name (?P<name>\S+) does not exist"),
)


class Statement(NamedTuple):
    """One statement and the line of the whole text that it begins on, counted from 1."""

    text: str
    line: int

    @property
    def first_word(self) -> str:
        """The first keyword in upper case, comments skipped."""
        word = re.match(r"\w*", self.text[_leading(self.text) :])
        return word.group().upper() if word else ""

    @property
    def is_query(self) -> bool:
        return self.first_word in ("SELECT", "WITH", "VALUES")

    def line_of(self, message: str) -> int:
        """The line an error message speaks of: that of the word it names, else that of the statement."""
        for pattern in _NAMED:
            found = pattern.search(message)
            if found:
                place = _find_word(self.text, found.group("name"))
                if place is not None:
                    return self.line + self.text.count("\n", 0, place)
        return self.line


def split_statements(text: str) -> Iterator[Statement]:
    """The statements of a text; a ``;`` inside quotes, comments or a trigger does not end one.

    >>> [statement.text for statement in split_statements("select ';'; select 2")]
    ["select ';';", 'select 2']
    """
    start = 0
    for place in [found.end() for found in re.finditer(";", text)] + [len(text)]:
        part = text[start:place]
        if place < len(text) and not sqlite3.complete_statement(part):
            continue
        begin = start + _leading(part)
        if text[begin:place].strip(" \t\r\n;"):
            yield Statement(text[begin:place], 1 + text.count("\n", 0, begin))
        start = place


def _leading(text: str) -> int:
    """Length of the white space and comments that a text begins with."""
    found = _LEADING.match(text)
    return found.end() if found else 0


def _find_word(text: str, name: str) -> Optional[int]:
    """Where a word stands, if it stands at one place only; "t1.x" is looked for as written, then as x."""
    for word in (name, name.rpartition(".")[2]):
        places = [
            found.start() for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        ]
        if places:
            return places[0] if len(places) == 1 else None
    return None
