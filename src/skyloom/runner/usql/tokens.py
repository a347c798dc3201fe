"""Words of a script: names, variables, literals, operators. Comments and space are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List

from skyloom.runner.usql.faults import FaultError, Faults
from skyloom.runner.usql.source import PLACEHOLDER, Source

NAME, QUOTED, VARIABLE, TEXT, CHAR, NUMBER, SIGN, END = (
    "name", "quoted name", "variable", "text", "character", "number", "sign", "end",
)  # fmt: skip

KEYWORDS = frozenset(
    [
        "ALL",
        "ALTER",
        "AND",
        "ANTISEMIJOIN",
        "APPLY",
        "AS",
        "ASC",
        "ASSEMBLY",
        "BETWEEN",
        "BY",
        "CASE",
        "COLUMNS",
        "COMBINE",
        "CONST",
        "CREATE",
        "CROSS",
        "CURRENT",
        "DATABASE",
        "DECLARE",
        "DESC",
        "DISTINCT",
        "DROP",
        "ELSE",
        "EXCEPT",
        "EXISTS",
        "EXPLODE",
        "EXTERNAL",
        "EXTRACT",
        "FETCH",
        "FIRST",
        "FOLLOWING",
        "FROM",
        "FULL",
        "FUNCTION",
        "GROUP",
        "HAVING",
        "IF",
        "IN",
        "INNER",
        "INSERT",
        "INTERSECT",
        "INTO",
        "IS",
        "JOIN",
        "LEFT",
        "LIKE",
        "NAME",
        "NEXT",
        "NOT",
        "NULL",
        "OFFSET",
        "ON",
        "ONLY",
        "OR",
        "ORDER",
        "OUTER",
        "OUTPUT",
        "OVER",
        "PARTITION",
        "PRECEDING",
        "PRESORT",
        "PROCEDURE",
        "PROCESS",
        "PRODUCE",
        "RANGE",
        "READONLY",
        "REDUCE",
        "REFERENCE",
        "REQUIRED",
        "RESOURCE",
        "RIGHT",
        "ROW",
        "ROWS",
        "SAMPLE",
        "SELECT",
        "SEMIJOIN",
        "SET",
        "TABLE",
        "THEN",
        "TO",
        "TRUNCATE",
        "UNBOUNDED",
        "UNION",
        "USE",
        "USING",
        "VALUES",
        "VIEW",
        "WHEN",
        "WHERE",
        "WITH",
        "WITHIN",
    ]
)
CONTEXTUAL = frozenset(
    [
        "ASSEMBLY",
        "COLUMNS",
        "CURRENT",
        "DATABASE",
        "FIRST",
        "FUNCTION",
        "NAME",
        "NEXT",
        "ONLY",
        "RESOURCE",
        "ROW",
        "ROWS",
        "SET",
        "TABLE",
        "VIEW",
    ]
)

_SPACE = re.compile(r"(?:\s+|//[^\n]*)+")
_NAME = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(
    r"0[xX](?P<hex>[0-9a-fA-F]+)(?P<hs>[uUlL]*)|(?P<digits>\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?)"
    r"(?P<suffix>[uU][lL]?|[lL][uU]?|[fFdDmM])?"
)
_SIGNS = ("=>", "==", "!=", "<=", ">=", "&&", "||", "??", "<>", *"=<>!+-*/%&|^~?:;,.()[]{}")
_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b",
    "f": "\f", "v": "\v",
}  # fmt: skip
_CODED = re.compile(r"u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{1,4})")

BAD = "bad"


@dataclass(frozen=True)
class Token:
    """One word: ``value`` is what a literal stands for, ``text`` how it reads."""

    kind: str
    text: str
    at: int
    value: Any = None
    type: str = ""  # the C# type of a number

    def is_word(self, word: str) -> bool:
        return self.kind == NAME and self.text == word

    def is_sign(self, sign: str) -> bool:
        return self.kind == SIGN and self.text == sign

    @property
    def shown(self) -> str:
        return "the end of the script" if self.kind == END else f"'{self.text}'"


def tokens_of(source: Source, faults: Faults) -> List[Token]:
    """All tokens, with an end token last; a bad one stands for what does not read up to the next semicolon.

    ``faults`` gets U001 a character, text or comment that does not read, U005 interpolated text, U025 an
    ``@@name@@`` that stands for nothing.
    """
    return _Reader(source).read(faults)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0

    def read(self, faults: Faults) -> List[Token]:
        found: List[Token] = []
        while True:
            try:
                if not self._skip():
                    return [*found, Token(END, "", len(self.text))]
                found.append(self._token())
            except FaultError as error:
                faults.keep(error.fault)
                found.append(Token(BAD, "", error.fault.at))
                end = self.text.find(";", max(self.at, error.fault.at))
                self.at = end if end >= 0 and not self.text.startswith("/*", self.at) else len(self.text)

    def _skip(self) -> bool:
        while True:
            space = _SPACE.match(self.text, self.at)
            if space:
                self.at = space.end()
            if not self.text.startswith("/*", self.at):
                return self.at < len(self.text)
            end = self.text.find("*/", self.at + 2)
            if end < 0:
                raise FaultError("U001", "The comment is never closed.", self.at, "Close it with */.")
            self.at = end + 2

    def _token(self) -> Token:
        start, letter = self.at, self.text[self.at]
        after = self.text[start + 1 : start + 2]
        if letter == "@" and after == "@":
            self._unknown_placeholder(start)
        if letter == "@" and after == '"':
            return self._verbatim(start)
        if letter == "@":
            found = _NAME.match(self.text, start + 1)
            if found is None:
                raise FaultError("U001", "A variable has no name.", start, "Write a name behind the @.")
            return self._made(VARIABLE, start, found.end(), found.group())
        if letter == "$" and after == '"':
            fix = 'Join the parts with +, or use String.Format("{0} ...", x).'
            raise FaultError("U005", 'Interpolated text ($"...") is not understood.', start, fix)
        if letter in "\"'":
            return self._literal(start, letter)
        name = _NAME.match(self.text, start)
        if name:
            return self._made(NAME, start, name.end(), name.group())
        number = _NUMBER.match(self.text, start)
        if number and number.end() > start:
            return self._number(start, number)
        quoted = re.compile(r"\[([^\W\d][\w ]*)\]").match(self.text, start) if letter == "[" else None
        if quoted and not self._is_index(start):
            return self._made(QUOTED, start, quoted.end(), quoted.group(1))
        for sign in _SIGNS:
            if self.text.startswith(sign, start):
                return self._made(SIGN, start, start + len(sign), sign)
        raise FaultError("U001", f"The character {letter!r} has no meaning here.", start, "Take it out.")

    def _is_index(self, start: int) -> bool:
        """``Name[Column]`` is an index; ``[Column]`` behind a space, a dot or a sign is a quoted name."""
        before = self.text[start - 1 : start]
        return bool(before) and (before.isalnum() or before in "_])")

    def _made(self, kind: str, start: int, end: int, value: Any = None) -> Token:
        self.at = end
        return Token(kind, self.text[start:end], start, value)

    def _unknown_placeholder(self, start: int) -> None:
        found = PLACEHOLDER.match(self.text, start)
        if found is None:
            if re.compile(r"@@\w+").match(self.text, start):
                raise FaultError(
                    "U004", "System variables (@@...) are not understood.", start, "Take the line out."
                )
            raise FaultError("U001", "A lone @@ has no meaning.", start, "Write @@name@@.")
        raise _no_filling(found.group(1), start, self.source)

    def _verbatim(self, start: int) -> Token:
        place = start + 2
        while True:
            place = self.text.find('"', place)
            if place < 0:
                raise FaultError("U001", "The text is never closed.", start, 'Close it with ".')
            if self.text.startswith('""', place):
                place += 2
                continue
            break
        token = self._made(TEXT, start, place + 1, self.text[start + 2 : place].replace('""', '"'))
        return self._checked(token)

    def _literal(self, start: int, quote: str) -> Token:
        what, value, place = ("text" if quote == '"' else "character"), [], start + 1
        while True:
            letter = self.text[place : place + 1]
            if letter in ("", "\n"):
                raise FaultError("U001", f"The {what} is never closed.", start, f"Close it with {quote}.")
            if letter == quote:
                break
            if letter == "\\":
                part, place = self._escape(place)
                value.append(part)
                continue
            value.append(letter)
            place += 1
        whole = "".join(value)
        if quote == "'" and len(whole) != 1:
            raise FaultError(
                "U001", "A character literal holds one character.", start, 'Text is written in "...".'
            )
        return self._checked(self._made(TEXT if quote == '"' else CHAR, start, place + 1, whole))

    def _checked(self, token: Token) -> Token:
        left = PLACEHOLDER.search(token.text)
        if left:
            raise _no_filling(left.group(1), token.at + left.start(), self.source)
        return token

    def _escape(self, place: int) -> "tuple[str, int]":
        letter = self.text[place + 1 : place + 2]
        if letter in _ESCAPES and letter:
            return _ESCAPES[letter], place + 2
        coded = _CODED.match(self.text, place + 1)
        if coded is None:
            fix = r'Write \\ for a backslash, or put the text into @"...".'
            raise FaultError("U001", f"'\\{letter}' is no escape.", place, fix)
        return chr(int(coded.group(1) or coded.group(2) or coded.group(3), 16)), coded.end()

    def _number(self, start: int, found: "re.Match[str]") -> Token:
        token = self._made(NUMBER, start, found.end())
        suffix = (found.group("suffix") or found.group("hs") or "").lower()
        if self.text[self.at : self.at + 1].isalnum():
            raise FaultError(
                "U001", f"The number {token.text!r} runs into a letter.", start, "Put a space between."
            )
        digits = found.group("digits")
        if digits and (suffix in ("f", "d", "m") or "." in digits or "e" in digits.lower()):
            kind = {"f": "float", "m": "decimal"}.get(suffix, "double")
            return Token(NUMBER, token.text, start, digits, kind)
        value = int(found.group("hex"), 16) if found.group("hex") else int(digits)
        return Token(NUMBER, token.text, start, value, self._whole(value, suffix, start))

    def _whole(self, value: int, suffix: str, start: int) -> str:
        kinds = (("int", 31, ""), ("uint", 32, "u"), ("long", 63, "l"), ("ulong", 64, "ul"))
        for kind, bits, letters in kinds:
            if value < 1 << bits and set(suffix) <= set(letters):
                return kind
        raise FaultError(
            "U001", f"The number {value} is larger than a ulong.", start, "Write it as a decimal: 1m."
        )


def _no_filling(name: str, at: int, source: Source) -> FaultError:
    there = ", ".join(source.names) or "none"
    what = f"@@{name}@@ names no input, output or parameter of the step."
    return FaultError("U025", what, at, f"There are: {there}.")
