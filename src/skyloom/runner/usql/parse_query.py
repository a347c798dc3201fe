"""Rowset expressions: EXTRACT, SELECT, VALUES and the set operators."""

from __future__ import annotations

from typing import List, Optional, Tuple, Union

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.cursor import Cursor
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.parse_expression import ExpressionParser
from skyloom.runner.usql.tokens import VARIABLE

_USER_OPERATORS = ("PROCESS", "REDUCE", "COMBINE")
_JOINS = (
    ("LEFT OUTER", ("LEFT", "OUTER", "JOIN")), ("LEFT OUTER", ("LEFT", "JOIN")),
    ("RIGHT OUTER", ("RIGHT", "OUTER", "JOIN")), ("RIGHT OUTER", ("RIGHT", "JOIN")),
    ("FULL OUTER", ("FULL", "OUTER", "JOIN")), ("FULL OUTER", ("FULL", "JOIN")), ("CROSS", ("CROSS", "JOIN")),
    ("LEFT SEMIJOIN", ("LEFT", "SEMIJOIN")), ("RIGHT SEMIJOIN", ("RIGHT", "SEMIJOIN")),
    ("LEFT SEMIJOIN", ("SEMIJOIN",)),
    ("LEFT ANTISEMIJOIN", ("LEFT", "ANTISEMIJOIN")), ("RIGHT ANTISEMIJOIN", ("RIGHT", "ANTISEMIJOIN")),
    ("LEFT ANTISEMIJOIN", ("ANTISEMIJOIN",)), ("INNER", ("INNER", "JOIN")), ("INNER", ("JOIN",)),
)  # fmt: skip


