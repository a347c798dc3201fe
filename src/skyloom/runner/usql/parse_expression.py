"""C# expressions with the SQL operators that U-SQL adds, by recursive descent."""

from __future__ import annotations

from typing import List, Optional, Tuple, Union

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.clr_type import SIMPLE
from skyloom.runner.usql.cursor import Cursor
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.tokens import CHAR, NAME, NUMBER, SIGN, TEXT, VARIABLE, Token

# from the loosest to the tightest; words and signs of one row bind alike
_LEVELS: Tuple[Tuple[str, ...], ...] = (
    ("||", "OR"), ("&&", "AND"), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="),
    ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
_RELATIONAL, _ADDITIVE = 6, 7
_DEEPEST = 40  # nested brackets: more is no expression, and would end in Python's own limit
_NOT_SQL = {"=": ("==", "U-SQL compares with =="), "<>": ("!=", "U-SQL writes 'not equal' as !=")}


class ExpressionParser:
    """Reads one expression from where the cursor stands."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0

    def expression(self) -> s.Expression:
        """One whole expression.

        Raises
        ------
        FaultError
            U002 something else is expected, U003 a keyword in small letters, U005 C# code.
        """
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FaultError(
                "U002", "The expression is nested too deeply.", self.cursor.token.at, "Split it with DECLARE."
            )
        try:
            return self._conditional()
        finally:
            self.depth -= 1

    def list(self, end: str) -> Tuple[s.Expression, ...]:
        """Expressions with commas between them, up to and with the sign ``end``."""
        found: List[s.Expression] = []
        if self.cursor.sign(end):
            return ()
        while True:
            found.append(self.expression())
            if not self.cursor.sign(","):
                break
        self.cursor.expect_sign(end)
        return tuple(found)

    def orders(self) -> Tuple[s.Order, ...]:
        found = []
        while True:
            at = self.cursor.token.at
            expression = self.expression()
            descending = bool(self.cursor.word("DESC"))
            if not descending:
                self.cursor.word("ASC")
            found.append(s.Order(at, expression, descending))
            if not self.cursor.sign(","):
                return tuple(found)

    def type_name(self) -> s.TypeName:
        cursor = self.cursor
        token = cursor.name("A type")
        name = token.text
        while cursor.is_sign(".") and cursor.ahead().kind == NAME:
            cursor.take()
            name += "." + cursor.take().text
        arguments: Tuple[s.TypeName, ...] = ()
        if cursor.sign("<"):
            inner = [self.type_name()]
            while cursor.sign(","):
                inner.append(self.type_name())
            cursor.expect_sign(">")
            arguments = tuple(inner)
        nullable = bool(cursor.sign("?"))
        found = s.TypeName(token.at, name, nullable, arguments)
        while cursor.is_sign("[") and cursor.ahead().is_sign("]"):
            cursor.take(), cursor.take()
            found = s.TypeName(token.at, "[]", False, (found,))
        return found

    def _conditional(self) -> s.Expression:
        test = self._coalesce()
        sign = self.cursor.sign("?")
        if not sign:
            return test
        then = self.expression()
        self.cursor.expect_sign(":", "A condition is written: test ? one : other.")
        return s.Conditional(sign.at, test, then, self.expression())

    def _coalesce(self) -> s.Expression:
        left = self._binary(0)
        sign = self.cursor.sign("??")
        return s.Binary(sign.at, "??", left, self._coalesce_right()) if sign else left

    def _coalesce_right(self) -> s.Expression:
        self.depth += 1
        try:
            return self._coalesce()
        finally:
            self.depth -= 1

    def _binary(self, level: int) -> s.Expression:
        if level == len(_LEVELS):
            return self._unary()
        if level == 2 and self.cursor.is_word("NOT"):
            token = self.cursor.take()
            return s.Unary(token.at, "!", self._binary(level))
        left = self._binary(level + 1)
        while True:
            if level == _RELATIONAL:
                special = self._predicate(left)
                if special is not None:
                    left = special
                    continue
            token = self.cursor.token
            if token.kind in (SIGN, NAME) and token.text in _LEVELS[level]:
                self.cursor.take()
                left = s.Binary(token.at, token.text, left, self._binary(level + 1))
                continue
            if token.kind == SIGN and token.text in _NOT_SQL and level == 5:
                right, why = _NOT_SQL[token.text]
                raise FaultError(
                    "U002", f"'{token.text}' is no operator here.", token.at, f"{why}: write {right}."
                )
            return left

    def _predicate(self, operand: s.Expression) -> Optional[s.Expression]:
        """IN, BETWEEN, LIKE and IS NULL behind their operand."""
        cursor = self.cursor
        if cursor.is_word("IS"):
            token = cursor.take()
            negated = bool(cursor.word("NOT"))
            cursor.expect_word("NULL")
            return s.IsNull(token.at, operand, negated)
        place = cursor.place
        negated = bool(cursor.word("NOT"))
        at = cursor.token.at
        if cursor.word("IN"):
            cursor.expect_sign("(")
            if cursor.is_word("SELECT"):
                raise FaultError(
                    "U002", "IN takes a list of values.", cursor.token.at, "Write a LEFT SEMIJOIN."
                )
            return s.In(at, operand, self.list(")"), negated)
        if cursor.word("BETWEEN"):
            low = self._binary(_ADDITIVE)
            cursor.expect_word("AND")
            return s.Between(at, operand, low, self._binary(_ADDITIVE), negated)
        if cursor.word("LIKE"):
            return s.Like(at, operand, self._binary(_ADDITIVE), negated)
        cursor.place = place
        return None

    def _unary(self) -> s.Expression:
        cursor = self.cursor
        token = cursor.token
        if cursor.is_sign("-", "+", "!", "~"):
            cursor.take()
            return s.Unary(token.at, token.text, self._nested(self._unary))
        if token.is_sign("(") and self._is_cast():
            cursor.take()
            target = self.type_name()
            cursor.expect_sign(")")
            return s.Cast(token.at, target, self._nested(self._unary))
        return self._postfix(self._primary())

    def _nested(self, part: "object") -> s.Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FaultError(
                "U002", "The expression is nested too deeply.", self.cursor.token.at, "Split it with DECLARE."
            )
        try:
            return part()  # type: ignore[operator, no-any-return]
        finally:
            self.depth -= 1

    def _is_cast(self) -> bool:
        """``(int)x``, ``(int?)x``, ``(System.Int32)x``: a type alone in brackets."""
        cursor, place = self.cursor, 1
        name = cursor.ahead(place).text
        while cursor.ahead(place + 1).is_sign(".") and cursor.ahead(place).text == "System":
            place += 2
            name = cursor.ahead(place).text
        if cursor.ahead(place).kind != NAME or name not in SIMPLE:
            return False
        place += 1
        if cursor.ahead(place).is_sign("?"):
            place += 1
        if cursor.ahead(place).is_sign("[") and cursor.ahead(place + 1).is_sign("]"):
            place += 2
        return cursor.ahead(place).is_sign(")")

    def _postfix(self, target: s.Expression) -> s.Expression:
        cursor = self.cursor
        while True:
            if cursor.is_sign("."):
                cursor.take()
                name = cursor.token
                if name.kind not in (NAME, "quoted name"):
                    raise cursor.fail("A member's name is expected here")
                cursor.take()
                target = s.Member(name.at, target, name.value or name.text)
            elif cursor.is_sign("?") and cursor.ahead().is_sign("."):
                raise FaultError(
                    "U005",
                    "The operator ?. is not understood.",
                    cursor.token.at,
                    "Write x == null ? null : x.Member.",
                )
            elif cursor.is_sign("["):
                token = cursor.take()
                index = self.expression()
                cursor.expect_sign("]")
                target = s.Index(token.at, target, index)
            elif cursor.is_sign("(") and isinstance(target, (s.Name, s.Member)):
                target = self._call(target)
            else:
                return target

    def _call(self, target: Union[s.Name, s.Member]) -> s.Call:
        cursor = self.cursor
        cursor.take()
        distinct = bool(cursor.word("DISTINCT"))
        star = False
        arguments: Tuple[s.Expression, ...] = ()
        if cursor.is_sign("*"):
            cursor.take()
            cursor.expect_sign(")")
            star = True
        else:
            arguments = self.list(")")
        within: Tuple[s.Order, ...] = ()
        if cursor.word("WITHIN"):
            cursor.expect_word("GROUP")
            cursor.expect_sign("(")
            cursor.expect_word("ORDER")
            cursor.expect_word("BY")
            within = self.orders()
            cursor.expect_sign(")")
        over = self._window() if cursor.is_word("OVER") else None
        return s.Call(target.at, target, arguments, distinct, star, over, within)

    def _window(self) -> s.Window:
        cursor = self.cursor
        at = cursor.take().at
        cursor.expect_sign("(")
        partition: List[s.Expression] = []
        if cursor.word("PARTITION"):
            cursor.expect_word("BY")
            partition.append(self.expression())
            while cursor.sign(","):
                partition.append(self.expression())
        order: Tuple[s.Order, ...] = ()
        if cursor.word("ORDER"):
            cursor.expect_word("BY")
            order = self.orders()
        frame = self._frame() if cursor.is_word("ROWS") or cursor.is_word("RANGE") else ""
        cursor.expect_sign(")")
        return s.Window(at, tuple(partition), order, frame)

    def _frame(self) -> str:
        unit = self.cursor.take().text
        if not self.cursor.word("BETWEEN"):
            return f"{unit} {self._bound()}"
        first = self._bound()
        self.cursor.expect_word("AND")
        return f"{unit} BETWEEN {first} AND {self._bound()}"

    def _bound(self) -> str:
        cursor = self.cursor
        if cursor.word("CURRENT"):
            cursor.expect_word("ROW")
            return "CURRENT ROW"
        token = cursor.token
        if token.kind == NUMBER and token.type == "int":
            cursor.take()
            start = str(token.value)
        else:
            start = cursor.expect_word("UNBOUNDED").text
        side = cursor.word("PRECEDING") or cursor.expect_word("FOLLOWING")
        return f"{start} {side.text}"

    def _primary(self) -> s.Expression:
        cursor = self.cursor
        token = cursor.token
        literal = _literal(token)
        if literal is not None:
            cursor.take()
            return literal
        if token.kind == VARIABLE:
            cursor.take()
            return s.Variable(token.at, token.value)
        if cursor.sign("("):
            inner = self.expression()
            cursor.expect_sign(")")
            if cursor.is_sign("=>"):
                raise FaultError(
                    "U005", "A lambda takes one name without brackets.", cursor.token.at, "Write x => ..."
                )
            return inner
        if token.is_word("new"):
            return self._new()
        if token.is_word("CASE"):
            return self._case()
        if token.kind == NAME and token.text in (
            "typeof",
            "default",
            "delegate",
            "from",
            "async",
            "await",
            "checked",
            "unchecked",
        ):
            if token.text in ("from", "async", "await"):
                raise cursor.fail("A value is expected here")
            fix = "Write the value itself."
            raise FaultError("U005", f"The C# word '{token.text}' is not understood.", token.at, fix)
        if cursor.is_name() and cursor.ahead().is_sign("=>"):
            cursor.take(), cursor.take()
            return s.Lambda(token.at, token.text, self.expression())
        if cursor.is_name():
            cursor.take()
            return s.Name(token.at, token.value or token.text)
        if self._is_function(token):
            cursor.take()
            return s.Name(token.at, token.text)
        raise cursor.fail("A value is expected here")

    def _is_function(self, token: Token) -> bool:
        """FIRST, LEFT and the like are keywords, and some are names of functions, too."""
        return token.kind == NAME and token.text == "IF" and self.cursor.ahead().is_sign("(")

    def _new(self) -> s.Expression:
        cursor = self.cursor
        at = cursor.take().at
        if cursor.is_sign("[", "{"):
            fix = "Write new SQL.ARRAY<string>{...}."
            raise FaultError(
                "U005", "An object or array without a type is not understood.", cursor.token.at, fix
            )
        kind = self.type_name()
        arguments: Tuple[s.Expression, ...] = ()
        had_brackets = False
        is_array = kind.name == "[]"
        if cursor.sign("("):
            had_brackets = True
            arguments = self.list(")")
        items: List[Tuple[s.Expression, ...]] = []
        if cursor.sign("{"):
            while not cursor.sign("}"):
                if cursor.sign("{"):
                    items.append(self.list("}"))
                else:
                    items.append((self.expression(),))
                if not cursor.sign(","):
                    cursor.expect_sign("}")
                    break
        elif not had_brackets:
            raise cursor.fail("'(' or '{' is expected here")
        return s.New(at, kind, arguments, tuple(items), is_array)

    def _case(self) -> s.Case:
        cursor = self.cursor
        at = cursor.take().at
        subject = None if cursor.is_word("WHEN") else self.expression()
        branches = []
        while cursor.word("WHEN"):
            test = self.expression()
            cursor.expect_word("THEN")
            branches.append((test, self.expression()))
        if not branches:
            raise cursor.fail("WHEN is expected here")
        other = self.expression() if cursor.word("ELSE") else None
        if not (cursor.word("END") or (cursor.token.text == "END" and cursor.take())):
            raise cursor.fail("END is expected here")
        return s.Case(at, subject, tuple(branches), other)


def _literal(token: Token) -> Optional[s.Literal]:
    if token.kind == TEXT:
        return s.Literal(token.at, token.value, "string")
    if token.kind == CHAR:
        return s.Literal(token.at, token.value, "char")
    if token.kind == NUMBER:
        return s.Literal(token.at, token.value, token.type)
    if token.kind == NAME and token.text in ("true", "false"):
        return s.Literal(token.at, token.text == "true", "bool")
    if token.kind == NAME and token.text in ("null", "NULL"):
        return s.Literal(token.at, None, "null")
    return None
