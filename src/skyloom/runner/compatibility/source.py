"""Text of 2014 to 2018 to text that this interpreter runs, with every line where it was."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from typing import List, Set, Tuple, Union

from skyloom.runner.compatibility import pandas3_copies, pandas3_strings, python2_names
from skyloom.runner.compatibility.library import Library
from skyloom.runner.compatibility.python2_syntax import WORDS, CannotConvert, convert
from skyloom.runner.compatibility.rewriting import Rewriting
from skyloom.runner.compatibility.shim import Shim

SYNTAX = Library("python2")
_SYNTAX_SHIMS = {
    key: SYNTAX.spell(old, "Python 3", modern, "written as %s" % modern)
    for key, (old, modern) in WORDS.items()
}
_WORD = re.compile(r"[^\W\d]\w*")
_OLD_WORDS = frozenset(("raise", "exec", "async", "await", "nonlocal", "ur", "uR", "Ur", "UR"))
_OLD_MARKS = re.compile(
    r"print\b(?!\s*\()|except\b[^:\n]*,|[`\t\ufeff\f]|<>|\\[uUN]|\b\d+[lL]\b|[xX][0-9a-fA-F]+[lL]\b"
    r"|\b0\d|lambda\s*\("
    r"|\bdef\s+\w+\s*\([^)]*\(|\bin\s+[^\s,()]+\s*,|lambda\b[^:\n]*\("
)
# Python 3 reads this as a shift of the function print, which no script can mean
_PRINT_TO = re.compile(r"(?:^|[;:])[ \t]*print[ \t]*>>", re.M)


@dataclass(frozen=True)
class Notice:
    """What was changed in the text, and at which line."""

    line: int
    shim: Shim


@dataclass(frozen=True)
class Modernised:
    """Text ready to be compiled. ``text`` is the very text that was given when nothing had to be changed."""

    text: str
    notices: Tuple[Notice, ...] = ()


def modernise(source: Union[str, bytes], filename: str) -> Modernised:
    """Give text that this interpreter can run for a script of any Python.

    Whether the text is Python 3 is found by compiling it; such text is never converted, only names that
    cannot be anything
    but Python 2's are changed where they stand. Text that is neither is given back as it is, so that the
    error the user
    sees is about the user's own text.

    Source: studio.md 1.10 and its corrections.
    """
    text = decode(source) if isinstance(source, bytes) else source
    words = set(_WORD.findall(text))
    notices: List[Notice] = []
    converted = text
    may_be_old = _may_be_python2(text, words)
    is_old = may_be_old and (bool(_PRINT_TO.search(text)) or not _is_python3(text, filename))
    if is_old:
        try:
            converted = convert(
                text[1:] if text.startswith("\ufeff") else text,
                lambda line, key: notices.append(Notice(line, _SYNTAX_SHIMS[key])),
            )
        except CannotConvert:
            return Modernised(text)
        if not _is_python3(converted, filename):
            return Modernised(text)
        is_old = bool(notices)
    return Modernised(_rewrite(converted, words, notices, is_old), tuple(notices))


def decode(source: bytes) -> str:
    """Give the text of a file: by its declaration, else UTF-8, else latin-1 as Windows editors wrote it."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return source.decode("latin-1")


def _is_python3(text: str, filename: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True


def _rewrite(text: str, words: Set[str], notices: List[Notice], is_old: bool) -> str:
    """Change names and spellings in text that Python 3 can parse."""
    has_names = is_old or not words.isdisjoint(python2_names.TRIGGERS)
    is_copying = pandas3_copies.is_wanted()
    has_strings = is_copying and bool(pandas3_strings.TRIGGERS.search(text))
    has_copies = is_copying and bool(pandas3_copies.WRITES.search(text))
    if not (has_names or has_copies or has_strings):
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")  # so that lines are counted as ast counts them
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(plain)
    rewriting = Rewriting(plain)
    if has_names:
        python2_names.Names(
            tree, rewriting, lambda line, shim: notices.append(Notice(line, shim)), is_old
        ).rewrite()
    if has_copies:
        pandas3_copies.Copies(tree, rewriting).rewrite()
    if has_strings:
        pandas3_strings.Strings(tree, rewriting).rewrite()
    return rewriting.text() if rewriting else text


def _may_be_python2(text: str, words: Set[str]) -> bool:
    """Say whether the text has anything that only Python 2 writes; without, there is no need to try it.

    It may say yes too often, never too seldom: everything that ``python2_syntax`` converts is looked for.
    """
    return not words.isdisjoint(_OLD_WORDS) or bool(_OLD_MARKS.search(text))
