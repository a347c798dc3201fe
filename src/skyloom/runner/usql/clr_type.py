"""Types of C# as U-SQL has them, how DuckDB holds them, and which turns into which by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, Optional, Tuple

from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.syntax import TypeName

# C# decimals have 28 digits wherever the point is; these have 29 before it and 9 behind
DECIMAL = "DECIMAL(38,9)"

SQL_TYPES: Dict[str, str] = {
    "bool": "BOOLEAN", "byte": "UTINYINT", "sbyte": "TINYINT", "short": "SMALLINT", "ushort": "USMALLINT",
    "int": "INTEGER", "uint": "UINTEGER", "long": "BIGINT", "ulong": "UBIGINT", "float": "FLOAT",
    "double": "DOUBLE",
    "decimal": DECIMAL, "char": "VARCHAR", "string": "VARCHAR", "DateTime": "TIMESTAMP", "TimeSpan": "BIGINT",
    "Guid": "UUID", "byte[]": "BLOB", "DayOfWeek": "INTEGER", "StringComparison": "INTEGER",
    "null": "VARCHAR",
}  # fmt: skip
SIMPLE: Dict[str, str] = {
    **{name: name for name in SQL_TYPES if name not in ("null", "byte[]", "DayOfWeek", "StringComparison")},
    "Boolean": "bool", "Byte": "byte", "SByte": "sbyte", "Int16": "short", "UInt16": "ushort", "Int32": "int",
    "UInt32": "uint", "Int64": "long", "UInt64": "ulong", "Single": "float", "Double": "double",
    "Decimal": "decimal",
    "Char": "char", "String": "string",
}  # fmt: skip
INTEGERS = ("sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong")
FLOATING = ("float", "double")
NUMBERS = (*INTEGERS, *FLOATING, "decimal")
RANGES: Dict[str, Tuple[int, int]] = {
    "sbyte": (-(1 << 7), (1 << 7) - 1), "byte": (0, (1 << 8) - 1), "short": (-(1 << 15), (1 << 15) - 1),
    "ushort": (0, (1 << 16) - 1), "int": (-(1 << 31), (1 << 31) - 1), "uint": (0, (1 << 32) - 1),
    "long": (-(1 << 63), (1 << 63) - 1), "ulong": (0, (1 << 64) - 1),
}  # fmt: skip

_WIDER: Dict[str, Tuple[str, ...]] = {
    "sbyte": ("short", "int", "long", "float", "double", "decimal"),
    "byte": ("short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal"),
    "short": ("int", "long", "float", "double", "decimal"),
    "ushort": ("int", "uint", "long", "ulong", "float", "double", "decimal"),
    "int": ("long", "float", "double", "decimal"),
    "uint": ("long", "ulong", "float", "double", "decimal"),
    "long": ("float", "double", "decimal"),
    "ulong": ("float", "double", "decimal"),
    "char": ("ushort", "int", "uint", "long", "ulong", "float", "double", "decimal"),
    "float": ("double",),
}  # fmt: skip
_REFERENCES = ("string", "byte[]", "ARRAY", "MAP", "null")


@dataclass(frozen=True)
class ClrType:
    """``nullable`` is true for T? and for all reference types. ``ARRAY`` and ``MAP`` have inner types."""

    name: str
    nullable: bool = False
    inner: Tuple["ClrType", ...] = ()

    def __str__(self) -> str:
        if self.name == "ARRAY":
            return f"SQL.ARRAY<{self.inner[0]}>"
        if self.name == "MAP":
            return f"SQL.MAP<{self.inner[0]}, {self.inner[1]}>"
        return self.name + ("?" if self.nullable and self.name not in _REFERENCES else "")

    @property
    def sql(self) -> str:
        if self.name == "ARRAY":
            return f"{self.inner[0].sql}[]"
        if self.name == "MAP":
            return f"MAP({self.inner[0].sql}, {self.inner[1].sql})"
        return SQL_TYPES[self.name]

    @property
    def is_number(self) -> bool:
        return self.name in NUMBERS

    @property
    def is_integer(self) -> bool:
        return self.name in INTEGERS

    def maybe(self, nullable: bool = True) -> "ClrType":
        """The same type, nullable or not; a reference type stays what it is."""
        return replace(self, nullable=nullable or self.name in _REFERENCES)

    def is_same(self, other: "ClrType") -> bool:
        return self.name == other.name and self.inner == other.inner


NULL = ClrType("null", True)
BOOL = ClrType("bool")
INT = ClrType("int")
LONG = ClrType("long")
DOUBLE = ClrType("double")
CHAR = ClrType("char")
STRING = ClrType("string", True)
DATE_TIME = ClrType("DateTime")


def simple(name: str) -> ClrType:
    """The type of this C# name, with the ``?`` that it may end in."""
    plain = name.rstrip("?")
    return ClrType(plain, name.endswith("?") or plain in _REFERENCES)


