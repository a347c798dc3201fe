"""A checked expression: its C# type and the DuckDB text that computes it; C#'s conversions between types."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

from skyloom.runner.usql.clr_type import RANGES, ClrType, turns_into
from skyloom.runner.usql.faults import FaultError

MARK = "#usql:"  # begins what DuckDB reports when an expression fails; the number of the site follows
_NUMBERS = re.compile(re.escape(MARK) + r"\d+")


@dataclass(frozen=True)
class Typed:
    """``raises``: it may end the script (a null's member, a division by zero), so it is not to run early.

    ``value`` is that of a literal. ``loose`` are the columns (SQL, name, offset) outside of aggregates.
    ``is_sure``: never null, whatever its type allows.
    """

    type: ClrType
    sql: str
    at: int
    raises: bool = False
    value: Any = None
    is_literal: bool = False
    is_sure: bool = False
    loose: Tuple[Tuple[str, str, int], ...] = ()
    aggregates: bool = False
    windows: bool = False

    def given(
        self, type_: ClrType, sql: str, *others: "Typed", raises: bool = False, is_sure: bool = False
    ) -> "Typed":
        """What an operator makes of this value and the others."""
        parts = (self, *others)
        return Typed(
            type_, sql, self.at, raises or any(one.raises for one in parts), is_sure=is_sure,
            loose=tuple(column for one in parts for column in one.loose),
            aggregates=any(one.aggregates for one in parts), windows=any(one.windows for one in parts),
        )  # fmt: skip

    @property
    def may_be_null(self) -> bool:
        return self.type.nullable and not self.is_sure and not (self.is_literal and self.value is not None)


@dataclass(frozen=True)
class Site:
    """A place that can fail while rows are read."""

    at: int
    code: str
    message: str
    fix: str


class Sites:
    """All such places, numbered; the number travels through DuckDB's error."""

    def __init__(self) -> None:
        self.all: List[Site] = []
        self._known: Dict[Site, int] = {}

    def error(
        self, at: int, message: str, fix: str, sql_type: str, detail: str = "", code: str = "U042"
    ) -> str:
        """SQL that ends the script with this message; ``detail`` is SQL of text that is put behind it."""
        site = Site(at, code, message, fix)
        if site not in self._known:
            self._known[site] = len(self.all)
            self.all.append(site)
        mark = quoted(f"{MARK}{self._known[site]}:")
        text = f"concat({mark}, {detail})" if detail else mark
        return f"CAST(error({text}) AS {sql_type})"


def without_sites(sql: str) -> str:
    """The SQL without the numbers of its sites: the same for an expression that stands at two places."""
    return _NUMBERS.sub(MARK, sql)


def quoted(text: str) -> str:
    """A SQL text literal."""
    if "\0" in text:
        parts = [("'" + part.replace("'", "''") + "'") for part in text.split("\0")]
        return "(" + " || chr(0) || ".join(parts) + ")"
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """A SQL name."""
    return '"' + name.replace('"', '""') + '"'


def sure(value: Typed, sites: Sites, at: int, what: str) -> Typed:
    """The value, where null ends the script as C# does (NullReferenceException and the like)."""
    if not value.may_be_null:
        return value
    fix = "Ask for null first: x == null ? ... : x.Member, or take x ?? other."
    sql = f"COALESCE({value.sql}, {sites.error(at, what, fix, value.type.sql)})"
    return replace(value, sql=sql, raises=True, is_sure=True)


def cast(value: Typed, target: ClrType) -> Typed:
    """The value in the DuckDB type of ``target``, for conversions that C# does by itself."""
    nullable = replace(value, type=target) if target.is_same(value.type) else None
    if nullable is not None:
        return nullable
    if value.type.name == "char" and target.is_number:
        sql = f"CAST(unicode({value.sql}) AS {target.sql})"
    elif value.type.name == "ARRAY" and target.name == "ARRAY":
        sql = value.sql
    else:
        sql = f"CAST({value.sql} AS {target.sql})"
    return replace(value, type=target, sql=sql)


def fits(value: Typed, target: ClrType) -> bool:
    """Whether C# turns this value into ``target`` by itself; a literal is also as small as it is."""
    if turns_into(value.type, target):
        return True
    if value.is_literal and value.type.is_integer and target.name in RANGES and value.value is not None:
        low, high = RANGES[target.name]
        return bool(low <= value.value <= high)
    return False


def converted(value: Typed, target: ClrType, what: str) -> Typed:
    """The value as ``target``; ``what`` says what needs it.

    Raises
    ------
    FaultError
        U013: C# does not do this by itself; U029: a null may come where none is allowed.
    """
    if fits(value, target):
        return cast(value, target)
    if value.type.name == "null":
        fix = f"Make the type nullable: {target.name}?."
        raise FaultError("U029", f"{what} is {target}, which cannot be null.", value.at, fix)
    if turns_into(value.type, target.maybe()):
        fix = f"Write ?? and a value for null, make it {target.name}?, or cast: ({target}) x."
        raise FaultError(
            "U029", f"{what} is {target}; the value is {value.type} and may be null.", value.at, fix
        )
    what = f"{what} is {target}; a {value.type} does not turn into it by itself."
    raise FaultError("U013", what, value.at, how_to(value.type, target))


def how_to(source: ClrType, target: ClrType) -> str:
    """How a script converts between two types."""
    known = {
        "int": "Convert.ToInt32",
        "long": "Convert.ToInt64",
        "double": "Convert.ToDouble",
        "DateTime": "DateTime.Parse",
    }
    if source.name == "string":
        return f"Write {known.get(target.name, target.name + '.Parse')}(x)."
    if target.name == "string":
        return "Write x.ToString()."
    if target.is_number and (source.is_number or source.name == "char"):
        return f"Write a cast: ({target}) x."
    return "Change one of the two."


def literal_sql(value: Any, type_: ClrType) -> str:
    """A literal's SQL, in the DuckDB type of its C# type."""
    if value is None:
        return f"CAST(NULL AS {type_.sql})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if type_.name in ("string", "char"):
        return quoted(str(value))
    if type_.name == "int":
        return str(value) if value >= 0 else f"({value})"
    return f"CAST({quoted(str(value))} AS {type_.sql})"


def all_loose(values: "Optional[Tuple[Typed, ...]]") -> Tuple[Tuple[str, str, int], ...]:
    return tuple(column for value in values or () for column in value.loose)
