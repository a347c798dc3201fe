"""Which names an expression may use, and what they are in DuckDB."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from skyloom.runner.usql.clr_type import ClrType
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.typed import Typed


@dataclass(frozen=True)
class Column:
    """A column of a rowset; in DuckDB it is c0, c1, ... by place, for U-SQL's names tell capitals apart."""

    name: str
    type: ClrType


@dataclass(frozen=True)
class Rowset:
    """A checked rowset: its columns and the SELECT that gives them as c0, c1, ..."""

    columns: Tuple[Column, ...]
    sql: str


@dataclass
class ScopeSource:
    """One rowset of a FROM: ``sql`` is its alias in DuckDB."""

    alias: Optional[str]
    columns: Sequence[Column]
    sql: str
    is_hidden: bool = False  # the other side of a semijoin

    def reference(self, place: int) -> str:
        return f'{self.sql}."c{place}"'


@dataclass
class Scope:
    """The rowsets of one FROM, and values that have a name of their own (a lambda's parameter, an alias)."""

    sources: List[ScopeSource] = field(default_factory=list)
    named: Dict[str, Typed] = field(default_factory=dict)

    def source(self, alias: str) -> Optional[ScopeSource]:
        for source in self.sources:
            if source.alias == alias and not source.is_hidden:
                return source
        return None

    @property
    def visible(self) -> List[ScopeSource]:
        return [source for source in self.sources if not source.is_hidden]

    def column(self, name: str, at: int) -> Optional[Typed]:
        """The value of this column, or None.

        Raises
        ------
        FaultError
            U009: several rowsets have it.
        """
        found = [
            (source, place)
            for source in self.visible
            for place, column in enumerate(source.columns)
            if column.name == name
        ]
        if len(found) > 1:
            aliases = " and ".join(str(source.alias) for source, _ in found)
            fix = f"Write {found[0][0].alias or 'alias'}.{name}."
            raise FaultError("U009", f"The column '{name}' is in {aliases}.", at, fix)
        return _value(found[0][0], found[0][1], at) if found else None

    def column_of(self, source: ScopeSource, name: str, at: int) -> Typed:
        """A column named with its rowset (U008 when there is none)."""
        for place, column in enumerate(source.columns):
            if column.name == name:
                return _value(source, place, at)
        raise unknown(
            "U008", f"'{source.alias}' has no column '{name}'.", name, [c.name for c in source.columns], at
        )

    def column_is(self, name: str) -> bool:
        """Whether some rowset has this column."""
        return any(column.name == name for source in self.visible for column in source.columns)

    def near(self, name: str) -> bool:
        """Whether a name like this one is there, so that this may be a slip of the hand."""
        return bool(difflib.get_close_matches(name.lower(), [one.lower() for one in self.names()], 1))

    def names(self) -> List[str]:
        return [*self.named, *(column.name for source in self.visible for column in source.columns)]


def _value(source: ScopeSource, place: int, at: int) -> Typed:
    column, sql = source.columns[place], source.reference(place)
    return Typed(column.type, sql, at, loose=((sql, column.name, at),))


def unknown(code: str, what: str, name: str, there: Iterable[str], at: int) -> FaultError:
    """A name that is not there, with what it may have been."""
    names = list(dict.fromkeys(there))
    for other in names:
        if other.lower() == name.lower():
            return FaultError(code, what, at, f"Capitals count: write {other}.")
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return FaultError(code, what, at, f"Did you mean {close[0]}?")
    return FaultError(code, what, at, f"There are: {', '.join(names[:12])}." if names else "There is none.")
