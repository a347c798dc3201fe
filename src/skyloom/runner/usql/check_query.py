"""Checks rowset expressions and writes them as SELECTs of DuckDB."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional, Sequence, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.aggregates import order_sql
from skyloom.runner.usql.check_expression import ExpressionChecker
from skyloom.runner.usql.check_extract import check_extract
from skyloom.runner.usql.clr_type import ClrType, common, resolve
from skyloom.runner.usql.context import Context
from skyloom.runner.usql.faults import SILENT, FaultError
from skyloom.runner.usql.operators import common_type, needs_bool
from skyloom.runner.usql.scope import Column, Rowset, Scope, ScopeSource
from skyloom.runner.usql.typed import Typed, cast, without_sites

_JOIN_SQL = {
    "INNER": "JOIN",
    "LEFT OUTER": "LEFT JOIN",
    "RIGHT OUTER": "RIGHT JOIN",
    "FULL OUTER": "FULL JOIN",
}


class QueryChecker:
    """Checks rowset expressions of one script."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def check(self, written: s.Query) -> Rowset:
        """The columns and the SQL of a rowset expression.

        Raises
        ------
        FaultError
            What its parts have wrong; U006 an unknown rowset, U010 a column twice, U011 one without a name,
            U016 a column that is neither grouped nor aggregated, U018 set operators,
            U022 ORDER BY without FETCH.
        """
        if isinstance(written, s.Extract):
            return check_extract(written, self.context)
        if isinstance(written, s.RowsetName):
            found = self.context.rowset(written.name, written.at)
            return Rowset(found.columns, f"SELECT * FROM {found.table}")
        if isinstance(written, s.Values):
            return self._values(written)
        if isinstance(written, s.SetOperation):
            return self._set(written)
        return _Select(self, written).check()

    def values_row(self, row: Tuple[s.Expression, ...], scope: Scope) -> List[Typed]:
        checker = self.context.expressions(scope, "VALUES")
        return [checker.check(one) for one in row]

    def _values(self, written: s.Values) -> Rowset:
        rows = [self.values_row(row, Scope()) for row in written.rows]
        types = value_types(rows, written)
        lines = ", ".join(values_line(row, types) for row in rows)
        names = ", ".join(f'"c{place}"' for place in range(len(types)))
        columns = tuple(Column(f"Column_{place}", kind) for place, kind in enumerate(types))
        return Rowset(columns, f"SELECT * FROM (VALUES {lines}) AS v({names})")

    def _set(self, written: s.SetOperation) -> Rowset:
        left, right = self.check(written.left), self.check(written.right)
        if written.is_outer and not written.by_name:
            raise FaultError(
                "U018", "OUTER UNION goes by names.", written.at, "Write OUTER UNION ALL BY NAME ON (*)."
            )
        pairs, names = _paired(left, right, written)
        columns: List[Column] = []
        sides: Tuple[List[str], List[str]] = ([], [])
        for name, (first, second) in zip(names, pairs):
            kind = _set_type(left, right, first, second, name, written.at)
            for side, rowset, place in zip(sides, (left, right), (first, second)):
                side.append(_side(rowset, place, kind, len(columns)))
            columns.append(Column(name, kind))
        word = written.kind + (" ALL" if written.is_all else "")
        one, other = (", ".join(side) for side in sides)
        sql = f"SELECT {one} FROM ({left.sql}) AS l {word} SELECT {other} FROM ({right.sql}) AS r"
        return Rowset(tuple(columns), f"SELECT * FROM ({sql}) AS u")


