"""Python 2 statements to Python 3, word by word; no line is added or taken away.

Source of the rules: the Python 2.7 language reference, and "What's New In Python 3.0".
"""

from __future__ import annotations

import re
from typing import Callable, Dict, List, Optional, Tuple

from skyloom.runner.compatibility.python2_tokens import (
    BLANK,
    COMMENT,
    NAME,
    NEWLINE,
    NUMBER,
    OPERATOR,
    STRING,
    Token,
    logical_lines,
)

Told = Callable[[int, str], None]  # line, key of WORDS

# what the log says of each construct: (as its users know it, today's spelling)
WORDS: Dict[str, Tuple[str, str]] = {
    "print": ("the print statement", "print(...)"),
    "exec": ("the exec statement", "exec(...)"),
    "except": ("except X, e", "except X as e"),
    "raise": ("raise E, value", "raise E(value)"),
    "backticks": ("`x`", "repr(x)"),
    "<>": ("<>", "!="),
    "octal": ("octal numbers such as 0777", "0o777"),
    "long": ("long numbers such as 10L", "10"),
    "ur": ("ur'...'", "r'...'"),
    "escape": ("\\U, \\u and \\N as plain text in a string", "a doubled backslash or r'...'"),
    "unpack": ("unpacking in a parameter list", "an assignment in the body"),
    "tabs": ("mixed tabs and spaces", "four spaces"),
    "keyword": ("async, await and nonlocal as names", "another name"),
    "tuple in for": ("[... for x in a, b]", "[... for x in (a, b)]"),
}

_COMPOUND = frozenset(
    ("if", "elif", "else", "while", "for", "try", "except", "finally", "with", "def", "class")
)
_NEW_KEYWORDS = frozenset(("async", "await", "nonlocal"))


