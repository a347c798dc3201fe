"""C#'s operators over checked values: promotion, two-valued comparison, integer division, text."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from skyloom.runner.usql.clr_type import BOOL, FLOATING, STRING, ClrType, arithmetic, common, simple
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.text_form import text_sql
from skyloom.runner.usql.typed import Sites, Typed, cast, literal_sql

_COMPARED = ("bool", "DateTime", "Guid", "TimeSpan", "char", "string", "DayOfWeek", "byte[]")
_ORDERED = ("DateTime", "TimeSpan", "char", "DayOfWeek")


def binary(sign: str, left: Typed, right: Typed, at: int, sites: Sites) -> Typed:
    """The value of ``left sign right``.

    Raises
    ------
    FaultError
        U012: C# does not have this operator for these types.
    """
    if sign in ("&&", "||", "AND", "OR"):
        return _logical(sign, left, right, at)
    if sign in ("==", "!="):
        return _equal(sign, left, right, at)
    if sign in ("<", ">", "<=", ">="):
        return _order(sign, left, right, at)
    if sign == "??":
        return _coalesce(left, right, at)
    if sign in ("&", "|", "^"):
        return _bits(sign, left, right, at)
    if sign == "+" and "string" in (left.type.name, right.type.name):
        return replace(
            left.given(STRING, f"({text_or_empty(left)} || {text_or_empty(right)})", right), is_sure=True
        )
    return _time(sign, left, right) or _arithmetic(sign, left, right, at, sites)


def unary(sign: str, operand: Typed, at: int) -> Typed:
    """``!x``, ``-x``, ``+x``, ``~x`` (U012 where C# has none)."""
    if sign == "!":
        return operand.given(BOOL, f"(NOT {needs_bool(operand, 'NOT or !').sql})")
    kind = arithmetic(operand.type, operand.type)
    if kind is None or (sign == "~" and kind in (*FLOATING, "decimal")):
        raise _no(sign, operand, None, at)
    if (
        operand.is_literal
        and sign == "-"
        and operand.value is not None
        and not isinstance(operand.value, str)
    ):
        kind = "int" if operand.value == 1 << 31 else "long" if kind in ("uint", "ulong") else kind
        value = replace(
            operand, type=simple(kind), value=-operand.value, sql=literal_sql(-operand.value, simple(kind))
        )
        return value
    if kind == "uint" and sign == "-":
        kind = "long"
    target = simple(kind).maybe(operand.type.nullable)
    return replace(operand.given(target, f"({sign}{cast(operand, target).sql})"), is_sure=operand.is_sure)


def conditional(test: Typed, then: Typed, other: Typed, at: int) -> Typed:
    """``test ? then : other``, both in one type (U013 when there is none)."""
    target = common_type(then, other)
    if target is None:
        what = f"The two results have no common type: {then.type} and {other.type}."
        raise FaultError("U013", what, at, f"Cast one of them, such as ({then.type}) x.")
    asked, first, second = (
        needs_bool(test, "A condition").sql,
        cast(then, target).sql,
        cast(other, target).sql,
    )
    sql = f"CASE WHEN {asked} THEN {first} ELSE {second} END"
    return replace(
        test.given(target, f"({sql})", then, other), is_sure=not (then.may_be_null or other.may_be_null)
    )


def common_type(first: Typed, second: Typed) -> Optional[ClrType]:
    """The common type of two values; whole literals count as small as they are."""
    from skyloom.runner.usql.typed import fits

    if first.type.name == "null" and second.type.name == "null":
        return None
    for one, other in ((first, second), (second, first)):
        if one.is_literal and one.type.is_integer and fits(one, other.type):
            return other.type
    return common(first.type, second.type)


def needs_bool(value: Typed, what: str) -> Typed:
    """The value, if it is a bool (U012 otherwise)."""
    if value.type == BOOL:
        return value
    if value.type.name == "bool":
        raise FaultError(
            "U012", f"{what} needs a bool; this is a bool?, which may be null.", value.at, "Write == true."
        )
    raise FaultError(
        "U012", f"{what} needs a bool; this is a {value.type}.", value.at, "Compare it with something."
    )


def text_or_empty(value: Typed) -> str:
    """As C# joins text: null is the empty text."""
    if value.type.name == "null":
        return "''"
    text = text_sql(value.type, value.sql)
    return f"COALESCE({text}, '')" if value.may_be_null else f"({text})"


def _logical(sign: str, left: Typed, right: Typed, at: int) -> Typed:
    first, second = needs_bool(left, sign).sql, needs_bool(right, sign).sql
    is_and = sign in ("&&", "AND")
    if not right.raises:
        return left.given(BOOL, f"({first} {'AND' if is_and else 'OR'} {second})", right)
    # the right side may end the script, so it is looked at only where the left side lets it
    sql = (
        f"CASE WHEN {first} THEN {second} ELSE false END"
        if is_and
        else f"CASE WHEN {first} THEN true ELSE {second} END"
    )
    return left.given(BOOL, f"({sql})", right)


def _equal(sign: str, left: Typed, right: Typed, at: int) -> Typed:
    if "null" in (left.type.name, right.type.name):
        value = right if left.type.name == "null" else left
        return left.given(BOOL, f"({value.sql} IS {'' if sign == '==' else 'NOT '}NULL)", right)
    first, second = _alike(sign, left, right, at)
    if left.may_be_null or right.may_be_null:
        return left.given(BOOL, f"({first} IS {'NOT ' if sign == '==' else ''}DISTINCT FROM {second})", right)
    return left.given(BOOL, f"({first} {'=' if sign == '==' else '<>'} {second})", right)


def _order(sign: str, left: Typed, right: Typed, at: int) -> Typed:
    if "string" in (left.type.name, right.type.name):
        fix = f"Write String.Compare(a, b) {sign} 0."
        raise FaultError("U012", f"C# has no '{sign}' for strings.", at, fix)
    if "null" in (left.type.name, right.type.name):
        raise _no(sign, left, right, at)
    first, second = _alike(sign, left, right, at, is_ordered=True)
    sql = f"({first} {sign} {second})"
    if left.may_be_null or right.may_be_null:
        sql = f"COALESCE({sql}, false)"  # C#: a comparison with null is false
    return left.given(BOOL, sql, right)


def _alike(sign: str, left: Typed, right: Typed, at: int, is_ordered: bool = False) -> "tuple[str, str]":
    if left.type.is_same(right.type) and left.type.name in (_ORDERED if is_ordered else _COMPARED):
        return left.sql, right.sql
    kind = arithmetic(left.type, right.type) or _literal_kind(left, right)
    if kind is None:
        raise _no(sign, left, right, at)
    target = simple(kind).maybe()
    return cast(left, target).sql, cast(right, target).sql


def _literal_kind(left: Typed, right: Typed) -> Optional[str]:
    """``ulongColumn == 1``: a literal that is not negative has no sign."""
    for one, other in ((left, right), (right, left)):
        if (
            one.is_literal
            and one.type.name in ("int", "long")
            and one.value >= 0
            and other.type.name == "ulong"
        ):
            return "ulong"
    return None


def _coalesce(left: Typed, right: Typed, at: int) -> Typed:
    if not left.type.nullable:
        fix = "Leave ?? and its right side out."
        raise FaultError("U012", f"The left side of ?? is never null: {left.type}.", at, fix)
    inner = replace(left, type=left.type.maybe(right.type.nullable))
    target = common_type(inner, right)
    if target is None:
        raise _no("??", left, right, at)
    sql = f"COALESCE({cast(left, target).sql}, {cast(right, target).sql})"
    return replace(left.given(target, sql, right), is_sure=not right.may_be_null)


def _bits(sign: str, left: Typed, right: Typed, at: int) -> Typed:
    if left.type == BOOL and right.type == BOOL:
        word = {"&": "AND", "|": "OR", "^": "<>"}[sign]
        return left.given(BOOL, f"({left.sql} {word} {right.sql})", right)
    kind = arithmetic(left.type, right.type) or _literal_kind(left, right)
    if kind is None or kind in (*FLOATING, "decimal"):
        raise _no(sign, left, right, at)
    target = simple(kind).maybe(left.type.nullable or right.type.nullable)
    first, second = cast(left, target).sql, cast(right, target).sql
    sql = f"xor({first}, {second})" if sign == "^" else f"({first} {sign} {second})"
    return left.given(target, sql, right)


def _time(sign: str, left: Typed, right: Typed) -> Optional[Typed]:
    """Moments and spans: a moment less a moment is a span."""
    names = (left.type.name, right.type.name)
    nullable = left.type.nullable or right.type.nullable
    if names == ("DateTime", "DateTime") and sign == "-":
        return left.given(
            simple("TimeSpan").maybe(nullable), f"(epoch_us({left.sql}) - epoch_us({right.sql}))", right
        )
    if names == ("DateTime", "TimeSpan") and sign in "+-":
        sql = f"({left.sql} {sign} to_microseconds({right.sql}))"
        return left.given(simple("DateTime").maybe(nullable), sql, right)
    if names == ("TimeSpan", "TimeSpan") and sign in "+-":
        return left.given(simple("TimeSpan").maybe(nullable), f"({left.sql} {sign} {right.sql})", right)
    return None


def _arithmetic(sign: str, left: Typed, right: Typed, at: int, sites: Sites) -> Typed:
    kind = arithmetic(left.type, right.type) or _literal_kind(left, right)
    if kind is None:
        raise _no(sign, left, right, at)
    target = simple(kind).maybe(left.type.nullable or right.type.nullable)
    first, second = cast(left, target), cast(right, target)
    raises = False
    if sign in "/%" and kind not in FLOATING:
        second, raises = _not_zero(right, second, target, at, sites)
    operator = "//" if sign == "/" and target.is_integer else sign
    sql = f"({first.sql} {operator} {second.sql})"
    if kind == "decimal" and sign in "*/%":
        sql = f"CAST({sql} AS {target.sql})"
    if target.is_integer:
        raises = True  # an overflow ends the script
    is_sure = not (left.may_be_null or right.may_be_null)
    return left.given(target, sql, right, raises=raises, is_sure=is_sure)


def _not_zero(written: Typed, divisor: Typed, target: ClrType, at: int, sites: Sites) -> "tuple[Typed, bool]":
    if written.is_literal and written.value not in (0, None) and str(written.value).strip("0.") != "":
        return divisor, False
    error = sites.error(
        at, "DivideByZeroException: the divisor is 0.", "Ask first: b == 0 ? 0 : a / b.", target.sql
    )
    if written.may_be_null:
        sql = f"CASE WHEN {divisor.sql} = 0 THEN {error} ELSE {divisor.sql} END"
    else:
        sql = f"COALESCE(NULLIF({divisor.sql}, 0), {error})"
    return replace(divisor, sql=sql), True


def _no(sign: str, left: Typed, right: Optional[Typed], at: int) -> FaultError:
    types = f"'{left.type}'" + (f" and '{right.type}'" if right is not None else "")
    names = {left.type.name, right.type.name if right is not None else ""}
    fix = "Cast one of the two."
    if "decimal" in names and names & set(FLOATING):
        fix = "Cast one: (double) x or (decimal) x."
    elif "string" in names:
        fix = "Turn the text into a number: Convert.ToInt32(x), Double.Parse(x)."
    return FaultError("U012", f"C# has no operator '{sign}' for {types}.", at, fix)