class _Select:
    """One SELECT while it is checked."""

    def __init__(self, queries: QueryChecker, written: s.Select) -> None:
        self.queries = queries
        self.context = queries.context
        self.written = written
        self.scope = Scope()
        self.grouped: Dict[str, str] = {}
        self.grouped_names: Dict[str, Typed] = {}

    def check(self) -> Rowset:
        written = self.written
        from_sql = self._from()
        where = ""
        if written.where is not None:
            test = needs_bool(self._checker("WHERE").check(written.where), "WHERE")
            where = f" WHERE {test.sql}"
        self._group()
        items = self._items()
        having = self._having(items)
        aggregates = (
            bool(written.group) or any(value.aggregates for _, value in items) or bool(written.having)
        )
        if aggregates:
            self._all_grouped([value for _, value in items])
        order = self._order(items, aggregates)
        words = ", ".join(f'{value.sql} AS "c{place}"' for place, (_, value) in enumerate(items))
        distinct = "DISTINCT " if written.distinct else ""
        group = f" GROUP BY {', '.join(self.grouped.values())}" if self.grouped else ""
        columns = tuple(Column(name, _column_type(value)) for name, value in items)
        return Rowset(columns, f"SELECT {distinct}{words} FROM {from_sql}{where}{group}{having}{order}")

    def _checker(
        self, place: str, aggregates: bool = False, windows: bool = False, named: bool = False
    ) -> ExpressionChecker:
        scope = Scope(self.scope.sources, dict(self.grouped_names)) if named else self.scope
        return self.context.expressions(
            scope, place, allows_aggregates=aggregates, allows_windows=windows, grouped=self.grouped
        )

    # ---- FROM

    def _from(self) -> str:
        sql = self._source(self.written.source)
        for part in self.written.joins:
            sql = self._apply(part, sql) if isinstance(part, s.Apply) else self._join(part, sql)
        return sql

    def _source(self, written: s.Source) -> str:
        alias = written.alias
        if isinstance(written.rowset, s.RowsetName):
            found = self.context.rowset(written.rowset.name, written.rowset.at)
            columns, sql = found.columns, found.table
            alias = alias or "@" + written.rowset.name
        else:
            rowset = self.queries.check(written.rowset)
            columns, sql = rowset.columns, f"({rowset.sql})"
            if isinstance(written.rowset, s.Values) and not written.columns:
                fix = "Write (VALUES (1, 2)) AS t(a, b)."
                raise FaultError("U011", "The columns of VALUES have no names.", written.at, fix)
        if written.columns:
            columns = _renamed(columns, written)
        if alias is not None and self.scope.source(alias) is not None:
            raise FaultError(
                "U010", f"Two rowsets have the alias '{alias}'.", written.at, "Write AS and another name."
            )
        name = self.context.fresh("s")
        self.scope.sources.append(ScopeSource(alias, columns, name))
        return f"{sql} AS {name}"

    def _join(self, written: s.Join, left: str) -> str:
        before = [source for source in self.scope.sources if not source.is_hidden]
        right = self._source(written.source)
        new = self.scope.sources[-1]
        if written.on is None:
            return f"{left} CROSS JOIN {right}"
        test = needs_bool(self._checker("ON").check(written.on), "ON").sql
        side, _, kind = written.kind.partition(" ")
        if kind in ("SEMIJOIN", "ANTISEMIJOIN"):
            word = "SEMI" if kind == "SEMIJOIN" else "ANTI"
            if side == "LEFT":
                new.is_hidden = True
                return f"{left} {word} JOIN {right} ON {test}"
            for source in before:
                source.is_hidden = True
            return f"{right} {word} JOIN {left if len(before) == 1 else f'({left})'} ON {test}"
        if side in ("LEFT", "FULL"):
            new.columns = _maybe(new.columns)
        if side in ("RIGHT", "FULL"):
            for source in before:
                source.columns = _maybe(source.columns)
        return f"{left} {_JOIN_SQL[written.kind]} {right} ON {test}"

    def _apply(self, written: s.Apply, left: str) -> str:
        name = self.context.fresh("s")
        if isinstance(written.expression, s.Values):
            types, inner = self._applied_values(written.expression, len(written.columns), written)
        else:
            types, inner = self._exploded(written.expression, written)
        columns: List[Column] = []
        for (at, column, declared), kind in zip(written.columns, types):
            if declared is not None and not resolve(declared).is_same(kind):
                fix = f"Write {column} {kind}, or leave the type out."
                raise FaultError("U013", f"'{column}' is {kind}, not {resolve(declared)}.", declared.at, fix)
            if any(one.name == column for one in columns):
                raise FaultError("U010", f"The column '{column}' stands twice.", at, "Rename one.")
            columns.append(Column(column, kind.maybe() if written.kind == "OUTER" else kind))
        if self.scope.source(written.alias) is not None:
            raise FaultError(
                "U010", f"Two rowsets have the alias '{written.alias}'.", written.at, "Take another name."
            )
        self.scope.sources.append(ScopeSource(written.alias, tuple(columns), name))
        if written.kind == "OUTER":
            return f"{left} LEFT JOIN LATERAL ({inner}) AS {name} ON true"
        return f"{left} CROSS JOIN LATERAL ({inner}) AS {name}"

    def _exploded(self, expression: s.Expression, written: s.Apply) -> Tuple[List[ClrType], str]:
        value = self._checker("EXPLODE").check(expression)
        if value.type.name not in ("ARRAY", "MAP"):
            fix = "Write EXPLODE(new SQL.ARRAY<string>(x.Split(',')))."
            raise FaultError("U013", f"EXPLODE takes an array or a map, not a {value.type}.", value.at, fix)
        types = list(value.type.inner)
        if len(types) != len(written.columns):
            what = f"EXPLODE of a {value.type} gives {len(types)} columns, not {len(written.columns)}."
            raise FaultError(
                "U018", what, written.at, "Name each: AS r(value), or AS r(key, value) for a map."
            )
        if value.type.name == "MAP":
            return (
                types,
                f'SELECT unnest(map_keys({value.sql})) AS "c0", unnest(map_values({value.sql})) AS "c1"',
            )
        return types, f'SELECT unnest({value.sql}) AS "c0"'

    def _applied_values(self, values: s.Values, count: int, written: s.Apply) -> Tuple[List[ClrType], str]:
        rows = [self.queries.values_row(row, self.scope) for row in values.rows]
        types = value_types(rows, values)
        if len(types) != count:
            raise FaultError(
                "U018", f"VALUES gives {len(types)} columns, not {count}.", written.at, "Name each column."
            )
        names = ", ".join(f'"c{place}"' for place in range(count))
        return (
            types,
            f"SELECT * FROM (VALUES {', '.join(values_line(row, types) for row in rows)}) AS v({names})",
        )

    # ---- the rest, in its order

    def _group(self) -> None:
        for item in self.written.group:
            if item.expression is None:
                raise FaultError(
                    "U002", "GROUP BY takes expressions, not a star.", item.at, "Name the columns."
                )
            value = self.context.expressions(self.scope, "GROUP BY").check(item.expression)
            if value.is_literal:
                raise FaultError(
                    "U016", "A constant is no group.", item.at, "Leave GROUP BY out, or name a column."
                )
            self.grouped[without_sites(value.sql)] = value.sql
            if item.alias:
                self.grouped_names[item.alias] = replace(value, loose=())

    def _items(self) -> List[Tuple[str, Typed]]:
        checker = self._checker("SELECT", aggregates=True, windows=True, named=True)
        items: List[Tuple[str, Typed]] = []
        failed = False
        for item in self.written.items:
            try:
                for name, value in self._item(item, checker):
                    if any(name == other for other, _ in items):
                        raise FaultError(
                            "U010",
                            f"The column '{name}' stands twice.",
                            item.at,
                            "Write AS and another name.",
                        )
                    items.append((name, value))
            except FaultError as error:
                self.context.faults.keep(error.fault)
                failed = True
        if failed:
            raise FaultError(SILENT, "", self.written.at)
        return items

    def _item(self, item: s.SelectItem, checker: ExpressionChecker) -> List[Tuple[str, Typed]]:
        if item.expression is not None:
            value = checker.check(item.expression)
            return [(item.alias or _own_name(item), value)]
        sources = self.scope.visible
        if item.source is not None:
            found = self.scope.source(item.source)
            if found is None:
                known = ", ".join(str(source.alias) for source in sources)
                raise FaultError(
                    "U008", f"There is no rowset '{item.source}' here.", item.at, f"There are: {known}."
                )
            sources = [found]
        return [
            (column.name, replace(self.scope.column_of(source, column.name, item.at), at=item.at))
            for source in sources
            for column in source.columns
        ]

    def _having(self, items: List[Tuple[str, Typed]]) -> str:
        if self.written.having is None:
            return ""
        checker = self._checker("HAVING", aggregates=True, named=True)
        for name, value in items:
            if not self.scope.column_is(name):
                checker.scope.named.setdefault(name, value)
        test = needs_bool(checker.check(self.written.having), "HAVING")
        self._all_grouped([test])
        return f" HAVING {test.sql}"

    def _all_grouped(self, values: List[Typed]) -> None:
        for value in values:
            for _, name, at in value.loose:
                what = f"The column '{name}' is neither grouped nor aggregated."
                raise FaultError(
                    "U016", what, at, f"Add it to GROUP BY, or write MAX({name}) or ANY_VALUE({name})."
                )

    def _order(self, items: List[Tuple[str, Typed]], aggregates: bool) -> str:
        written = self.written
        if written.order and written.fetch is None:
            fix = "Add FETCH n ROWS, or put ORDER BY into OUTPUT."
            raise FaultError(
                "U022", "ORDER BY in a SELECT needs FETCH: a rowset has no order.", written.order[0].at, fix
            )
        checker = self._checker("ORDER BY", aggregates=True, windows=True, named=True)
        checker.scope.named.update(items)
        parts: List[Typed] = []
        keys = [order_sql(checker.check(one.expression), one.descending, parts) for one in written.order]
        if aggregates:
            self._all_grouped(parts)
        return (f" ORDER BY {', '.join(keys)}" if keys else "") + fetch_sql(written.fetch, self.context)