class CannotConvert(Exception):
    """The text is not Python 2 that can be converted line by line; ``line`` says where that was seen."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def convert(text: str, told: Told) -> str:
    """Give Python 3 text for Python 2 text, with the same number of lines.

    Raises
    ------
    CannotConvert
        A construct has no form that fits on its own line.
    """
    return _Converter(text.replace("\r\n", "\n").replace("\r", "\n"), told).run()


class _Converter:
    """Walks over the logical lines; changes the texts of tokens in place."""

    def __init__(self, text: str, told: Told) -> None:
        self._text = text
        self._told = told
        self._has_print_function = bool(
            re.search(r"^\s*from\s+__future__\s+import\b[^#\n]*\bprint_function\b", text, re.M)
        )
        self._has_unicode_literals = bool(
            re.search(r"^\s*from\s+__future__\s+import\b[^#\n]*\bunicode_literals\b", text, re.M)
        )
        self._mixes_tabs = bool(re.search(r"^ *\t", text, re.M) and re.search(r"^\t* ", text, re.M))
        self._told_tabs = False
        self._pending: str = ""  # an assignment owed to the first statement of the next body
        self._line = 1

    def run(self) -> str:
        out: List[str] = []
        for line in logical_lines(self._text):
            height = sum(token.text.count("\n") for token in line)
            self._indentation(line)
            self._words(line)
            self._parameters(line)
            for statement in _statements(line):
                self._statement(statement)
            self._owe(line)
            out.extend(token.text for token in line)
            self._line += height
        if self._pending:
            raise CannotConvert(self._line, "a function without a body")
        return "".join(out)

    def _tell(self, key: str, at: Optional[Token] = None, within: Optional[List[Token]] = None) -> None:
        above = 0
        for token in within or ():
            if token is at:
                break
            above += token.text.count("\n")
        self._told(self._line + above, key)

    def _indentation(self, line: List[Token]) -> None:
        first = line[0]
        if self._mixes_tabs and first.kind == BLANK and "\t" in first.text and "\n" not in first.text:
            # Python 2 counted a tab as far as the next multiple of eight
            first.text = first.text.expandtabs(8)
            if not self._told_tabs and len(line) > 1 and line[1].kind not in (COMMENT, NEWLINE):
                self._told_tabs = True
                self._tell("tabs")

    def _words(self, line: List[Token]) -> None:
        ticks: List[Token] = []
        for place, token in enumerate(line):
            if token.kind == NUMBER:
                self._number(token, line)
                if token.text.isdigit() and place + 1 < len(line) and line[place + 1].text == ".":
                    token.text = "(%s)" % token.text  # 7L.real
            elif token.kind == STRING:
                self._string(token, line)
            elif token.text == "<>":
                self._tell("<>", token, line)
                token.text = "!="
            elif token.text == "`":
                ticks.append(token)
            elif token.kind == NAME and token.text in _NEW_KEYWORDS:
                self._tell("keyword", token, line)
                token.text += "_"
        if len(ticks) % 2:
            raise CannotConvert(self._line, "a backtick without its partner")
        _pair_ticks(line)
        if ticks:
            self._tell("backticks", ticks[0], line)
        self._bare_tuples(line)

    def _number(self, token: Token, line: List[Token]) -> None:
        text = token.text
        if text[-1] in "lL":
            self._tell("long", token, line)
            text = text[:-1]
        if len(text) > 1 and text[0] == "0" and text.isdigit():
            if text.strip("0"):
                self._tell("octal", token, line)
            text = "0o" + text.lstrip("0") if text.strip("0") else "0"
        token.text = text

    def _string(self, token: Token, line: List[Token]) -> None:
        quote = min(token.text.find(mark) for mark in "'\"" if mark in token.text)
        prefix, rest = token.text[:quote].lower(), token.text[quote:]
        if prefix == "ur":
            self._tell("ur", token, line)
            # only \\u was an escape there, so all other backslashes are doubled when there is one
            has_escape = re.search(r"(?<!\\)(?:\\\\)*\\[uU]", rest)
            token.text = re.sub(r"\\(?![uU])", r"\\\\", rest) if has_escape else "r" + rest
        elif prefix == "" and not self._has_unicode_literals:
            changed = re.sub(r"\\(.)", _keep_plain, rest, flags=re.S)
            if changed != rest:
                self._tell("escape", token, line)
                token.text = changed

    def _bare_tuples(self, line: List[Token]) -> None:
        """Bracket the tuple in ``[f(x) for x in a, b]``."""
        for place, token in enumerate(line):
            if not (token.kind == NAME and token.text == "in" and token.depth > 0):
                continue
            opener = _opener(line, place)
            if opener is None or line[opener].text != "[" or not _follows_for(line, opener, place):
                continue
            end = place + 1
            while line[end].depth >= token.depth and not (
                line[end].depth == token.depth and line[end].text in ("for", "if")
            ):
                end += 1
            body = [word for word in line[place + 1 : end] if word.kind not in (BLANK, COMMENT, NEWLINE)]
            if any(word.text == "," and word.depth == token.depth for word in body):
                self._tell("tuple in for", token, line)
                body[0].text = "(" + body[0].text
                body[-1].text += ")"

    def _parameters(self, line: List[Token]) -> None:
        """Give names to the tuples in ``def f(a, (b, c))`` and ``lambda (k, v): ...``."""
        words = [token for token in line if token.kind not in (BLANK, COMMENT, NEWLINE)]
        if words and words[0].text == "def" and len(words) > 2 and words[2].text == "(":
            owed = self._unpacked(words, 3, words[2].depth + 1, line)
            if owed:
                self._pending = "".join("%s = %s; " % pair for pair in owed)
        for place in range(len(words) - 1, -1, -1):
            if words[place].text == "lambda":
                self._lambda(words, place, line)

    def _lambda(self, words: List[Token], place: int, line: List[Token]) -> None:
        depth = words[place].depth
        colon = place + 1
        while colon < len(words) and not (words[colon].text == ":" and words[colon].depth == depth):
            colon += 1
        owed = self._unpacked(words[:colon], place + 1, depth, line)
        if not owed:
            return
        end = colon + 1
        while end < len(words) and not (
            words[end].depth < depth
            or (words[end].depth == depth and words[end].text in (",", ":", ";", "for", "=", ")", "]", "}"))
        ):
            end += 1
        targets = [target for target, _ in owed]
        if any("(" in target[1:] for target in targets):
            raise CannotConvert(self._line, "a lambda that unpacks a tuple in a tuple")
        flat = ", ".join(target.strip("()").strip(", ") for target in targets)
        words[colon].text += " (lambda %s:" % flat
        words[end - 1].text += ")(%s)" % ", ".join("*" + value for _, value in owed)

    def _unpacked(
        self, words: List[Token], place: int, depth: int, line: List[Token]
    ) -> List[Tuple[str, str]]:
        """Replace each tuple among the parameters from ``place`` on; give (tuple, name) pairs."""
        owed: List[Tuple[str, str]] = []
        starts_parameter = True
        while place < len(words) and words[place].depth >= depth:
            word = words[place]
            if word.depth == depth and word.text == "(" and starts_parameter:
                end = place + 1
                while not (words[end].depth == depth and words[end].text == ")"):
                    end += 1
                inner = words[place + 1 : end]
                names = [token.text for token in inner if token.kind == NAME]
                target = "(%s)" % "".join(token.text + (" " if token.text == "," else "") for token in inner)
                if not names:
                    raise CannotConvert(self._line, "an empty tuple among the parameters")
                name = "_".join(names) + "_"
                self._tell("unpack", word, line)
                owed.append((target, name))
                word.text = name
                for token in words[place + 1 : end + 1]:
                    token.text = ""
                place = end
            starts_parameter = word.depth == depth and word.text == ","
            place += 1
        return owed

    def _owe(self, line: List[Token]) -> None:
        """Pay what ``_parameters`` owes at the first statement of the body, on that statement's own line."""
        if not self._pending:
            return
        words = [token for token in line if token.kind not in (BLANK, COMMENT, NEWLINE)]
        body: Optional[Token] = words[0] if words else None
        if body is not None and body.text in ("def", "except"):
            colon = next(i for i, t in enumerate(words) if t.text.startswith(":") and t.depth == 0)
            body = words[colon + 1] if colon + 1 < len(words) else None
        if body is None:
            return
        if body.text.strip() in _COMPOUND | {"@"}:
            raise CannotConvert(
                self._line, "a parameter list that unpacks a tuple before a compound statement"
            )
        body.text = self._pending + body.text
        self._pending = ""

    def _statement(self, words: List[Token]) -> None:
        first = words[0].text
        if first == "print" and not self._has_print_function:
            self._print(words)
        elif first == "exec":
            self._exec(words)
        elif first == "raise":
            self._raise(words)
        elif first == "except":
            self._except(words)

    def _print(self, words: List[Token]) -> None:
        rest = words[1:]
        if _is_assignment(rest) or _reads_as_call(rest):
            return
        self._tell("print", words[0], words)
        words[0].text = "print("
        options: List[str] = []
        if rest and rest[0].text == ">>":
            stream = _split(rest[1:], ",")[0]
            options.append("file=" + " ".join(word.text for word in stream))
            for word in rest[: 2 + len(stream)]:  # with the comma that follows
                word.text = ""
            rest = rest[2 + len(stream) :]
        if rest and rest[-1].text == ",":
            rest.pop().text = ""
            options.append('end=" "')
        last = rest[-1] if rest else words[0] if not options else words[-1]
        last.text += (", " if rest and options else "") + ", ".join(options) + ")"

    def _exec(self, words: List[Token]) -> None:
        rest = words[1:]
        if not rest or _is_one_bracket(rest):
            return
        self._tell("exec", words[0], words)
        for word in rest:
            if word.text == "in" and word.depth == rest[0].depth:
                word.text = ","
                break
        words[0].text = "exec("
        rest[-1].text += ")"

    def _raise(self, words: List[Token]) -> None:
        parts = _split(words[1:], ",")
        if len(parts) < 2:
            return
        self._tell("raise", words[0], words)
        kind, value = parts[0], parts[1]
        comma = words[1 + len(kind)]
        if [word.text for word in value] == ["None"]:
            comma.text, value[0].text = "()", ""
        elif _is_one_bracket(value):
            comma.text = ""  # a tuple was the list of arguments
        else:
            comma.text = "("
            value[-1].text += ")"
        if len(parts) == 3:
            second = words[1 + len(kind) + 1 + len(value)]
            second.text = ".with_traceback("
            parts[2][-1].text += ")"

    def _except(self, words: List[Token]) -> None:
        parts = _split(words[1:], ",")
        if len(parts) != 2 or not parts[0] or not parts[1]:
            return
        self._tell("except", words[0], words)
        words[1 + len(parts[0])].text = " as "
        if len(parts[1]) != 1:
            target = "".join(word.text for word in parts[1])
            name = "_".join(word.text for word in parts[1] if word.kind == NAME) + "_"
            self._pending = "%s = %s%s; " % (target, name, ".args" if target[0] in "([" else "")
            for word in parts[1]:
                word.text = ""
            parts[1][0].text = name


