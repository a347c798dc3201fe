r"""Split Data's conditions on rows: a pattern on one column, or comparisons (studio.md 2.4).

A column is written ``\"name"``, or by its number ``(\3)``, 1 being the first.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skyloom.core.problem import ProblemError
from skyloom.data.table import Column, Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.filling import value_as
from skyloom.modules.tables.keys import values_of

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_COLUMN_NUMBER = re.compile(r"\(\\(\d+)\)\s*")
_COMPARISON = re.compile(r'\s*(==|!=|<=|>=|<|>)\s*("(?:[^"])*"|[^&|]*?)\s*(?:([&|])\s*|$)')


def matches_pattern(table: Table, text: str) -> Any:
    r"""Which rows have the pattern somewhere in the column's cell, (n_rows,); a missing cell counts as ''.

    Raises
    ------
    ProblemError
        M0002 the text is not ``\"column" pattern`` or the pattern is wrong; D010 and M0060 no such column.
    """
    column, pattern = _split_column(table, text.strip(), "Regular expression")
    try:
        search = re.compile(pattern).search
    except re.error as error:
        raise studio_error(
            2,
            f"The pattern '{pattern}' is not a regular expression: {error}.",
            "Regular expression",
            r"Write it as Python does; put \ before a sign that stands for itself.",
        ) from error
    # every distinct text is searched once
    codes, distinct = pd.factorize(_texts(column))
    found = np.array([search(value) is not None for value in distinct] + [search("") is not None])
    return found[codes]


def matches_comparison(table: Table, text: str) -> Any:
    r"""Which rows fulfil comparisons such as ``\"Year" > 1970 & \"Kind" == film``, (n_rows,).

    ``&`` and ``|`` apply from left to right. A missing cell differs from every value and is in no other
    relation to one.

    Raises
    ------
    ProblemError
        M0002 the text or a value cannot be read; M0017 the column's type has no such comparison; D010 and
        M0060 no such column.
    """
    result, joined_by, rest = np.ones(table.rows, bool), "&", text.strip()
    while joined_by:
        column, rest = _split_column(table, rest, "Relational expression")
        parsed = _COMPARISON.match(rest)
        if parsed is None:
            raise _unreadable(text, "Relational expression", r'Write \"column" > 3 & \"other" == text.')
        found = _compared(_Comparison(column, parsed[1], parsed[2].strip('"')))
        result = result & found if joined_by == "&" else result | found
        joined_by, rest = parsed[3] or "", rest[parsed.end() :]
    return result


@dataclass(frozen=True)
class _Comparison:
    column: Column
    sign: str
    value: str

    @property
    def text(self) -> str:
        return f"{self.column.name} {self.sign} {self.value}"


def _split_column(table: Table, text: str, parameter: str) -> tuple[Column, str]:
    """The column that the text begins with, and what follows it."""
    number = _COLUMN_NUMBER.match(text)
    if number is not None:
        place = int(number[1])
        if not 1 <= place <= len(table.columns):
            raise studio_error(
                60,
                f"There is no column {place}; the dataset has {len(table.columns)}.",
                parameter,
                "The first column is 1.",
            )
        return table.columns[place - 1], text[number.end() :]
    if not text.startswith('\\"') or '"' not in text[2:]:
        raise _unreadable(text, parameter, r'Begin with the column: \"name", or (\1) for the first.')
    # a name may hold quotation marks: the longest beginning that is a name wins
    ends = [place for place, letter in enumerate(text) if letter == '"' and place > 1]
    end = next((place for place in reversed(ends) if text[2:place] in table.names), ends[0])
    return table.column(text[2:end]), text[end + 1 :].lstrip()


def _texts(column: Column) -> Any:
    values = values_of(column)
    if column.type == "Object":
        raise _unsuited(column, "a pattern", "Object")
    return values.map(str, na_action="ignore").astype(object)


def _compared(comparison: _Comparison) -> Any:
    column, kind = comparison.column, comparison.column.attributes.underlying or comparison.column.type
    if kind == "Object" or (kind in ("String", "Boolean") and comparison.sign not in ("==", "!=")):
        raise _unsuited(column, f"'{comparison.sign}'", kind)
    compare = _COMPARE[comparison.sign]
    if kind == "String":
        return np.asarray(compare(values_of(column).astype(object), comparison.value), bool)
    return np.asarray(compare(values_of(column), _value_as(kind, comparison)), bool)


def _value_as(kind: str, comparison: _Comparison) -> Any:
    """The text to compare with, as a value of the column's type; any number suits a Numeric column."""
    try:
        return value_as(comparison.column, comparison.value)
    except ProblemError as error:
        raise studio_error(
            2,
            f"'{comparison.value}' cannot be compared with column '{comparison.column.name}' of type {kind}.",
            comparison.text,
            "Compare it with a value of its own type.",
        ) from error


def _unsuited(column: Column, what: str, kind: str) -> ProblemError:
    allowed = "Use == or !=." if kind != "Object" else "Choose another column."
    return studio_error(
        17, f"Column '{column.name}' is {kind} and cannot be compared by {what}.", column.name, allowed
    )


def _unreadable(text: str, parameter: str, fix: str) -> ProblemError:
    return studio_error(2, f"The expression '{text:.200}' cannot be read.", parameter, fix)