def fetch_sql(fetch: Optional[s.Fetch], context: Context) -> str:
    """LIMIT and OFFSET (U028 where the numbers are no constants, U013 where they are no whole numbers)."""
    if fetch is None:
        return ""
    words = []
    for word, expression in (("LIMIT", fetch.count), ("OFFSET", fetch.offset)):
        if expression is not None:
            count = context.constant(expression, "long", "A number of rows")
            if count < 0:
                raise FaultError(
                    "U028", "A number of rows is not below 0.", expression.at, "Write 0 or more."
                )
            words.append(f" {word} {count}")
    return "".join(words)


def value_types(rows: List[List[Typed]], written: s.Values) -> List[ClrType]:
    """The types of the columns of VALUES (U018 rows differ in length, U013 no common type)."""
    for row, given in zip(rows, written.rows):
        if len(row) != len(rows[0]):
            what = f"A row has {len(row)} values, the first one {len(rows[0])}."
            raise FaultError(
                "U018", what, given[0].at if given else written.at, "Give every row as many values."
            )
    if not rows[0]:
        raise FaultError("U018", "VALUES has no values.", written.at, "Write VALUES (1), (2).")
    types = []
    for place, first in enumerate(rows[0]):
        known = first
        for row in rows[1:]:
            found = common_type(known, row[place]) if known.type != row[place].type else known.type
            if found is None:
                what = f"A value is {row[place].type} where {known.type} stood before."
                raise FaultError("U013", what, row[place].at, "Cast one of the two.")
            known = replace(known, type=found, is_literal=known.is_literal and found == known.type)
        if known.type.name == "null":
            raise FaultError(
                "U013", "null has no type of its own.", first.at, "Write (string) null or (int?) null."
            )
        types.append(known.type)
    return types


