"""What a parsed script is made of. ``at`` is always an offset into the expanded text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional, Tuple, Union


@dataclass(frozen=True)
class TypeName:
    """A type as written: ``int?``, ``SQL.MAP<string, int>``, ``string[]``."""

    at: int
    name: str
    nullable: bool = False
    arguments: Tuple["TypeName", ...] = ()


# ---- expressions


@dataclass(frozen=True)
class Literal:
    """A value written out; ``type`` is that of C#, or null."""

    at: int
    value: Any
    type: str  # of C#; "null" for null


@dataclass(frozen=True)
class Name:
    """A name alone: a column, an alias or a class."""

    at: int
    name: str


@dataclass(frozen=True)
class Variable:
    """``@name`` of a DECLARE."""

    at: int
    name: str


@dataclass(frozen=True)
class Unary:
    """``!x``, ``-x``, ``+x``, ``~x``."""

    at: int
    sign: str
    operand: "Expression"


@dataclass(frozen=True)
class Binary:
    """``left sign right``."""

    at: int
    sign: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Conditional:
    """``test ? then : other``."""

    at: int
    test: "Expression"
    then: "Expression"
    other: "Expression"


@dataclass(frozen=True)
class Case:
    """``CASE [subject] WHEN ... THEN ... ELSE ... END``."""

    at: int
    subject: Optional["Expression"]
    branches: Tuple[Tuple["Expression", "Expression"], ...]
    other: Optional["Expression"]


@dataclass(frozen=True)
class Cast:
    """``(type) operand``."""

    at: int
    type: TypeName
    operand: "Expression"


@dataclass(frozen=True)
class Member:
    """``target.name``."""

    at: int  # of the name behind the dot
    target: "Expression"
    name: str


@dataclass(frozen=True)
class Lambda:
    """``parameter => body``."""

    at: int
    parameter: str
    body: "Expression"


@dataclass(frozen=True)
class Order:
    """One key of ORDER BY."""

    at: int
    expression: "Expression"
    descending: bool


@dataclass(frozen=True)
class Window:
    """``OVER (...)``; ``frame`` is as SQL has it, for U-SQL writes it the same way."""

    at: int
    partition: Tuple["Expression", ...]
    order: Tuple[Order, ...]
    frame: str = ""  # as SQL has it: U-SQL writes it the same way


@dataclass(frozen=True)
class Call:
    """``target(arguments)``, and what an aggregate adds to it."""

    at: int
    target: Union[Name, Member]
    arguments: Tuple["Expression", ...]
    distinct: bool = False
    star: bool = False
    over: Optional[Window] = None
    within: Tuple[Order, ...] = ()


@dataclass(frozen=True)
class Index:
    """``target[index]``."""

    at: int
    target: "Expression"
    index: "Expression"


@dataclass(frozen=True)
class New:
    """``new type(arguments){items}``."""

    at: int
    type: TypeName
    arguments: Tuple["Expression", ...]
    items: Tuple[Tuple["Expression", ...], ...] = ()  # of a collection initializer
    is_array: bool = False


@dataclass(frozen=True)
class In:
    """``operand IN (items)``."""

    at: int
    operand: "Expression"
    items: Tuple["Expression", ...]
    negated: bool


@dataclass(frozen=True)
class Between:
    """``operand BETWEEN low AND high``."""

    at: int
    operand: "Expression"
    low: "Expression"
    high: "Expression"
    negated: bool


@dataclass(frozen=True)
class Like:
    """``operand LIKE pattern``."""

    at: int
    operand: "Expression"
    pattern: "Expression"
    negated: bool


@dataclass(frozen=True)
class IsNull:
    """``operand IS NULL``."""

    at: int
    operand: "Expression"
    negated: bool


Expression = Union[
    Literal, Name, Variable, Unary, Binary, Conditional, Case, Cast, Member, Lambda, Call, Index, New, In,
    Between,    Like, IsNull,
]  # fmt: skip

# ---- rowsets


@dataclass(frozen=True)
class ColumnDefinition:
    """``name type`` of an EXTRACT."""

    at: int
    name: str
    type: TypeName


