"""The members of C# types that are understood, each with the SQL that does the same.

In the SQL ``{0}`` is the object (or the first argument of a static member), ``{1}`` the next one; ``{error}`` ends
the script with the exception named beside it. Types: ``string`` refuses null as C# does, ``string?`` takes it.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple


class Overload(NamedTuple):
    """One form of a member: types of its arguments, its own type, its SQL, and the exception it may raise."""

    takes: Tuple[str, ...]
    gives: str
    sql: str
    exception: str = ""


Table = Dict[Tuple[str, str], Tuple[Overload, ...]]
O = Overload  # noqa: E741 - a table of one-letter rows reads best


def _one(gives: str, sql: str, *takes: str, exception: str = "") -> Tuple[Overload, ...]:
    return (Overload(takes, gives, sql, exception),)


_SPACE = "' ' || chr(9) || chr(10) || chr(13) || chr(11) || chr(12) || chr(160)"
_RANGE = "ArgumentOutOfRangeException"
_US = 86400000000
_TICKS = 621355968000000000  # of 1970-01-01

# properties, by (type, name); the object is never null in the SQL
PROPERTIES: Table = {
    ("string", "Length"): _one("int", "CAST(length({0}) AS INTEGER)"),
    **{
        ("DateTime", name): _one("int", f"CAST({sql} AS INTEGER)")
        for name, sql in {
            "Year": "year({0})", "Month": "month({0})", "Day": "day({0})", "Hour": "hour({0})", "Minute": "minute({0})",
            "Second": "second({0})", "Millisecond": "(millisecond({0}) % 1000)", "DayOfYear": "dayofyear({0})",
        }.items()
    },
    ("DateTime", "DayOfWeek"): _one("DayOfWeek", "CAST(dayofweek({0}) AS INTEGER)"),
    ("DateTime", "Date"): _one("DateTime", "CAST(date_trunc('day', {0}) AS TIMESTAMP)"),
    ("DateTime", "TimeOfDay"): _one("TimeSpan", f"(epoch_us({{0}}) % {_US})"),
    ("DateTime", "Ticks"): _one("long", f"(epoch_us({{0}}) * 10 + {_TICKS})"),
    **{
        ("TimeSpan", "Total" + name): _one("double", f"({{0}} / {size}::DOUBLE)")
        for name, size in {
            "Days": _US, "Hours": 3600000000, "Minutes": 60000000, "Seconds": 1000000, "Milliseconds": 1000,
        }.items()
    },
    ("TimeSpan", "Days"): _one("int", f"CAST({{0}} // {_US} AS INTEGER)"),
    ("TimeSpan", "Hours"): _one("int", "CAST({0} // 3600000000 % 24 AS INTEGER)"),
    ("TimeSpan", "Minutes"): _one("int", "CAST({0} // 60000000 % 60 AS INTEGER)"),
    ("TimeSpan", "Seconds"): _one("int", "CAST({0} // 1000000 % 60 AS INTEGER)"),
    ("TimeSpan", "Ticks"): _one("long", "({0} * 10)"),
    ("byte[]", "Length"): _one("int", "CAST(octet_length({0}) AS INTEGER)"),
}  # fmt: skip

# methods, by (type, name)
METHODS: Table = {
    ("string", "ToUpper"): _one("string", "upper({0})"),
    ("string", "ToUpperInvariant"): _one("string", "upper({0})"),
    ("string", "ToLower"): _one("string", "lower({0})"),
    ("string", "ToLowerInvariant"): _one("string", "lower({0})"),
    **{
        ("string", name): (O((), "string", f"{sql}({{0}}, {_SPACE})"), O(("char",), "string", f"{sql}({{0}}, {{1}})"))
        for name, sql in {"Trim": "trim", "TrimStart": "ltrim", "TrimEnd": "rtrim"}.items()
    },
    ("string", "Substring"): (
        O(("int",), "string",
          "substr({0}, CASE WHEN {1} BETWEEN 0 AND length({0}) THEN {1} + 1 ELSE {error} END)", _RANGE),
        O(("int", "int"), "string",
          "substr({0}, {1} + 1, CASE WHEN {1} >= 0 AND {2} >= 0 AND {1} + {2} <= length({0}) THEN {2} ELSE {error} END)",
          _RANGE),
    ),
    ("string", "IndexOf"): (
        O(("string",), "int", "CAST(instr({0}, {1}) - 1 AS INTEGER)"),
        O(("char",), "int", "CAST(instr({0}, {1}) - 1 AS INTEGER)"),
        O(("string", "StringComparison"), "int",
          "CAST(CASE {2} WHEN 1 THEN instr(lower({0}), lower({1})) ELSE instr({0}, {1}) END - 1 AS INTEGER)"),
        O(("string", "int"), "int",
          "CAST(CASE instr(substr({0}, {2} + 1), {1}) WHEN 0 THEN -1 ELSE instr(substr({0}, {2} + 1), {1}) + {2} - 1 END AS INTEGER)"),
        O(("char", "int"), "int",
          "CAST(CASE instr(substr({0}, {2} + 1), {1}) WHEN 0 THEN -1 ELSE instr(substr({0}, {2} + 1), {1}) + {2} - 1 END AS INTEGER)"),
    ),
    ("string", "LastIndexOf"): tuple(
        O((kind,), "int",
          "CAST(CASE WHEN contains({0}, {1}) THEN length({0}) - length({1}) - instr(reverse({0}), reverse({1})) + 1 ELSE -1 END AS INTEGER)")
        for kind in ("string", "char")
    ),
    ("string", "Contains"): (O(("string",), "bool", "contains({0}, {1})"),),
    ("string", "StartsWith"): (
        O(("string",), "bool", "starts_with({0}, {1})"),
        O(("string", "StringComparison"), "bool",
          "CASE {2} WHEN 1 THEN starts_with(lower({0}), lower({1})) ELSE starts_with({0}, {1}) END"),
    ),
    ("string", "EndsWith"): (
        O(("string",), "bool", "ends_with({0}, {1})"),
        O(("string", "StringComparison"), "bool",
          "CASE {2} WHEN 1 THEN ends_with(lower({0}), lower({1})) ELSE ends_with({0}, {1}) END"),
    ),
    ("string", "Replace"): (
        O(("char", "char"), "string", "replace({0}, {1}, {2})"),
        O(("string", "string?"), "string", "replace({0}, {1}, COALESCE({2}, ''))"),
    ),
    ("string", "PadLeft"): (
        O(("int",), "string", "lpad({0}, greatest({1}, CAST(length({0}) AS INTEGER)), ' ')"),
        O(("int", "char"), "string", "lpad({0}, greatest({1}, CAST(length({0}) AS INTEGER)), {2})"),
    ),
    ("string", "PadRight"): (
        O(("int",), "string", "rpad({0}, greatest({1}, CAST(length({0}) AS INTEGER)), ' ')"),
        O(("int", "char"), "string", "rpad({0}, greatest({1}, CAST(length({0}) AS INTEGER)), {2})"),
    ),
    ("string", "Insert"): _one(
        "string",
        "(substr({0}, 1, CASE WHEN {1} BETWEEN 0 AND length({0}) THEN {1} ELSE {error} END) || {2} || substr({0}, {1} + 1))",
        "int", "string", exception=_RANGE,
    ),
    ("string", "Remove"): (
        O(("int",), "string", "substr({0}, 1, CASE WHEN {1} >= 0 AND {1} < length({0}) THEN {1} ELSE {error} END)", _RANGE),
        O(("int", "int"), "string",
          "(substr({0}, 1, CASE WHEN {1} >= 0 AND {2} >= 0 AND {1} + {2} <= length({0}) THEN {1} ELSE {error} END) || substr({0}, {1} + {2} + 1))",
          _RANGE),
    ),
    ("string", "Equals"): (
        O(("string?",), "bool", "COALESCE({0} = {1}, false)"),
        O(("string?", "StringComparison"), "bool",
          "COALESCE(CASE {2} WHEN 1 THEN lower({0}) = lower({1}) ELSE {0} = {1} END, false)"),
    ),
    ("string", "CompareTo"): _one("int", "CASE WHEN {1} IS NULL OR {0} > {1} THEN 1 WHEN {0} = {1} THEN 0 ELSE -1 END", "string?"),
    ("string", "ToCharArray"): _one("char[]", "CASE WHEN {0} = '' THEN CAST([] AS VARCHAR[]) ELSE string_split({0}, '') END"),
    **{
        ("DateTime", "Add" + name): _one("DateTime", f"({{0}} + to_microseconds(CAST(round({{1}} * {size}) AS BIGINT)))", "double")
        for name, size in {
            "Days": _US, "Hours": 3600000000, "Minutes": 60000000, "Seconds": 1000000, "Milliseconds": 1000,
        }.items()
    },
    ("DateTime", "AddMonths"): _one("DateTime", "({0} + to_months({1}))", "int"),
    ("DateTime", "AddYears"): _one("DateTime", "({0} + to_months({1} * 12))", "int"),
    ("DateTime", "AddTicks"): _one("DateTime", "({0} + to_microseconds({1} // 10))", "long"),
    ("DateTime", "Add"): _one("DateTime", "({0} + to_microseconds({1}))", "TimeSpan"),
    ("DateTime", "Subtract"): (
        O(("DateTime",), "TimeSpan", "(epoch_us({0}) - epoch_us({1}))"),
        O(("TimeSpan",), "DateTime", "({0} - to_microseconds({1}))"),
    ),
    ("DateTime", "CompareTo"): _one("int", "CASE WHEN {0} > {1} THEN 1 WHEN {0} = {1} THEN 0 ELSE -1 END", "DateTime"),
    ("DateTime", "ToShortDateString"): _one("string", "strftime({0}, '%m/%d/%Y')"),
}  # fmt: skip


def _parsed(type_name: str, sql_type: str, pattern: str) -> Tuple[Overload, ...]:
    sql = f"COALESCE(CASE WHEN regexp_full_match(trim({{0}}), '{pattern}') THEN TRY_CAST(trim({{0}}) AS {sql_type}) END, {{error}})"
    return _one(type_name, sql, "string", exception="FormatException")


_WHOLE = "[+-]?[0-9]+"
_REAL = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_PARSED = {
    "int": ("INTEGER", _WHOLE, "Int32"), "long": ("BIGINT", _WHOLE, "Int64"), "short": ("SMALLINT", _WHOLE, "Int16"),
    "byte": ("UTINYINT", _WHOLE, "Byte"), "sbyte": ("TINYINT", _WHOLE, "SByte"), "uint": ("UINTEGER", _WHOLE, "UInt32"),
    "ulong": ("UBIGINT", _WHOLE, "UInt64"), "ushort": ("USMALLINT", _WHOLE, "UInt16"), "float": ("FLOAT", _REAL, "Single"),
    "double": ("DOUBLE", _REAL, "Double"), "decimal": ("DECIMAL(38,9)", _REAL, "Decimal"),
}  # fmt: skip

DATE_FORMATS = "['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M %p', '%m/%d/%Y %H:%M', '%m/%d/%Y', '%Y/%m/%d', '%Y/%m/%d %H:%M:%S', '%d %b %Y', '%b %d, %Y', '%B %d, %Y', '%a, %d %b %Y %H:%M:%S GMT']"
PARSE_DATE = f"COALESCE(TRY_CAST(trim({{0}}) AS TIMESTAMP), try_strptime(trim({{0}}), {DATE_FORMATS}))"
PARSE_BOOL = "CASE lower(trim({0})) WHEN 'true' THEN true WHEN 'false' THEN false END"

# static members, by (class, name)
STATIC: Table = {
    ("string", "Empty"): _one("string", "''"),
    ("string", "IsNullOrEmpty"): _one("bool", "(COALESCE({0}, '') = '')", "string?"),
    ("string", "IsNullOrWhiteSpace"): _one("bool", f"(trim(COALESCE({{0}}, ''), {_SPACE}) = '')", "string?"),
    ("string", "Equals"): (
        O(("string?", "string?"), "bool", "({0} IS NOT DISTINCT FROM {1})"),
        O(("string?", "string?", "StringComparison"), "bool",
          "CASE {2} WHEN 1 THEN lower({0}) IS NOT DISTINCT FROM lower({1}) ELSE {0} IS NOT DISTINCT FROM {1} END"),
    ),
    ("string", "Compare"): (
        O(("string?", "string?"), "int",
          "CASE WHEN {0} IS NOT DISTINCT FROM {1} THEN 0 WHEN {0} IS NULL OR {0} < {1} THEN -1 ELSE 1 END"),
        O(("string?", "string?", "bool"), "int",
          "CASE WHEN {0} IS NOT DISTINCT FROM {1} OR ({2} AND lower({0}) = lower({1})) THEN 0 "
          "WHEN {0} IS NULL OR CASE WHEN {2} THEN lower({0}) < lower({1}) ELSE {0} < {1} END THEN -1 ELSE 1 END"),
    ),
    ("string", "CompareOrdinal"): _one(
        "int", "CASE WHEN {0} IS NOT DISTINCT FROM {1} THEN 0 WHEN {0} IS NULL OR {0} < {1} THEN -1 ELSE 1 END", "string?", "string?"
    ),
    ("string", "Join"): (
        O(("string?", "string[]"), "string", "COALESCE(array_to_string([COALESCE(j, '') for j in {1}], COALESCE({0}, '')), '')"),
    ),
    ("StringComparison", "Ordinal"): _one("StringComparison", "0"),
    ("StringComparison", "CurrentCulture"): _one("StringComparison", "0"),
    ("StringComparison", "InvariantCulture"): _one("StringComparison", "0"),
    ("StringComparison", "OrdinalIgnoreCase"): _one("StringComparison", "1"),
    ("StringComparison", "CurrentCultureIgnoreCase"): _one("StringComparison", "1"),
    ("StringComparison", "InvariantCultureIgnoreCase"): _one("StringComparison", "1"),
    **{
        ("DayOfWeek", name): _one("DayOfWeek", str(number))
        for number, name in enumerate(["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"])
    },
    ("Math", "Abs"): tuple(O((kind,), kind, "abs({0})") for kind in ("int", "long", "decimal", "float", "double")),
    ("Math", "Sign"): tuple(O((kind,), "int", "CAST(sign({0}) AS INTEGER)") for kind in ("decimal", "double")),
    ("Math", "Floor"): (O(("decimal",), "decimal", "CAST(floor({0}) AS DECIMAL(38,9))"), O(("double",), "double", "floor({0})")),
    ("Math", "Ceiling"): (O(("decimal",), "decimal", "CAST(ceil({0}) AS DECIMAL(38,9))"), O(("double",), "double", "ceil({0})")),
    ("Math", "Truncate"): (O(("decimal",), "decimal", "CAST(trunc({0}) AS DECIMAL(38,9))"), O(("double",), "double", "trunc({0})")),
    ("Math", "Round"): (
        O(("decimal",), "decimal", "CAST(round_even({0}, 0) AS DECIMAL(38,9))"),
        O(("double",), "double", "round_even({0}, 0)"),
        O(("decimal", "int"), "decimal", "CAST(round_even(CAST({0} AS DOUBLE), {1}) AS DECIMAL(38,9))"),
        O(("double", "int"), "double", "round_even({0}, {1})"),
    ),
    **{
        ("Math", name): tuple(O((kind, kind), kind, f"{sql}({{0}}, {{1}})") for kind in ("int", "long", "decimal", "float", "double"))
        for name, sql in {"Max": "greatest", "Min": "least"}.items()
    },
    ("Math", "Sqrt"): _one("double", "CASE WHEN {0} < 0 THEN 'nan'::DOUBLE ELSE sqrt({0}) END", "double"),
    ("Math", "Pow"): _one("double", "power({0}, {1})", "double", "double"),
    ("Math", "Exp"): _one("double", "exp({0})", "double"),
    ("Math", "Log10"): _one("double", "CASE WHEN {0} > 0 THEN log10({0}) WHEN {0} = 0 THEN '-inf'::DOUBLE ELSE 'nan'::DOUBLE END", "double"),
    ("Math", "Log"): (
        O(("double",), "double", "CASE WHEN {0} > 0 THEN ln({0}) WHEN {0} = 0 THEN '-inf'::DOUBLE ELSE 'nan'::DOUBLE END"),
        O(("double", "double"), "double", "(ln({0}) / ln({1}))"),
    ),
    **{("Math", name): _one("double", f"{name.lower()}({{0}})", "double") for name in ("Sin", "Cos", "Tan", "Atan", "Asin", "Acos")},
    ("Math", "Atan2"): _one("double", "atan2({0}, {1})", "double", "double"),
    ("Math", "PI"): _one("double", "pi()"),
    ("Math", "E"): _one("double", "exp(1.0::DOUBLE)"),
    ("DateTime", "Now"): _one("DateTime", "CAST(now() AS TIMESTAMP)"),
    ("DateTime", "UtcNow"): _one("DateTime", "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)"),
    ("DateTime", "Today"): _one("DateTime", "CAST(today() AS TIMESTAMP)"),
    ("DateTime", "MinValue"): _one("DateTime", "TIMESTAMP '0001-01-01 00:00:00'"),
    ("DateTime", "MaxValue"): _one("DateTime", "TIMESTAMP '9999-12-31 23:59:59.999999'"),
    ("DateTime", "Parse"): _one("DateTime", f"COALESCE({PARSE_DATE}, {{error}})", "string", exception="FormatException"),
    ("DateTime", "Compare"): _one("int", "CASE WHEN {0} > {1} THEN 1 WHEN {0} = {1} THEN 0 ELSE -1 END", "DateTime", "DateTime"),
    ("DateTime", "DaysInMonth"): _one("int", "CAST(day(last_day(make_date({0}, {1}, 1))) AS INTEGER)", "int", "int"),
    ("DateTime", "IsLeapYear"): _one("bool", "(({0} % 4 = 0 AND {0} % 100 <> 0) OR {0} % 400 = 0)", "int"),
    **{
        ("TimeSpan", "From" + name): _one("TimeSpan", f"CAST(round({{0}} * {size}) AS BIGINT)", "double")
        for name, size in {
            "Days": _US, "Hours": 3600000000, "Minutes": 60000000, "Seconds": 1000000, "Milliseconds": 1000,
        }.items()
    },
    ("TimeSpan", "Zero"): _one("TimeSpan", "CAST(0 AS BIGINT)"),
    ("Guid", "NewGuid"): _one("Guid", "uuid()"),
    ("Guid", "Empty"): _one("Guid", "CAST('00000000-0000-0000-0000-000000000000' AS UUID)"),
    ("Guid", "Parse"): _one("Guid", "COALESCE(TRY_CAST({0} AS UUID), {error})", "string", exception="FormatException"),
    ("bool", "Parse"): _one("bool", f"COALESCE({PARSE_BOOL}, {{error}})", "string", exception="FormatException"),
    **{(kind, "Parse"): _parsed(kind, sql, pattern) for kind, (sql, pattern, _) in _PARSED.items()},
    **{
        ("Convert", "To" + name): (
            *_parsed(kind, sql, pattern),
            O(("bool",), kind, f"CAST({{0}} AS {sql})"),
            *((O(("char",), kind, f"CAST(unicode({{0}}) AS {sql})"),) if pattern == _WHOLE else ()),
            *(
                O((source,), kind, f"CAST(round_even({{0}}, 0) AS {sql})" if pattern == _WHOLE else f"CAST({{0}} AS {sql})")
                for source in ("long", "ulong", "decimal", "double")
            ),
        )
        for kind, (sql, pattern, name) in _PARSED.items()
    },
    ("Convert", "ToBoolean"): (
        O(("bool",), "bool", "{0}"), O(("string",), "bool", f"COALESCE({PARSE_BOOL}, {{error}})", "FormatException"),
        O(("long",), "bool", "({0} <> 0)"), O(("double",), "bool", "({0} <> 0)"),
    ),
    ("Convert", "ToDateTime"): (
        O(("DateTime",), "DateTime", "{0}"), O(("string",), "DateTime", f"COALESCE({PARSE_DATE}, {{error}})", "FormatException"),
    ),
    ("Convert", "ToChar"): (O(("int",), "char", "chr({0})"), O(("string",), "char", "substr({0}, 1, 1)")),
    **{
        ("char", name): _one("bool", f"regexp_full_match({{0}}, '{pattern}')", "char")
        for name, pattern in {
            "IsDigit": r"\p{{Nd}}", "IsNumber": r"\p{{N}}", "IsLetter": r"\p{{L}}", "IsLetterOrDigit": r"[\p{{L}}\p{{Nd}}]",
            "IsUpper": r"\p{{Lu}}", "IsLower": r"\p{{Ll}}", "IsWhiteSpace": r"[\s\p{{Z}}]", "IsPunctuation": r"\p{{P}}",
        }.items()
    },
    ("char", "ToUpper"): _one("char", "upper({0})", "char"),
    ("char", "ToLower"): _one("char", "lower({0})", "char"),
    ("Regex", "IsMatch"): _one("bool", "regexp_matches({0}, {1})", "string", "string"),
    ("Regex", "Replace"): _one("string", "regexp_replace({0}, {1}, {2}, 'g')", "string", "string", "string"),
    ("Regex", "Split"): _one("string[]", "string_split_regex({0}, {1})", "string", "string"),
    **{
        (kind, name): _one(kind, sql)
        for kind, low, high in (
            ("int", "CAST(-2147483648 AS INTEGER)", "2147483647"), ("long", "(-9223372036854775807 - 1)", "9223372036854775807"),
            ("short", "CAST(-32768 AS SMALLINT)", "CAST(32767 AS SMALLINT)"),
            ("byte", "CAST(0 AS UTINYINT)", "CAST(255 AS UTINYINT)"),
            ("double", "CAST('-1.7976931348623157e308' AS DOUBLE)", "CAST('1.7976931348623157e308' AS DOUBLE)"),
        )
        for name, sql in (("MinValue", low), ("MaxValue", high))
    },
    ("double", "NaN"): _one("double", "'nan'::DOUBLE"),
    ("double", "PositiveInfinity"): _one("double", "'inf'::DOUBLE"),
    ("double", "NegativeInfinity"): _one("double", "'-inf'::DOUBLE"),
    ("double", "IsNaN"): _one("bool", "isnan({0})", "double"),
    ("double", "IsInfinity"): _one("bool", "isinf({0})", "double"),
}  # fmt: skip

# what is understood beside the tables, for the page and for the hints: see special_members.py
SPECIAL: Dict[str, Tuple[str, ...]] = {
    "string": ("Split", "ToString", "Format", "Concat", "s[i]"),
    "DateTime": ("ToString", "ParseExact", "new DateTime(...)"),
    "any type": ("ToString", "Equals", "CompareTo"),
    "nullable types": ("HasValue", "Value", "GetValueOrDefault"),
    "SQL.ARRAY<T>, T[]": ("Length", "Count", "a[i]", "Contains", "First", "FirstOrDefault", "Last", "Distinct", "Where", "Select", "Any",
                          "All", "ToArray", "ToList", "Skip", "Take", "Reverse"),
    "SQL.MAP<K, V>": ("m[key]", "Count", "Keys", "Values", "ContainsKey"),
    "Convert": ("ToString",),
}  # fmt: skip
CLASSES = frozenset(kind for kind, _ in STATIC)