def values_line(row: List[Typed], types: List[ClrType]) -> str:
    return "(" + ", ".join(cast(value, kind).sql for value, kind in zip(row, types)) + ")"


def _own_name(item: s.SelectItem) -> str:
    if isinstance(item.expression, (s.Name, s.Member)):
        name = item.expression.name
        if isinstance(item.expression, s.Name) or isinstance(item.expression.target, (s.Name, s.Variable)):
            return name
    raise FaultError("U011", "The column has no name.", item.at, "Write AS and a name behind it.")


def _column_type(value: Typed) -> ClrType:
    if value.type.name == "null":
        raise FaultError(
            "U013", "null has no type of its own.", value.at, "Write (string) null or (int?) null."
        )
    if value.type.name in ("DayOfWeek", "StringComparison", "StringSplitOptions"):
        fix = "Write (int) x or x.ToString()."
        raise FaultError("U013", f"A column cannot hold a {value.type}.", value.at, fix)
    return value.type


def _renamed(columns: Tuple[Column, ...], written: s.Source) -> Tuple[Column, ...]:
    if len(columns) != len(written.columns):
        what = f"The rowset has {len(columns)} columns, {len(written.columns)} names are given."
        raise FaultError("U018", what, written.at, "Name each column.")
    for place, name in enumerate(written.columns):
        if name in written.columns[:place]:
            raise FaultError("U010", f"The column '{name}' stands twice.", written.at, "Rename one.")
    return tuple(Column(name, column.type) for name, column in zip(written.columns, columns))


