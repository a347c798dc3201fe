"""Checks an expression: every name, every type; and writes the SQL that computes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import List, Mapping, Optional, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.aggregates import (
    AGGREGATES,
    NEEDS_ORDER,
    WINDOW_ONLY,
    Function,
    aggregate,
    order_sql,
    over_sql,
    window_function,
)  # fmt: skip
from skyloom.runner.usql.check_members import (
    array_element,
    class_name,
    method_value,
    new_value,
    property_value,
    static_value,
)  # fmt: skip
from skyloom.runner.usql.clr_type import BOOL, NULL, NUMBERS, ClrType, resolve, simple, turns_into
from skyloom.runner.usql.faults import SILENT, FaultError
from skyloom.runner.usql.operators import binary, conditional, unary
from skyloom.runner.usql.scope import Scope, unknown
from skyloom.runner.usql.typed import (
    Sites,
    Typed,
    cast,
    converted,
    how_to,
    literal_sql,
    named,
    sure,
    without_sites,
)

_NAMESPACES = ("System", "System.Text", "System.Text.RegularExpressions", "Microsoft", "Microsoft.Analytics")
_OPTIONS = {"None": 0, "RemoveEmptyEntries": 1}


@dataclass
class ExpressionChecker:
    """Checks the expressions of one clause.

    ``variables`` are the DECLAREd ones. ``grouped`` holds what GROUP BY groups by: `without_sites` -> SQL.
    ``place`` is the clause, for the words of a fault; aggregates stand only where it allows them.
    """

    scope: Scope
    variables: Mapping[str, Optional[Typed]]
    sites: Sites
    place: str = "an expression"
    allows_aggregates: bool = False
    allows_windows: bool = False
    grouped: Optional[Mapping[str, str]] = None
    _inside: List[str] = field(default_factory=list)  # the aggregate that is being read
    _parameters: int = 0

    def check(self, written: s.Expression) -> Typed:
        """The value of an expression.

        Raises
        ------
        FaultError
            U007, U008, U009 unknown or ambiguous names; U012 to U015, U029 types; U005 C# code;
            U017 aggregates.
        """
        value: Typed = getattr(self, "_" + type(written).__name__.lower())(written)
        if self.grouped and value.loose and without_sites(value.sql) in self.grouped:
            value = replace(value, sql=self.grouped[without_sites(value.sql)], loose=())
        return value

    # ---- names and literals

    def _literal(self, written: s.Literal) -> Typed:
        type_ = NULL if written.type == "null" else simple(written.type)
        return Typed(
            type_, literal_sql(written.value, type_), written.at, value=written.value, is_literal=True
        )

    def _variable(self, written: s.Variable) -> Typed:
        found = self.variables.get(written.name)
        if found is None and written.name in self.variables:
            raise FaultError(SILENT, "", written.at)
        if found is None:
            what = f"The variable '@{written.name}' is not declared."
            raise unknown("U007", what, written.name, self.variables, written.at)
        return replace(found, at=written.at)

    def _name(self, written: s.Name) -> Typed:
        found = self.scope.named.get(written.name)
        if found is None:
            found = self.scope.column(written.name, written.at)
        if found is None:
            raise unknown(
                "U008", f"There is no column '{written.name}'.", written.name, self.scope.names(), written.at
            )
        return replace(found, at=written.at)

    def _member(self, written: s.Member) -> Typed:
        source = self._source_of(written)
        if source is not None:
            return source
        kind = self._class_of(written.target)
        if kind == "StringSplitOptions" and written.name in _OPTIONS:
            value = _OPTIONS[written.name]
            return Typed(ClrType("StringSplitOptions"), str(value), written.at, value=value, is_literal=True)
        if kind is not None:
            return static_value(kind, written.name, None, written.at, self.sites)
        self._no_user_code(written.target)
        return property_value(self.check(written.target), written.name, written.at, self.sites)

    def _source_of(self, written: s.Member) -> Optional[Typed]:
        """``alias.Column``."""
        target = written.target
        if isinstance(target, s.Variable) and target.name not in self.variables:
            rowset = self.scope.source("@" + target.name)  # @rows.Column
            return self.scope.column_of(rowset, written.name, written.at) if rowset else None
        if not isinstance(target, s.Name) or target.name in self.scope.named:
            return None
        source = self.scope.source(target.name)
        if source is None or self.scope.column_is(target.name):
            return None
        return self.scope.column_of(source, written.name, written.at)

    def _class_of(self, written: s.Expression) -> Optional[str]:
        """The class that ``Math`` or ``System.Math`` names; a column of that name goes first."""
        if isinstance(written, s.Member) and _dotted(written.target) in _NAMESPACES:
            return class_name(written.name)
        if isinstance(written, s.Name) and not self._is_known(written.name):
            return class_name(written.name)
        return None

    def _is_known(self, name: str) -> bool:
        return name in self.scope.named or self.scope.column_is(name)

    def _no_user_code(self, written: s.Expression) -> None:
        """``MyNamespace.MyClass.Method(x)``: say that it is C# code of the user's, not a missing column."""
        words = _dotted(written)
        root = words.split(".")[0]
        if not words or self._is_known(root) or self.scope.source(root) is not None:
            return
        if "." in words or (root[0].isupper() and not self.scope.near(root)):
            what = f"'{words}' is no column, rowset or class that is understood; C# code of your own is not."
            known = "Math, String, DateTime, Convert, Regex, Guid"
            raise FaultError(
                "U005", what, written.at if "." not in words else _first(written), f"Classes are {known}."
            )

    # ---- operators

    def _unary(self, written: s.Unary) -> Typed:
        return replace(unary(written.sign, self.check(written.operand), written.at), at=written.at)

    def _binary(self, written: s.Binary) -> Typed:
        left, right = self.check(written.left), self.check(written.right)
        return replace(binary(written.sign, left, right, written.at, self.sites), at=left.at)

    def _conditional(self, written: s.Conditional) -> Typed:
        test, then, other = (self.check(one) for one in (written.test, written.then, written.other))
        return conditional(test, then, other, written.at)

    def _case(self, written: s.Case) -> Typed:
        null = s.Literal(written.at, None, "null")
        value = self.check(written.other or null)
        for test, then in reversed(written.branches):
            if written.subject is not None:
                test = s.Binary(test.at, "==", written.subject, test)
            value = conditional(self.check(test), self.check(then), value, written.at)
        return value

    def _cast(self, written: s.Cast) -> Typed:
        return replace(
            _explicit(self.check(written.operand), resolve(written.type), written.at, self.sites),
            at=written.at,
        )

    def _in(self, written: s.In) -> Typed:
        operand = self.check(written.operand)
        tests = [binary("==", operand, self.check(item), item.at, self.sites) for item in written.items]
        if not tests:
            raise FaultError("U002", "IN has no values.", written.at, "Write IN (1, 2).")
        sql = "(" + " OR ".join(test.sql for test in tests) + ")"
        return operand.given(BOOL, f"(NOT {sql})" if written.negated else sql, *tests)

    def _between(self, written: s.Between) -> Typed:
        operand = self.check(written.operand)
        low = binary(">=", operand, self.check(written.low), written.low.at, self.sites)
        high = binary("<=", operand, self.check(written.high), written.high.at, self.sites)
        sql = f"({low.sql} AND {high.sql})"
        return operand.given(BOOL, f"(NOT {sql})" if written.negated else sql, low, high)

    def _like(self, written: s.Like) -> Typed:
        text = converted(self.check(written.operand), simple("string"), "LIKE")
        pattern = converted(self.check(written.pattern), simple("string"), "The pattern")
        sql = f"COALESCE({text.sql} LIKE {pattern.sql}, false)"
        return text.given(BOOL, f"(NOT {sql})" if written.negated else sql, pattern)

    def _isnull(self, written: s.IsNull) -> Typed:
        operand = self.check(written.operand)
        return operand.given(BOOL, f"({operand.sql} IS {'NOT ' if written.negated else ''}NULL)")

    # ---- calls

    def _index(self, written: s.Index) -> Typed:
        return array_element(self.check(written.target), self.check(written.index), written.at, self.sites)

    def _lambda(self, written: s.Lambda) -> Typed:
        what = "A lambda stands only in Where, Select, Any, All and Count of an array."
        raise FaultError("U005", what, written.at, "Write an expression.")

    def _call(self, written: s.Call) -> Typed:
        if isinstance(written.target, s.Name):
            return self._function(written, written.target.name)
        target, name = written.target.target, written.target.name
        if written.over or written.star or written.distinct or written.within:
            raise FaultError(
                "U017", f"'{name}' is no aggregate.", written.at, "Take OVER, DISTINCT or * out."
            )
        kind = self._class_of(target) if self._source_of(s.Member(written.at, target, name)) is None else None
        if kind is not None:
            return static_value(
                kind, name, [self.check(one) for one in written.arguments], written.at, self.sites
            )
        self._no_user_code(target)
        object_ = self.check(target)
        lambdas = [one for one in written.arguments if isinstance(one, s.Lambda)]
        arguments = [self.check(one) for one in written.arguments if not isinstance(one, s.Lambda)]
        return method_value(object_, name, arguments, lambdas, written.at, self.sites, self._body)

    def _body(self, written: s.Lambda, type_: ClrType) -> Tuple[Typed, str]:
        self._parameters += 1
        sql = named(f"p{self._parameters}")
        inner = dict(self.scope.named)
        inner[written.parameter] = Typed(type_, sql, written.at)
        outer, self.scope = self.scope, Scope(self.scope.sources, inner)
        try:
            return self.check(written.body), sql
        finally:
            self.scope = outer

    def _function(self, written: s.Call, name: str) -> Typed:
        if name not in AGGREGATES and name not in WINDOW_ONLY:
            if name.upper() in (*AGGREGATES, *WINDOW_ONLY):
                what = f"There is no function '{name}'."
                raise FaultError(
                    "U003", what, written.at, f"Functions of U-SQL are in capitals: {name.upper()}."
                )
            what = f"There is no function '{name}'; C# code of your own is not understood."
            raise FaultError("U005", what, written.at, "Call members of C# classes, such as Math.Abs(x).")
        self._may_stand(written, name)
        self._inside.append(name)
        try:
            function = self._computed(written, name)
        finally:
            self._inside.pop()
        first = Typed(function.type, "", written.at)
        if written.over is None:
            return replace(
                first.given(function.type, function.whole(), *function.arguments), loose=(), aggregates=True
            )
        parts: List[Typed] = list(function.arguments)
        over = over_sql(written.over, self.check, parts)
        if name in NEEDS_ORDER and not written.over.order:
            raise FaultError("U015", f"{name} needs an order.", written.over.at, "Write OVER (ORDER BY x).")
        type_ = (
            function.type.maybe()
            if name in ("SUM", "MIN", "MAX", "AVG") and written.over.frame
            else function.type
        )
        value = first.given(type_, function.whole(over), *parts)
        return replace(value, windows=True)

    def _may_stand(self, written: s.Call, name: str) -> None:
        if self._inside:
            what = f"{name} stands inside of {self._inside[-1]}."
            raise FaultError("U017", what, written.at, "Compute the inner one in a rowset of its own first.")
        if written.over is None and name in WINDOW_ONLY:
            raise FaultError(
                "U017", f"{name} needs OVER (...).", written.at, f"Write {name}() OVER (ORDER BY x)."
            )
        if written.over is not None and not self.allows_windows:
            fix = "Compute it in the SELECT of a rowset, and use its column in the next."
            raise FaultError("U017", f"A window function may not stand in {self.place}.", written.at, fix)
        if written.over is None and not self.allows_aggregates:
            fix = (
                "Put the condition into HAVING."
                if self.place == "WHERE"
                else "Aggregate in a rowset of its own first."
            )
            raise FaultError("U017", f"An aggregate may not stand in {self.place}.", written.at, fix)

    def _computed(self, written: s.Call, name: str) -> Function:
        arguments = tuple(self.check(one) for one in written.arguments)
        if name in WINDOW_ONLY:
            return window_function(written, name, arguments)
        within = ""
        if written.within:
            parts: List[Typed] = []
            within = order_sql(self.check(written.within[0].expression), False, parts)
            within = parts[0].sql
        return aggregate(written, name, arguments, within)

    # ---- new

    def _new(self, written: s.New) -> Typed:
        kind = resolve(written.type)
        if kind.name == "ARRAY":
            return self._new_array(written, kind)
        if kind.name == "MAP":
            return self._new_map(written, kind)
        if written.items:
            raise FaultError(
                "U005",
                f"new {kind} with braces is not understood.",
                written.at,
                "Arrays and maps have braces.",
            )
        return new_value(kind, [self.check(one) for one in written.arguments], written.at, self.sites)

    def _new_array(self, written: s.New, kind: ClrType) -> Typed:
        start = Typed(kind, "", written.at)
        if written.arguments and not written.items:
            value = self.check(written.arguments[0])
            if value.type.name != "ARRAY":
                what = f"A {kind} is made of an array, not of a {value.type}."
                raise FaultError("U013", what, value.at, "Write x.Split(','), or list the values in braces.")
            if not value.type.inner[0].is_same(kind.inner[0]):
                what = f"A {kind} cannot be made of a {value.type}."
                fix = (
                    f"Convert each: .Select(x => {kind.inner[0]}.Parse(x))."
                    if kind.inner[0].name in NUMBERS
                    else ""
                )
                raise FaultError("U013", what, value.at, fix)
            return replace(value, type=kind, at=written.at)
        items = [converted(self.check(item[0]), kind.inner[0], "An element") for item in written.items]
        sql = f"CAST([{', '.join(item.sql for item in items)}] AS {kind.sql})"
        literals = tuple(item.value for item in items) if all(item.is_literal for item in items) else None
        return replace(start.given(kind, sql, *items, is_sure=True), value=literals)

    def _new_map(self, written: s.New, kind: ClrType) -> Typed:
        pairs = []
        for item in written.items:
            if len(item) != 2:
                raise FaultError(
                    "U015", "An entry of a map is {key, value}.", written.at, 'Write {{"a", 1}}.'
                )
            pairs.append(
                tuple(
                    converted(self.check(one), kind.inner[place], "An entry")
                    for place, one in enumerate(item)
                )
            )
        keys, values = (", ".join(pair[place].sql for pair in pairs) for place in (0, 1))
        sql = f"CAST(map([{keys}], [{values}]) AS {kind.sql})"
        return Typed(kind, "", written.at).given(
            kind, sql, *(one for pair in pairs for one in pair), is_sure=True
        )


