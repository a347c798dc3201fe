"""The words of Python 2 text, which the standard tokenizer refuses from Python 3.12 on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List

NAME, NUMBER, STRING, OPERATOR, COMMENT, NEWLINE, BLANK = (
    "name",
    "number",
    "string",
    "operator",
    "comment",
    "newline",
    "blank",
)

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>(?:[uU]?[rR]?|[bB][rR]?)(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
        |'(?:[^\\\n']|\\.)*'|"(?:[^\\\n"]|\\.)*"))
  | (?P<number>0[xX][0-9a-fA-F]+[lL]?|0[bB][01]+[lL]?|0[oO][0-7]+[lL]?
        |(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[jJ]?
        |[0-9]+[eE][+-]?[0-9]+[jJ]?|[0-9]+[jJ]|[0-9]+[lL]?)
  | (?P<name>[^\W\d]\w*)
  | (?P<newline>\n)
  | (?P<blank>(?:[ \t\f]|\\\n)+)
  | (?P<operator>\*\*=|//=|>>=|<<=|<>|\*\*|//|>>|<<|<=|>=|==|!=|->|\+=|-=|\*=|/=|%=|&=|\|=|\^=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING, _CLOSING = "([{", ")]}"


@dataclass
class Token:
    """One word of the text with its place.

    ``depth`` counts the brackets around it (a bracket itself counts as outside).
    """

    kind: str
    text: str
    start: int
    depth: int


def tokens(text: str) -> Iterator[Token]:
    """Split the whole text; joined, the tokens give it back."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or OPERATOR
        word = match.group()
        if kind == OPERATOR and word in _CLOSING:
            depth = max(0, depth - 1)
        yield Token(kind, word, match.start(), depth)
        if kind == OPERATOR and word in _OPENING:
            depth += 1


def logical_lines(text: str) -> Iterator[List[Token]]:
    """Split the text into logical lines, each with its leading blank, its comments and its line end."""
    line: List[Token] = []
    for token in tokens(text):
        line.append(token)
        if token.kind == NEWLINE and token.depth == 0:
            yield line
            line = []
    if line:
        yield line
