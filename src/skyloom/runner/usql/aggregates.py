"""Aggregates and window functions."""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.clr_type import DOUBLE, LONG, ClrType, array_of
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.typed import Typed, cast, converted

AGGREGATES = (
    "SUM", "COUNT", "MIN", "MAX", "AVG", "STDEV", "STDEVP", "VAR", "VARP", "ANY_VALUE", "ARRAY_AGG",
    "MAP_AGG",
    "PERCENTILE_DISC", "PERCENTILE_CONT",
)  # fmt: skip
RANKINGS = ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "PERCENT_RANK", "CUME_DIST")
NEIGHBOURS = ("LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE")
WINDOW_ONLY = (*RANKINGS, *NEIGHBOURS)

_SPREAD = {"STDEV": "stddev_samp", "STDEVP": "stddev_pop", "VAR": "var_samp", "VARP": "var_pop"}


class Function(NamedTuple):
    """A call before its OVER: the type and SQL of its result."""

    type: ClrType
    sql: str
    arguments: Tuple[Typed, ...]
    is_cast: bool = False  # its result has to be made its type

    def whole(self, over: str = "") -> str:
        """The SQL with its OVER."""
        sql = f"{self.sql} {over}" if over else self.sql
        return f"CAST({sql} AS {self.type.sql})" if self.is_cast else sql


def aggregate(call: s.Call, name: str, arguments: Tuple[Typed, ...], within: str) -> Function:
    """An aggregate's SQL and type, as U-SQL types it.

    Raises
    ------
    FaultError
        U015 wrong arguments, U012 a type that has no such aggregate.
    """
    distinct = "DISTINCT " if call.distinct else ""
    if name == "COUNT" and (call.star or not arguments):
        return Function(LONG, "count(*)", ())
    if name == "MAP_AGG":
        _count(call, name, arguments, 2)
        key, value = arguments
        type_ = ClrType("MAP", True, (key.type, value.type))
        return Function(type_, f"map(list({key.sql}), list({value.sql}))", arguments)
    if name in ("PERCENTILE_DISC", "PERCENTILE_CONT"):
        return _percentile(call, name, arguments, within)
    _count(call, name, arguments, 1)
    value = arguments[0]
    if name == "COUNT":
        return Function(LONG, f"count({distinct}{value.sql})", arguments)
    if name in ("MIN", "MAX", "ANY_VALUE"):
        if value.type.name in ("ARRAY", "MAP", "null"):
            raise _no(name, value)
        return Function(value.type, f"{name.lower()}({value.sql})", arguments)
    if name == "ARRAY_AGG":
        return Function(array_of(value.type), f"list({distinct}{value.sql})", arguments)
    if not value.type.is_number:
        raise _no(name, value)
    if name == "SUM":
        whole = "ulong" if value.type.name == "ulong" else "long"
        type_ = ClrType(whole if value.type.is_integer else value.type.name, value.type.nullable)
        return Function(type_, f"sum({distinct}{value.sql})", arguments, True)
    type_ = ClrType("decimal" if value.type.name == "decimal" else "double", value.type.nullable)
    if name == "AVG":
        return Function(type_, f"avg({distinct}{value.sql})", arguments, True)
    return Function(DOUBLE.maybe(), f"{_SPREAD[name]}({distinct}CAST({value.sql} AS DOUBLE))", arguments)


def window_function(call: s.Call, name: str, arguments: Tuple[Typed, ...]) -> Function:
    """A ranking or neighbour function's SQL and type, without its OVER."""
    if name == "NTILE":
        _count(call, name, arguments, 1)
        return Function(LONG, f"ntile({arguments[0].sql})", arguments)
    if name in RANKINGS:
        _count(call, name, arguments, 0)
        return Function(DOUBLE if name in ("PERCENT_RANK", "CUME_DIST") else LONG, f"{name.lower()}()", ())
    if not 1 <= len(arguments) <= (3 if name in ("LAG", "LEAD") else 1):
        raise FaultError(
            "U015", f"{name} does not take {len(arguments)} arguments.", call.at, f"Write {name}(column)."
        )
    words = [arguments[0].sql]
    type_ = arguments[0].type
    if name in ("LAG", "LEAD"):
        if len(arguments) < 3:
            type_ = type_.maybe()
        words += [one.sql for one in arguments[1:2]]
        words += [converted(one, type_, "The default").sql for one in arguments[2:]]
    return Function(type_, f"{name.lower()}({', '.join(words)})", arguments)


def _percentile(call: s.Call, name: str, arguments: Tuple[Typed, ...], within: str) -> Function:
    _count(call, name, arguments, 1)
    if not within:
        fix = f"Write {name}(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY y)."
        raise FaultError("U015", f"{name} needs WITHIN GROUP (ORDER BY ...).", call.at, fix)
    share = cast(arguments[0], DOUBLE)
    if name == "PERCENTILE_CONT":
        return Function(DOUBLE.maybe(), f"quantile_cont(CAST({within} AS DOUBLE), {share.sql})", arguments)
    return Function(DOUBLE.maybe(), f"quantile_disc({within}, {share.sql})", arguments, True)


def over_sql(window: s.Window, value: Callable[[s.Expression], Typed], parts: List[Typed]) -> str:
    """The SQL of an OVER (...); what it reads is put into ``parts``."""
    words: List[str] = []
    if window.partition:
        found = [value(one) for one in window.partition]
        parts += found
        words.append("PARTITION BY " + ", ".join(one.sql for one in found))
    if window.order:
        words.append(
            "ORDER BY "
            + ", ".join(order_sql(value(one.expression), one.descending, parts) for one in window.order)
        )
    if window.frame:
        words.append(window.frame)
    return "OVER (" + " ".join(words) + ")"


def order_sql(value: Typed, descending: bool, parts: List[Typed]) -> str:
    """One sort key; null is smaller than everything, as C# compares."""
    parts.append(value)
    return f"{value.sql} " + ("DESC NULLS LAST" if descending else "ASC NULLS FIRST")


NEEDS_ORDER: Dict[str, bool] = {name: True for name in (*RANKINGS, "LAG", "LEAD")}


def _count(call: s.Call, name: str, arguments: Tuple[Typed, ...], count: int) -> None:
    if len(arguments) != count or (call.star and name != "COUNT"):
        given = "*" if call.star else str(len(arguments))
        raise FaultError(
            "U015", f"{name} takes {count} argument{'s' * (count != 1)}, not {given}.", call.at, ""
        )


def _no(name: str, value: Typed) -> FaultError:
    return FaultError(
        "U012", f"{name} has no meaning for {value.type}.", value.at, "Convert the value to a number first."
    )