class QueryParser(ExpressionParser):
    """Reads one rowset expression from where the cursor stands."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)

    def query(self) -> s.Query:
        """A whole rowset expression.

        Raises
        ------
        FaultError
            U002, U003, U005 as expressions; U004 PROCESS, REDUCE, COMBINE and other operators of C# code.
        """
        left = self._intersection()
        while (
            self.cursor.is_word("UNION")
            or self.cursor.is_word("EXCEPT")
            or self.cursor.is_word("OUTER", "UNION")
        ):
            is_outer = bool(self.cursor.is_word("OUTER") and self.cursor.take())
            token = self.cursor.take()
            is_all = self._is_all()
            by_name = self._by_name()
            left = s.SetOperation(token.at, token.text, is_all, left, self._intersection(), by_name, is_outer)
        return left

    def _intersection(self) -> s.Query:
        left = self._single()
        while self.cursor.is_word("INTERSECT"):
            token = self.cursor.take()
            is_all = self._is_all()
            by_name = self._by_name()
            left = s.SetOperation(token.at, token.text, is_all, left, self._single(), by_name)
        return left

    def _is_all(self) -> bool:
        if self.cursor.word("ALL"):
            return True
        self.cursor.word("DISTINCT")
        return False

    def _by_name(self) -> bool:
        if not self.cursor.word("BY"):
            return False
        self.cursor.expect_word("NAME")
        if self.cursor.word("ON"):
            self.cursor.expect_sign("(")
            self.cursor.expect_sign("*", "Only BY NAME ON (*) is understood.")
            self.cursor.expect_sign(")")
        return True

    def _single(self) -> s.Query:
        cursor = self.cursor
        token = cursor.token
        if cursor.is_word("SELECT"):
            return self._select()
        if cursor.is_word("EXTRACT"):
            return self._extract()
        if cursor.is_word("VALUES"):
            return self._values()
        if token.kind == VARIABLE:
            cursor.take()
            return s.RowsetName(token.at, token.value)
        if token.kind == "name" and token.text in _USER_OPERATORS:
            what = f"{token.text} runs C# code of your own, which is not understood here."
            raise FaultError(
                "U005", what, token.at, "Write it as SELECT with expressions, or as a PythonScriptStep."
            )
        if cursor.sign("("):
            inner = self._nested_query()
            cursor.expect_sign(")")
            return inner
        raise cursor.fail("SELECT, EXTRACT, VALUES or a rowset is expected here")

    def _nested_query(self) -> s.Query:
        self.depth += 1
        if self.depth > 50:
            raise FaultError(
                "U002", "Rowsets are nested too deeply.", self.cursor.token.at, "Give the inner one a name."
            )
        try:
            return self.query()
        finally:
            self.depth -= 1

    def _extract(self) -> s.Extract:
        cursor = self.cursor
        at = cursor.take().at
        columns = [self._column()]
        while cursor.sign(","):
            columns.append(self._column())
        cursor.expect_word("FROM", "Columns are written: name type, name type.")
        paths = [self.expression()]
        while cursor.sign(","):
            paths.append(self.expression())
        cursor.expect_word("USING", "An extractor is needed: USING Extractors.Csv().")
        return s.Extract(at, tuple(columns), tuple(paths), self.operator("extractor"))

    def _column(self) -> s.ColumnDefinition:
        token = self.cursor.name("A column's name")
        return s.ColumnDefinition(token.at, token.value or token.text, self.type_name())

    def operator(self, kind: str) -> s.Operator:
        """``Extractors.Csv(silent: true)``."""
        cursor = self.cursor
        at = cursor.token.at
        if cursor.is_word("new"):
            what = f"An {kind} of your own C# code is not understood."
            raise FaultError(
                "U005", what, at, "Use Csv, Tsv or Text, or a PythonScriptStep before this step."
            )
        name = cursor.name(f"An {kind}").text
        while cursor.sign("."):
            name += "." + cursor.name(f"An {kind}'s name").text
        options: List[s.Option] = []
        cursor.expect_sign("(", f"Write {name}().")
        while not cursor.sign(")"):
            token = cursor.token
            if cursor.ahead().is_sign(":"):
                option = cursor.name("An option's name").text
                cursor.take()
            else:
                option = ""  # by its place
            options.append(s.Option(token.at, option, self.expression()))
            if not cursor.sign(","):
                cursor.expect_sign(")")
                break
        return s.Operator(at, name, tuple(options))

    def _values(self) -> s.Values:
        cursor = self.cursor
        at = cursor.take().at
        rows = []
        while True:
            cursor.expect_sign("(")
            rows.append(self.list(")"))
            if not cursor.sign(","):
                return s.Values(at, tuple(rows))

    def _select(self) -> s.Select:
        cursor = self.cursor
        at = cursor.take().at
        distinct = bool(cursor.word("DISTINCT"))
        if cursor.is_word("TOP"):
            raise FaultError("U002", "U-SQL has no TOP.", cursor.token.at, "Write ORDER BY ... FETCH n ROWS.")
        items = [self._item()]
        while cursor.sign(","):
            items.append(self._item())
        cursor.expect_word("FROM", "U-SQL's SELECT always reads FROM a rowset.")
        source = self._source()
        joins: List[Union[s.Join, s.Apply]] = []
        while True:
            part = self._join() or self._apply()
            if part is None:
                break
            joins.append(part)
        where = self.expression() if cursor.word("WHERE") else None
        group: List[s.SelectItem] = []
        if cursor.word("GROUP", "BY"):
            group.append(self._item())
            while cursor.sign(","):
                group.append(self._item())
        having = self.expression() if cursor.word("HAVING") else None
        order = self.orders() if cursor.word("ORDER", "BY") else ()
        fetch = self.fetch()
        return s.Select(
            at, distinct, tuple(items), source, tuple(joins), where, tuple(group), having, order, fetch
        )

    def _item(self) -> s.SelectItem:
        cursor = self.cursor
        at = cursor.token.at
        if cursor.sign("*"):
            return s.SelectItem(at, None, None)
        if cursor.is_name() and cursor.ahead().is_sign(".") and cursor.ahead(2).is_sign("*"):
            source = cursor.take()
            cursor.take(), cursor.take()
            return s.SelectItem(at, None, None, source.value or source.text)
        expression = self.expression()
        alias = None
        if cursor.word("AS"):
            token = cursor.name("A column's name")
            alias = token.value or token.text
        return s.SelectItem(at, expression, alias)

    def _source(self) -> s.Source:
        cursor = self.cursor
        token = cursor.token
        rowset: Union[s.RowsetName, s.Values, s.Query]
        if token.kind == VARIABLE:
            cursor.take()
            rowset = s.RowsetName(token.at, token.value)
        elif cursor.sign("("):
            rowset = self._nested_query()
            cursor.expect_sign(")")
        elif cursor.is_name():
            what = f"'{token.text}': tables and views of a catalog are not understood."
            raise FaultError(
                "U004", what, token.at, "Read the data with EXTRACT; a rowset's name begins with @."
            )
        else:
            raise cursor.fail("A rowset is expected here", "Write @name, or (SELECT ...) AS name.")
        alias, columns = None, []
        if cursor.word("AS"):
            found = cursor.name("A rowset's alias")
            alias = found.value or found.text
            if cursor.sign("("):
                columns.append(cursor.name("A column's name"))
                while cursor.sign(","):
                    columns.append(cursor.name("A column's name"))
                cursor.expect_sign(")")
        elif cursor.is_name():
            if cursor.is_small_keyword:
                raise cursor.fail("")
            raise FaultError(
                "U002", "An alias stands behind AS.", cursor.token.at, f"Write AS {cursor.token.text}."
            )
        return s.Source(token.at, rowset, alias, tuple(one.value or one.text for one in columns))

    def _join(self) -> Optional[s.Join]:
        cursor = self.cursor
        if cursor.is_sign(","):
            raise FaultError(
                "U002", "FROM takes one rowset.", cursor.token.at, "Write CROSS JOIN or INNER JOIN."
            )
        for kind, words in _JOINS:
            token = cursor.word(*words)
            if token:
                source = self._source()
                on = None
                if kind != "CROSS":
                    cursor.expect_word("ON", f"A {kind} JOIN needs ON a.x == b.x.")
                    on = self.expression()
                return s.Join(token.at, kind, source, on)
        return None

    def _apply(self) -> Optional[s.Apply]:
        cursor = self.cursor
        token = cursor.word("CROSS", "APPLY") or cursor.word("OUTER", "APPLY")
        if not token:
            return None
        expression: Union[s.Expression, s.Values]
        if cursor.word("EXPLODE"):
            cursor.expect_sign("(")
            expression = self.expression()
            cursor.expect_sign(")")
        elif cursor.is_sign("(") and cursor.ahead().is_word("VALUES"):
            cursor.take()
            expression = self._values()
            cursor.expect_sign(")")
        elif cursor.is_word("new"):
            what = "An applier of your own C# code is not understood."
            raise FaultError("U005", what, cursor.token.at, "Write EXPLODE(...), or a PythonScriptStep.")
        else:
            raise cursor.fail("EXPLODE or (VALUES ...) is expected here")
        cursor.expect_word("AS", "Name the result: AS r(column).")
        alias = cursor.name("A rowset's alias")
        cursor.expect_sign("(", "Name the columns: AS r(column).")
        columns: List[Tuple[int, str, Optional[s.TypeName]]] = []
        while True:
            name = cursor.name("A column's name")
            kind = None if cursor.is_sign(",", ")") else self.type_name()
            columns.append((name.at, name.value or name.text, kind))
            if not cursor.sign(","):
                break
        cursor.expect_sign(")")
        return s.Apply(token.at, token.text, expression, alias.value or alias.text, tuple(columns))

    def fetch(self) -> Optional[s.Fetch]:
        """``OFFSET n ROWS FETCH NEXT m ROWS ONLY`` in its shorter and longer forms."""
        cursor = self.cursor
        at = cursor.token.at
        offset = count = None
        if cursor.word("OFFSET"):
            offset = self.expression()
            cursor.word("ROWS") or cursor.word("ROW")
        if cursor.word("FETCH"):
            cursor.word("FIRST") or cursor.word("NEXT")
            count = self.expression()
            cursor.word("ROWS") or cursor.word("ROW")
            cursor.word("ONLY")
        return None if offset is None and count is None else s.Fetch(at, offset, count)
