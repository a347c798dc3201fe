"""Finds the member that a script calls, checks its arguments and gives its SQL."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Callable, List, Optional, Sequence, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.clr_type import BOOL, CHAR, DATE_TIME, INT, SIMPLE, STRING, ClrType, array_of, simple
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.members import CLASSES, METHODS, PROPERTIES, SPECIAL, STATIC, Overload
from skyloom.runner.usql.operators import needs_bool, text_or_empty
from skyloom.runner.usql.scope import unknown
from skyloom.runner.usql.text_form import date_format, text_sql
from skyloom.runner.usql.typed import Sites, Typed, converted, fits, quoted, sure

# checks a lambda's body: the lambda, the type of its parameter -> the body, and the SQL name of the parameter
BodyCheck = Callable[[s.Lambda, ClrType], Tuple[Typed, str]]

_NULL = "NullReferenceException: '{}' of null."
_RANGE = "ArgumentOutOfRangeException"
_FIX_RANGE = "Check the length first: s.Length > n ? s.Substring(0, n) : s."


def class_name(name: str) -> Optional[str]:
    """The class of static members that a name stands for (``String`` is ``string``), or None."""
    plain = SIMPLE.get(name, name)
    return (
        plain
        if plain in CLASSES or plain in ("SqlArray", "StringSplitOptions", "CultureInfo", "Encoding")
        else None
    )


def type_of(name: str) -> ClrType:
    """The type that the member tables name: ``string[]`` is an array."""
    if name == "char[]":
        return array_of(CHAR)
    return array_of(STRING) if name == "string[]" else simple(name)


def property_value(target: Typed, name: str, at: int, sites: Sites) -> Typed:
    """``x.Name`` without brackets.

    Raises
    ------
    FaultError
        U014: the type has no such member that is understood.
    """
    if name in ("HasValue", "Value") and _is_nullable_value(target.type):
        if name == "HasValue":
            return target.given(BOOL, f"({target.sql} IS NOT NULL)")
        value = sure(target, sites, at, "InvalidOperationException: the Value of null.")
        return replace(value, type=target.type.maybe(False), at=at)
    known = PROPERTIES.get((target.type.name, name))
    if target.type.name in ("ARRAY", "MAP"):
        return _container(target, name, (), at, sites)
    if known is None:
        if (target.type.name, name) in METHODS:
            raise FaultError("U014", f"'{name}' is a method of {target.type}.", at, f"Write {name}(...).")
        raise _no_member(target.type, name, at)
    return _filled(known[0], target, name, (), at, sites)


def method_value(
    target: Typed,
    name: str,
    arguments: Sequence[Typed],
    lambdas: Sequence[s.Lambda],
    at: int,
    sites: Sites,
    body: BodyCheck,
) -> Typed:
    """``x.Name(...)`` (U014 no such member, U015 arguments that do not suit)."""
    if target.type.name in ("ARRAY", "MAP"):
        if lambdas:
            return _with_lambda(target, name, lambdas, at, sites, body)
        return _container(target, name, tuple(arguments), at, sites)
    if lambdas:
        raise FaultError(
            "U005", "A lambda is understood in Where, Select, Any and All of an array.", lambdas[0].at, ""
        )
    if name == "ToString":
        return _to_string(target, arguments, at, sites)
    if name == "GetValueOrDefault" and _is_nullable_value(target.type):
        plain = target.type.maybe(False)
        other = converted(arguments[0], plain, "The default").sql if arguments else _zero(plain)
        return replace(target.given(plain, f"COALESCE({target.sql}, {other})", *arguments), at=at)
    if name == "Split" and target.type.name == "string":
        return _split(sure(target, sites, at, _NULL.format(name)), arguments, at)
    known = METHODS.get((target.type.name, name))
    if known is None and name in ("Equals", "CompareTo") and len(arguments) == 1:
        return _compare(target, name, arguments[0], at, sites)
    if known is None:
        if (target.type.name, name) in PROPERTIES:
            raise FaultError("U014", f"'{name}' of {target.type} has no brackets.", at, f"Write .{name}")
        raise _no_member(target.type, name, at)
    if _is_nullable_value(target.type):
        what = f"'{target.type}' has no '{name}': it may be null."
        raise FaultError("U029", what, at, f"Write x.Value.{name}(...) or (x ?? other).{name}(...).")
    return _filled(_choose(known, arguments, name, at), target, name, arguments, at, sites)


def static_value(kind: str, name: str, arguments: Optional[Sequence[Typed]], at: int, sites: Sites) -> Typed:
    """``Class.Name`` or, with arguments, ``Class.Name(...)`` (U014, U015 as above)."""
    special = _static_special(kind, name, arguments, at, sites)
    if special is not None:
        return special
    known = STATIC.get((kind, name))
    if known is None:
        names = [member for owner, member in STATIC if owner == kind]
        raise unknown("U014", f"'{kind}.{name}' is not understood.", name, names, at)
    given = () if arguments is None else arguments
    return _filled(_choose(known, given, name, at), None, name, given, at, sites)


def new_value(kind: ClrType, arguments: Sequence[Typed], at: int, sites: Sites) -> Typed:
    """``new DateTime(...)`` and ``new string(c, n)`` (U015 otherwise)."""
    start = Typed(kind, "", at)
    if kind.name == "DateTime" and len(arguments) in (3, 6, 7):
        words = [converted(one, INT, "A part of the date").sql for one in arguments]
        time = words[3:] or ["0", "0", "0"]
        seconds = f"CAST({time[2]} AS DOUBLE)" + (f" + {time[3]} / 1000.0" if len(time) > 3 else "")
        fix = "Months are 1 to 12, days 1 to the month's last."
        error = sites.error(at, f"{_RANGE}: not a date.", fix, "TIMESTAMP")
        made = f"make_timestamp({', '.join([*words[:3], *time[:2]])}, {seconds})"
        return start.given(
            DATE_TIME, f"COALESCE(TRY({made}), {error})", *arguments, raises=True, is_sure=True
        )
    if kind.name == "string" and len(arguments) == 2:
        letter, count = (
            converted(arguments[0], CHAR, "The letter"),
            converted(arguments[1], INT, "The number"),
        )
        return start.given(STRING, f"repeat({letter.sql}, {count.sql})", *arguments, is_sure=True)
    if kind.name == "TimeSpan" and len(arguments) in (3, 4):
        words = [converted(one, INT, "A part of the span").sql for one in arguments]
        sizes = [86400000000, 3600000000, 60000000, 1000000][-len(words) :]
        sql = " + ".join(f"CAST({word} AS BIGINT) * {size}" for word, size in zip(words, sizes))
        return start.given(simple("TimeSpan"), f"({sql})", *arguments)
    if kind.name == "Guid" and len(arguments) == 1:
        return static_value("Guid", "Parse", arguments, at, sites)
    what = f"new {kind} with {len(arguments)} arguments is not understood."
    raise FaultError("U015", what, at, "Known are new DateTime(year, month, day[, hour, minute, second]).")


def array_element(target: Typed, index: Typed, at: int, sites: Sites) -> Typed:
    """``x[i]`` of texts and arrays, counted from 0, and ``m[key]`` of maps (null where there is none)."""
    kind = target.type
    if kind.name == "MAP":
        key = converted(index, kind.inner[0], "The key")
        return target.given(kind.inner[1].maybe(), f"({target.sql})[{key.sql}]", index)
    if kind.name not in ("string", "ARRAY"):
        raise FaultError("U012", f"A {kind} has no elements.", at, "Text, SQL.ARRAY and SQL.MAP have.")
    place = converted(index, INT, "The index")
    found = sure(target, sites, at, _NULL.format("[]"))
    length = "length" if kind.name == "string" else "len"
    error = sites.error(
        at, "IndexOutOfRangeException", "Check the length first; the first place is 0.", "INTEGER"
    )
    fits_in = f"{place.sql} >= 0 AND {place.sql} < {length}({found.sql})"
    checked = f"CASE WHEN {fits_in} THEN {place.sql} + 1 ELSE {error} END"
    if kind.name == "string":
        return found.given(CHAR, f"substr({found.sql}, {checked}, 1)", place, raises=True, is_sure=True)
    return found.given(kind.inner[0], f"list_extract({found.sql}, {checked})", place, raises=True)


def understood(kind: str) -> List[str]:
    """The names of the members of values of a type that are understood."""
    names = {name for table in (PROPERTIES, METHODS) for owner, name in table if owner == kind}
    return sorted(names | {name for name in SPECIAL.get(kind, SPECIAL["any type"]) if name.isidentifier()})


def _filled(
    overload: Overload, target: Optional[Typed], name: str, arguments: Sequence[Typed], at: int, sites: Sites
) -> Typed:
    values: List[Typed] = []
    if target is not None:
        values.append(sure(target, sites, at, _NULL.format(name)))
    for takes, value in zip(overload.takes, arguments):
        wanted = converted(
            value, type_of(takes.rstrip("?")) if takes.startswith("string") else simple(takes), name
        )
        if takes == "string":
            wanted = sure(wanted, sites, value.at, f"ArgumentNullException: {name} was given null.")
        values.append(wanted)
    gives = type_of(overload.gives)
    error = ""
    if overload.exception:
        fix = (
            _FIX_RANGE if overload.exception == _RANGE else "Look at the value, or ask for what it is first."
        )
        detail = "" if overload.exception == _RANGE or not values else f"': ' || {values[0].sql}"
        sql_type = "INTEGER" if overload.exception == _RANGE else gives.sql
        error = sites.error(at, f"{overload.exception} in {name}", fix, sql_type, detail)
    sql = overload.sql.format(*(value.sql for value in values), error=error)
    first = values[0] if values else Typed(gives, "", at)
    raises = bool(overload.exception)
    return replace(first.given(gives, f"({sql})", *values[1:], raises=raises, is_sure=True), at=at)


def _choose(known: Sequence[Overload], arguments: Sequence[Typed], name: str, at: int) -> Overload:
    for overload in known:
        if len(overload.takes) == len(arguments) and all(
            one.type.is_same(type_of(takes.rstrip("?")))
            and (one.type.nullable <= type_of(takes.rstrip("?")).nullable)
            for one, takes in zip(arguments, overload.takes)
        ):
            return overload
    for overload in known:
        if len(overload.takes) == len(arguments) and all(
            fits(one, type_of(takes.rstrip("?"))) for one, takes in zip(arguments, overload.takes)
        ):
            return overload
    for value in arguments:
        if _is_nullable_value(value.type) and any(
            len(overload.takes) == len(arguments)
            and all(
                fits(replace(one, type=one.type.maybe(False)), type_of(takes.rstrip("?")))
                for one, takes in zip(arguments, overload.takes)
            )
            for overload in known
        ):
            what = f"{name} was given {value.type}, which may be null."
            raise FaultError("U029", what, value.at, "Write ?? and a value for null, or x.Value.")
    same = [overload for overload in known if len(overload.takes) == len(arguments)]
    if len(same) == 1:  # tell about the argument that does not suit
        for takes, value in zip(same[0].takes, arguments):
            converted(value, type_of(takes.rstrip("?")), f"An argument of {name}")
    given = ", ".join(str(one.type) for one in arguments)
    forms = " or ".join(f"{name}({', '.join(overload.takes)})" for overload in known)
    raise FaultError("U015", f"{name} does not take ({given}).", at, f"Write {forms}.")


def _static_special(
    kind: str, name: str, arguments: Optional[Sequence[Typed]], at: int, sites: Sites
) -> Optional[Typed]:
    start = Typed(STRING, "", at)
    if arguments is None:
        return None
    if (kind, name) == ("string", "Concat") and arguments:
        return start.given(
            STRING, "(" + " || ".join(text_or_empty(one) for one in arguments) + ")", *arguments, is_sure=True
        )
    if (kind, name) == ("string", "Join") and len(arguments) >= 2 and arguments[1].type.name != "ARRAY":
        texts = ", ".join(text_or_empty(one) for one in arguments[1:])
        joint = text_or_empty(arguments[0])
        return start.given(STRING, f"array_to_string([{texts}], {joint})", *arguments, is_sure=True)
    if (kind, name) == ("string", "Format") and arguments:
        return _format(arguments, at, sites)
    if (kind, name) == ("Convert", "ToString") and arguments:
        return _to_string(arguments[0], arguments[1:], at, sites, null_is_empty=True)
    if (kind, name) == ("DateTime", "ParseExact") and len(arguments) >= 2:
        return _parse_exact(arguments, at, sites)
    if kind == "SqlArray" and name == "Create" and len(arguments) == 1 and arguments[0].type.name == "ARRAY":
        return arguments[0]
    return None


def _format(arguments: Sequence[Typed], at: int, sites: Sites) -> Typed:
    form = arguments[0]
    if not isinstance(form.value, str):
        raise FaultError(
            "U015", "String.Format needs its format as literal text.", form.at, 'Write "{0} ...".'
        )
    parts: List[str] = []
    for piece in re.split(r"(\{\{|\}\}|\{[^{}]*\})", form.value):
        if piece in ("{{", "}}"):
            parts.append(quoted(piece[0]))
        elif piece.startswith("{") and piece.endswith("}"):
            found = re.fullmatch(r"\{(\d+)(?::([^}]*))?\}", piece)
            if found is None or int(found.group(1)) >= len(arguments) - 1:
                raise FaultError(
                    "U015", f"'{piece}' has no argument.", form.at, "Places are counted from {0}."
                )
            value = arguments[int(found.group(1)) + 1]
            if found.group(2):
                literal = Typed(
                    STRING, quoted(found.group(2)), form.at, value=found.group(2), is_literal=True
                )
                parts.append(f"COALESCE({_formatted(value, literal).sql}, '')")
            else:
                parts.append(text_or_empty(value))
        elif piece:
            parts.append(quoted(piece))
    sql = "(" + (" || ".join(parts) or "''") + ")"
    return Typed(STRING, "", at).given(STRING, sql, *arguments, is_sure=True)


def _to_string(
    target: Typed, arguments: Sequence[Typed], at: int, sites: Sites, null_is_empty: bool = False
) -> Typed:
    if target.type.name in ("ARRAY", "MAP", "null"):
        raise _no_member(target.type, "ToString", at)
    if target.may_be_null and not null_is_empty and not _is_nullable_value(target.type):
        target = sure(target, sites, at, _NULL.format("ToString"))
    formats = [one for one in arguments if one.type.name == "string"]
    if formats:
        value = _formatted(target, formats[0])
    else:
        value = target.given(STRING, text_sql(target.type, target.sql))
    if target.may_be_null:  # a nullable value's ToString() gives the empty text
        value = replace(value, sql=f"COALESCE({value.sql}, '')")
    return replace(value, is_sure=True, at=at)


def _formatted(target: Typed, form: Typed) -> Typed:
    if not isinstance(form.value, str):
        raise FaultError("U015", "A format is literal text here.", form.at, 'Write it as "yyyy-MM-dd".')
    text = form.value
    if target.type.name == "DateTime":
        found = date_format(text, form.at)
        sql = (
            f"(strftime({target.sql}, '%Y-%m-%dT%H:%M:%S.%f') || '0')"
            if found in ("O", "o")
            else f"strftime({target.sql}, {quoted(found)})"
        )
        return target.given(STRING, sql)
    standard = re.fullmatch(r"([FfNnDdX])(\d*)", text)
    zeros = re.fullmatch(r"(0+)(?:\.(0+))?", text)
    if target.type.is_number and standard:
        letter, digits = standard.group(1).upper(), standard.group(2)
        number = f"CAST({target.sql} AS DOUBLE)"
        if letter == "F":
            return target.given(STRING, f"printf('%.{digits or 2}f', round({number}, {digits or 2}))")
        if letter == "N":
            return target.given(STRING, f"format('{{:,.{digits or 2}f}}', round({number}, {digits or 2}))")
        if target.type.is_integer:
            return target.given(
                STRING,
                f"printf('%0{digits or 1}{'d' if letter == 'D' else 'X'}', CAST({target.sql} AS BIGINT))",
            )
    if target.type.is_number and zeros:
        decimals = len(zeros.group(2) or "")
        width = len(zeros.group(1)) + (decimals + 1 if decimals else 0)
        return target.given(STRING, f"printf('%0{width}.{decimals}f', CAST({target.sql} AS DOUBLE))")
    raise FaultError(
        "U015",
        f"The format {text!r} of {target.type} is not understood.",
        form.at,
        "Known are F2, N2, D5, X, 000, 0.00 and date formats.",
    )


def _parse_exact(arguments: Sequence[Typed], at: int, sites: Sites) -> Typed:
    text, form = (
        sure(converted(arguments[0], STRING, "The text"), sites, at, "ArgumentNullException"),
        arguments[1],
    )
    if not isinstance(form.value, str):
        raise FaultError("U015", "ParseExact needs its format as literal text.", form.at, 'Write "yyyyMMdd".')
    found = date_format(form.value, form.at).replace("%-", "%")
    fix = "Look at the value and at the format."
    error = sites.error(at, "FormatException in ParseExact", fix, "TIMESTAMP", f"': ' || {text.sql}")
    return text.given(
        DATE_TIME, f"COALESCE(try_strptime({text.sql}, {quoted(found)}), {error})", raises=True, is_sure=True
    )


def _split(target: Typed, arguments: Sequence[Typed], at: int) -> Typed:
    type_ = array_of(STRING)
    removes = any(one.type.name == "StringSplitOptions" and one.value == 1 for one in arguments)
    marks = [one for one in arguments if one.type.name != "StringSplitOptions"]
    if not marks:
        sql = rf"string_split_regex({target.sql}, '\s')"
    elif len(marks) == 1 and marks[0].type.name in ("char", "string"):
        sql = f"string_split({target.sql}, {marks[0].sql})"
    else:
        values = (
            marks[0].value
            if len(marks) == 1 and isinstance(marks[0].value, tuple)
            else tuple(one.value for one in marks)
        )
        if not values or not all(isinstance(one, str) for one in values):
            fix = "Write s.Split(',', ';') or s.Split(new char[]{',', ';'})."
            raise FaultError("U015", "Split takes literal characters or texts.", at, fix)
        pattern = "|".join(re.escape(one) for one in values)
        sql = f"string_split_regex({target.sql}, {quoted(pattern)})"
    if removes:
        sql = f"[part for part in {sql} if part <> '']"
    return target.given(type_, sql, *marks, is_sure=True)


def _compare(target: Typed, name: str, other: Typed, at: int, sites: Sites) -> Typed:
    from skyloom.runner.usql.operators import binary

    if name == "Equals":
        return binary("==", target, other, at, sites)
    less, same = binary("<", target, other, at, sites), binary("==", target, other, at, sites)
    return less.given(INT, f"CASE WHEN {less.sql} THEN -1 WHEN {same.sql} THEN 0 ELSE 1 END", same)


def _container(target: Typed, name: str, arguments: Tuple[Typed, ...], at: int, sites: Sites) -> Typed:
    kind = target.type
    found = sure(target, sites, at, _NULL.format(name))
    if kind.name == "MAP":
        if name == "Count":
            return found.given(INT, f"CAST(cardinality({found.sql}) AS INTEGER)", raises=found.raises)
        if name in ("Keys", "Values"):
            return found.given(
                array_of(kind.inner[name == "Values"]), f"map_{name.lower()}({found.sql})", is_sure=True
            )
        if name == "ContainsKey" and len(arguments) == 1:
            key = converted(arguments[0], kind.inner[0], "The key")
            return found.given(BOOL, f"list_contains(map_keys({found.sql}), {key.sql})", key)
        raise _no_member(kind, name, at)
    inner = kind.inner[0]
    if name in ("Length", "Count"):
        return found.given(INT, f"CAST(len({found.sql}) AS INTEGER)")
    if name in ("ToArray", "ToList", "AsEnumerable"):
        return found
    if name == "Any" and not arguments:
        return found.given(BOOL, f"(len({found.sql}) > 0)")
    if name == "Contains" and len(arguments) == 1:
        value = converted(arguments[0], inner, "The value")
        return found.given(BOOL, f"COALESCE(list_contains({found.sql}, {value.sql}), false)", value)
    if name == "Distinct":
        return found.given(kind, f"list_distinct({found.sql})", is_sure=True)
    if name == "Reverse":
        return found.given(kind, f"list_reverse({found.sql})", is_sure=True)
    if name in ("Skip", "Take") and len(arguments) == 1:
        count = converted(arguments[0], INT, name)
        sql = f"({found.sql})[{count.sql} + 1:]" if name == "Skip" else f"({found.sql})[:{count.sql}]"
        return found.given(kind, sql, count, is_sure=True)
    if name in ("First", "Last", "FirstOrDefault", "LastOrDefault"):
        place = "1" if name.startswith("First") else "-1"
        sql = f"list_extract({found.sql}, {place})"
        if name.endswith("OrDefault"):
            return found.given(inner, sql if inner.nullable else f"COALESCE({sql}, {_zero(inner)})")
        fix = f"Write {name}OrDefault()."
        error = sites.error(at, f"InvalidOperationException: {name} of no elements.", fix, inner.sql)
        return found.given(inner, f"CASE WHEN len({found.sql}) > 0 THEN {sql} ELSE {error} END", raises=True)
    raise _no_member(kind, name, at)


def _with_lambda(
    target: Typed, name: str, lambdas: Sequence[s.Lambda], at: int, sites: Sites, body: BodyCheck
) -> Typed:
    if (
        target.type.name != "ARRAY"
        or name not in ("Where", "Select", "Any", "All", "Count")
        or len(lambdas) != 1
    ):
        what = f"'{name}' with a lambda is not understood."
        raise FaultError(
            "U005", what, lambdas[0].at, "Understood are Where, Select, Any, All and Count of an array."
        )
    found = sure(target, sites, at, _NULL.format(name))
    inside, parameter = body(lambdas[0], target.type.inner[0])
    if name == "Select":
        return found.given(
            array_of(inside.type), f"[{inside.sql} for {parameter} in {found.sql}]", inside, is_sure=True
        )
    test = needs_bool(inside, name)
    kept = f"[{parameter} for {parameter} in {found.sql} if {test.sql}]"
    if name == "Where":
        return found.given(target.type, kept, test, is_sure=True)
    if name == "Count":
        return found.given(INT, f"CAST(len({kept}) AS INTEGER)", test)
    if name == "Any":
        return found.given(BOOL, f"(len({kept}) > 0)", test)
    return found.given(BOOL, f"(len({kept}) = len({found.sql}))", test)


def _is_nullable_value(type_: ClrType) -> bool:
    return type_.nullable and type_.name not in ("string", "byte[]", "ARRAY", "MAP", "null")


def _zero(type_: ClrType) -> str:
    zeros = {"bool": "false", "char": "chr(0)", "DateTime": "TIMESTAMP '0001-01-01 00:00:00'",
             "Guid": "CAST('00000000-0000-0000-0000-000000000000' AS UUID)"}  # fmt: skip
    return zeros.get(
        type_.name,
        f"CAST(0 AS {type_.sql})" if type_.is_number or type_.name in ("TimeSpan", "DayOfWeek") else "NULL",
    )


def _no_member(type_: ClrType, name: str, at: int) -> FaultError:
    plain = type_.maybe(False) if _is_nullable_value(type_) else type_
    if _is_nullable_value(type_) and name in understood(plain.name):
        return FaultError(
            "U029",
            f"'{type_}' has no '{name}': it may be null.",
            at,
            f"Write x.Value.{name} or (x ?? other).{name}.",
        )
    owner = {"ARRAY": "SQL.ARRAY<T>, T[]", "MAP": "SQL.MAP<K, V>"}.get(plain.name, plain.name)
    return unknown("U014", f"'{name}' of {type_} is not understood.", name, understood(owner), at)
