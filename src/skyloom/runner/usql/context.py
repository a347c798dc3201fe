"""What the checks of one script share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.check_expression import ExpressionChecker
from skyloom.runner.usql.clr_type import simple
from skyloom.runner.usql.faults import SILENT, FaultError, Faults
from skyloom.runner.usql.places import Places
from skyloom.runner.usql.scope import Column, Scope, unknown
from skyloom.runner.usql.typed import Sites, Typed, converted


@dataclass
class NamedRowset:
    """A rowset variable: its columns, the SQL that makes it, and how often it is read."""

    table: str
    columns: Tuple[Column, ...]
    sql: str
    at: int
    uses: int = 0


@dataclass(frozen=True)
class Recoding:
    """A file of another encoding, and where its UTF-8 copy goes."""

    source: str
    target: str
    encoding: str
    at: int


@dataclass
class Context:
    """``evaluate`` computes a constant; ``scratch`` is a folder that may be filled."""

    places: Places
    evaluate: Callable[[Typed], Any]
    scratch: str
    faults: Faults = field(default_factory=Faults)
    sites: Sites = field(default_factory=Sites)
    variables: Dict[str, Optional[Typed]] = field(default_factory=dict)
    rowsets: Dict[str, Optional[NamedRowset]] = field(default_factory=dict)
    made: List[NamedRowset] = field(default_factory=list)
    recodings: List[Recoding] = field(default_factory=list)
    files: Dict[str, int] = field(default_factory=dict)  # a file that is read -> its EXTRACT
    names: int = 0

    def fresh(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    def expressions(self, scope: Scope, place: str, **more: Any) -> ExpressionChecker:
        """A checker for the expressions of one clause."""
        return ExpressionChecker(scope, self.variables, self.sites, place, **more)

    def constant(self, written: s.Expression, type_name: str, what: str) -> Any:
        """The value of an expression that reads no rows.

        Raises
        ------
        FaultError
            U013, U028 and what its expression has wrong; U042 when computing it fails.
        """
        value = self.constant_value(written, what)
        return self.evaluate(converted(value, simple(type_name), what))

    def constant_value(self, written: s.Expression, what: str) -> Typed:
        try:
            return self.expressions(Scope(), "a constant").check(written)
        except FaultError as error:
            if error.fault.code != "U008":
                raise
            fix = "Use literals and variables that are DECLAREd."
            raise FaultError(
                "U028", f"{what} is a constant: no column has a value here.", error.fault.at, fix
            ) from None

    def rowset(self, name: str, at: int) -> NamedRowset:
        """A rowset that was made before (U006 when none was)."""
        if name not in self.rowsets:
            what = f"There is no rowset '@{name}'."
            if name in self.variables:
                raise FaultError("U006", f"'@{name}' is a variable with one value, not a rowset.", at, "")
            raise unknown("U006", what, "@" + name, ["@" + one for one in self.rowsets], at)
        found = self.rowsets[name]
        if found is None:
            raise FaultError(SILENT, "", at)
        found.uses += 1
        return found