def _maybe(columns: Sequence[Column]) -> Tuple[Column, ...]:
    return tuple(Column(column.name, column.type.maybe()) for column in columns)


def _paired(
    left: Rowset, right: Rowset, written: s.SetOperation
) -> Tuple[List[Tuple[Optional[int], Optional[int]]], List[str]]:
    """Which column of each side goes into each column of the result."""
    if not written.by_name:
        if len(left.columns) != len(right.columns):
            what = f"{written.kind} joins rowsets of {len(left.columns)} and {len(right.columns)} columns."
            raise FaultError("U018", what, written.at, "Give both sides the same columns.")
        return [(place, place) for place in range(len(left.columns))], [
            column.name for column in left.columns
        ]
    places = {column.name: place for place, column in enumerate(right.columns)}
    pairs: List[Tuple[Optional[int], Optional[int]]] = []
    names = []
    for place, column in enumerate(left.columns):
        if column.name not in places and not written.is_outer:
            what = f"The right side has no column '{column.name}'."
            raise FaultError(
                "U018", what, written.at, "Give both sides the same columns, or write OUTER UNION."
            )
        pairs.append((place, places.pop(column.name, None)))
        names.append(column.name)
    if places and not written.is_outer:
        what = f"The left side has no column '{next(iter(places))}'."
        raise FaultError("U018", what, written.at, "Give both sides the same columns, or write OUTER UNION.")
    for name, other in places.items():
        pairs.append((None, other))
        names.append(name)
    return pairs, names


def _set_type(
    left: Rowset, right: Rowset, first: Optional[int], second: Optional[int], name: str, at: int
) -> ClrType:
    if first is None or second is None:
        return (left.columns[first] if first is not None else right.columns[second or 0]).type.maybe()
    one, other = left.columns[first].type, right.columns[second].type
    kind = common(one, other) if one.is_same(other) else None
    if kind is None:
        what = f"The column '{name}' is {one} on the left and {other} on the right."
        raise FaultError("U018", what, at, "Cast one of the two in its SELECT.")
    return kind


def _side(rowset: Rowset, place: Optional[int], kind: ClrType, target: int) -> str:
    sql = f"CAST(NULL AS {kind.sql})" if place is None else f'"c{place}"'
    return f'{sql} AS "c{target}"'