def array_of(inner: ClrType) -> ClrType:
    return ClrType("ARRAY", True, (inner,))


def resolve(written: TypeName) -> ClrType:
    """The type that a script names.

    Raises
    ------
    FaultError
        U019: there is no such type, or it is one of the user's own C# code.
    """
    name = written.name[7:] if written.name.startswith("System.") else written.name
    if name == "[]":
        inner = resolve(written.arguments[0])
        return ClrType("byte[]", True) if inner == ClrType("byte") else array_of(inner)
    if name in ("SQL.ARRAY", "SqlArray", "Microsoft.Analytics.Types.Sql.SqlArray", "List", "IEnumerable"):
        return array_of(resolve(_inner(written, 1)[0]))
    if name in ("SQL.MAP", "SqlMap", "Microsoft.Analytics.Types.Sql.SqlMap"):
        key, value = _inner(written, 2)
        return ClrType("MAP", True, (resolve(key), resolve(value)))
    if name == "Nullable" and written.arguments:
        return resolve(written.arguments[0]).maybe()
    if name not in SIMPLE:
        raise _unknown(name, written.at)
    return simple(SIMPLE[name]).maybe(written.nullable)


def _inner(written: TypeName, count: int) -> Tuple[TypeName, ...]:
    if len(written.arguments) != count:
        what = f"{written.name} needs {count} type{'s' * (count > 1)} in angle brackets."
        raise FaultError("U019", what, written.at, "Write SQL.ARRAY<string> or SQL.MAP<string, int>.")
    return written.arguments


def _unknown(name: str, at: int) -> FaultError:
    for known in SIMPLE:
        if known.lower() == name.lower():
            return FaultError(
                "U019", f"There is no type '{name}'.", at, f"C# tells capitals apart: write {known}."
            )
    simple_names = (
        "bool, byte, short, int, long, float, double, decimal, char, string, DateTime, Guid, byte[]"
    )
    what = f"There is no type '{name}'; types of your own C# code are not understood."
    return FaultError("U019", what, at, f"Types are {simple_names}, SQL.ARRAY<T> and SQL.MAP<K, V>.")


def turns_into(source: ClrType, target: ClrType) -> bool:
    """Whether C# converts by itself (implicitly)."""
    if source.name == "null":
        return target.nullable
    if source.nullable and not target.nullable:
        return False
    return source.is_same(target) or target.name in _WIDER.get(source.name, ())


def common(first: ClrType, second: ClrType) -> Optional[ClrType]:
    """The type that both turn into: for ``?:``, ``??``, VALUES and set operators."""
    nullable = first.nullable or second.nullable
    for one, other in ((first, second), (second, first)):
        if turns_into(one, other.maybe(nullable)):
            return other.maybe(nullable)
    return None


def arithmetic(first: ClrType, second: ClrType) -> Optional[str]:
    """The name of the type in which C# computes with these two (numeric promotion)."""
    names = {"int" if one.name == "char" else one.name for one in (first, second)}
    if not names <= set(NUMBERS):
        return None
    if "decimal" in names:
        return None if names & set(FLOATING) else "decimal"
    for name in ("double", "float"):
        if name in names:
            return name
    if "ulong" in names:
        return None if names & {"sbyte", "short", "int", "long"} else "ulong"
    if "long" in names or ("uint" in names and names & {"sbyte", "short", "int"}):
        return "long"
    return "uint" if "uint" in names else "int"