def _explicit(value: Typed, target: ClrType, at: int, sites: Sites) -> Typed:
    """A cast: what C# converts when told to."""
    source = value.type
    if source.name == "null":
        if not target.nullable:
            raise FaultError("U029", f"null is no {target}.", at, f"Write ({target}?) null.")
        return replace(value, type=target, sql=f"CAST(NULL AS {target.sql})")
    if source.nullable and not target.nullable:
        value = sure(value, sites, at, f"InvalidOperationException: null was cast to {target}.")
    if source.is_same(target):
        return replace(value, type=target, is_literal=False, value=None)
    plain = replace(value, is_literal=False, value=None)
    names = (source.name, target.name)
    if turns_into(source.maybe(False), target.maybe(False)):
        return cast(plain, target)
    if names == ("DayOfWeek", "int") or names == ("int", "DayOfWeek"):
        return replace(plain, type=target)
    if source.is_number and target.name == "char":
        return plain.given(target, f"chr(CAST({plain.sql} AS INTEGER))")
    if source.name == "char" and target.is_number:
        return cast(plain, target)
    if source.is_number and target.is_number:
        inner = f"trunc({plain.sql})" if target.is_integer and not source.is_integer else plain.sql
        return plain.given(
            target, f"CAST({inner} AS {target.sql})", raises=target.is_integer, is_sure=plain.is_sure
        )
    raise FaultError("U013", f"C# cannot cast a {source} to {target}.", at, how_to(source, target))


def _dotted(written: s.Expression) -> str:
    if isinstance(written, s.Name):
        return written.name
    if isinstance(written, s.Member):
        left = _dotted(written.target)
        return f"{left}.{written.name}" if left else ""
    return ""


def _first(written: s.Expression) -> int:
    while isinstance(written, s.Member):
        written = written.target
    return written.at