def _keep_plain(match: "re.Match[str]") -> str:
    # these three mean something in every string of Python 3, and meant nothing in a plain one of Python 2
    return "\\" + match.group() if match.group(1) in "uUN" else match.group()


def _statements(line: List[Token]) -> List[List[Token]]:
    """Split a logical line into simple statements and heads of compound ones, without blanks and comments."""
    found: List[List[Token]] = []
    statement: List[Token] = []
    lambdas = 0
    for token in line:
        if token.kind in (BLANK, COMMENT, NEWLINE) or not token.text:
            continue
        if token.depth == 0 and token.text == "lambda":
            lambdas += 1
        if token.depth == 0 and token.text.startswith(":") and lambdas:
            lambdas -= 1
        elif token.depth == 0 and (
            token.text == ";" or (token.text.startswith(":") and statement and statement[0].text in _COMPOUND)
        ):
            if statement:
                found.append(statement)
            statement = []
            continue
        statement.append(token)
    if statement:
        found.append(statement)
    return found


def _split(words: List[Token], mark: str) -> List[List[Token]]:
    """Split at the marks that stand outside all brackets and lambdas of these words."""
    parts: List[List[Token]] = [[]]
    depth = min((word.depth for word in words), default=0)
    in_lambda = False
    for word in words:
        if word.depth == depth and word.text == "lambda":
            in_lambda = True
        elif word.depth == depth and word.text.startswith(":"):
            in_lambda = False
        if word.depth == depth and word.text == mark and not in_lambda:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _is_assignment(words: List[Token]) -> bool:
    return (
        bool(words) and words[0].kind == OPERATOR and (words[0].text in ".," or words[0].text.endswith("="))
    )


def _reads_as_call(words: List[Token]) -> bool:
    """Say whether ``print`` is followed by one value in brackets; two in brackets were a tuple."""
    inside = words[0].depth + 1 if words else 0
    has_comma = any(word.text == "," and word.depth == inside for word in words)
    return len(words) > 2 and _is_one_bracket(words) and not has_comma


def _is_one_bracket(words: List[Token]) -> bool:
    """Say whether the words are one bracketed group."""
    if len(words) < 2 or words[0].text != "(" or words[-1].text != ")":
        return False
    depth = words[0].depth
    return not any(word.depth == depth for word in words[1:-1])


def _pair_ticks(line: List[Token]) -> None:
    is_open = False
    for token in line:
        if token.text == "`" and token.kind == OPERATOR:
            token.text = ")" if is_open else "repr("
            is_open = not is_open


def _opener(line: List[Token], place: int) -> Optional[int]:
    depth = line[place].depth - 1
    for at in range(place - 1, -1, -1):
        if line[at].depth == depth and line[at].text in ("(", "[", "{"):
            return at
    return None


def _follows_for(line: List[Token], opener: int, place: int) -> bool:
    depth = line[place].depth
    return any(token.text == "for" and token.depth == depth for token in line[opener + 1 : place])