@dataclass(frozen=True)
class Option:
    """``name: value`` of an extractor or outputter; no name when it goes by its place."""

    at: int
    name: str
    value: Expression


@dataclass(frozen=True)
class Operator:
    """``Extractors.Csv(...)`` or ``Outputters.Csv(...)``."""

    at: int
    name: str  # with the class: "Extractors.Csv"
    options: Tuple[Option, ...]


@dataclass(frozen=True)
class Extract:
    """``EXTRACT columns FROM paths USING ...``."""

    at: int
    columns: Tuple[ColumnDefinition, ...]
    paths: Tuple[Expression, ...]
    using: Operator


@dataclass(frozen=True)
class SelectItem:
    """``expression AS alias``; a star has no expression."""

    at: int
    expression: Optional[Expression]  # None for a star
    alias: Optional[str]
    source: Optional[str] = None  # of a star: a.*


@dataclass(frozen=True)
class Values:
    """``VALUES (...), (...)``."""

    at: int
    rows: Tuple[Tuple[Expression, ...], ...]


@dataclass(frozen=True)
class RowsetName:
    """``@name`` of a rowset."""

    at: int
    name: str


@dataclass(frozen=True)
class Source:
    """One table of FROM, with its alias and, behind it, names for its columns."""

    at: int
    rowset: Union[RowsetName, Values, "Query"]
    alias: Optional[str]
    columns: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Join:
    """``kind JOIN source ON on``; semijoins too."""

    at: int
    kind: str  # INNER, LEFT OUTER, RIGHT OUTER, FULL OUTER, CROSS, LEFT SEMIJOIN ... RIGHT ANTISEMIJOIN
    source: Source
    on: Optional[Expression]


@dataclass(frozen=True)
class Apply:
    """``CROSS APPLY EXPLODE(expression) AS alias(columns)``."""

    at: int
    kind: str  # CROSS or OUTER
    expression: Union[Expression, Values]
    alias: str
    columns: Tuple[Tuple[int, str, Optional[TypeName]], ...]


@dataclass(frozen=True)
class Fetch:
    """``OFFSET offset ROWS FETCH count ROWS``."""

    at: int
    offset: Optional[Expression] = None
    count: Optional[Expression] = None


@dataclass(frozen=True)
class Select:
    """One SELECT, its clauses in their order."""

    at: int
    distinct: bool
    items: Tuple[SelectItem, ...]
    source: Source
    joins: Tuple[Union[Join, Apply], ...] = ()
    where: Optional[Expression] = None
    group: Tuple[SelectItem, ...] = ()
    having: Optional[Expression] = None
    order: Tuple[Order, ...] = ()
    fetch: Optional[Fetch] = None


@dataclass(frozen=True)
class SetOperation:
    """``left UNION | EXCEPT | INTERSECT right``."""

    at: int
    kind: str  # UNION, EXCEPT, INTERSECT
    is_all: bool
    left: "Query"
    right: "Query"
    by_name: bool = False
    is_outer: bool = False


Query = Union[Select, Extract, SetOperation, Values, RowsetName]

# ---- statements


@dataclass(frozen=True)
class Declare:
    """``DECLARE @name type = value``."""

    at: int
    name: str
    type: Optional[TypeName]
    value: Expression
    is_external: bool = False


@dataclass(frozen=True)
class Assign:
    """``@name = query``."""

    at: int
    name: str
    query: Query


@dataclass(frozen=True)
class Output:
    """``OUTPUT rowset TO path USING ...``."""

    at: int
    rowset: Query
    path: Expression
    using: Operator
    order: Tuple[Order, ...] = ()
    fetch: Optional[Fetch] = None


@dataclass(frozen=True)
class Broken:
    """A statement that does not read; what it would have named is not told to be missing."""

    at: int
    variable: str = ""
    rowset: str = ""


Statement = Union[Declare, Assign, Output, Broken]


@dataclass(frozen=True)
class Script:
    """All statements, in order."""

    statements: Tuple[Statement, ...] = field(default_factory=tuple)
