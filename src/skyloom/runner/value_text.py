"""A value as a short text, for people who look at a failure: what it is and how it begins.

Containers are cut, frames and arrays show shape and first rows, names of secrets hide what they hold. What
a script's own classes say of themselves (``__repr__``) is asked last and may do anything: the caller sees to
it that this runs in a process that can be thrown away (local_values.py).
"""

from __future__ import annotations

import re
import sys
from collections import OrderedDict, defaultdict, deque
from typing import Any, Dict, List, Set, Tuple

MOST_TEXT = 2_000  # characters of one value
_MOST_ITEMS = 10
_MOST_DEPTH = 3
_MOST_STRING = 200  # of a text inside a container
_MOST_BITS = 2_000
_ROWS = 5
_COLUMNS = 12
_MOST_CELL = 24
HIDDEN = "<hidden: its name is that of a secret>"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRETS = {"password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "credential"}
_SECRETS |= {"credentials", "apikey", "authorization"}
_KEYS = {"key", "keys", "auth", "sas"}  # of a variable; columns are often called so and hold no secret
# inside of what a class says of itself, and in addresses
_SAID = re.compile(
    r"(?i)(\b\w*(?:password|passwd|pwd|secret|token|api_?key|account_?key|credential)\w*[\"']?\s*[=:]\s*)"
    r"('[^']*'|\"[^\"]*\"|[^\s,;)}\]]+)"
)
_IN_ADDRESS = re.compile(r"(://[^\s:/@]*:)[^\s/@]+(@)")


def is_secret(name: str, is_column: bool = False) -> bool:
    """Whether a name speaks of a password, a key or a token.

    >>> [is_secret(name) for name in ("api_key", "accessToken", "PASSWORD", "monkey", "tokenize")]
    [True, True, True, False, False]
    """
    words = {word.lower() for word in _WORD.findall(name)}
    joined = "".join(_WORD.findall(name)).lower()
    return bool(words & (_SECRETS if is_column else _SECRETS | _KEYS)) or "password" in joined


def value_text(value: Any) -> str:
    """The text of a value, at most some 2,000 characters; raises whatever its class raises."""
    text = _text(value, 0, set())
    if type(text) is not str:
        return "<its text is no text>"
    return cut(without_secrets(text[: 2 * MOST_TEXT])) + (" …" if len(text) > 2 * MOST_TEXT else "")


def without_secrets(text: str) -> str:
    """Text in which what stands behind ``password=`` and the like is hidden."""
    return _IN_ADDRESS.sub(r"\1***\2", _SAID.sub(r"\1***", text))


def cut(text: str, most: int = MOST_TEXT) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def _text(value: Any, depth: int, above: Set[int]) -> str:
    kind = type(value)
    if value is None or kind in (bool, float, complex):
        return repr(value)
    if kind is int:
        bits = value.bit_length()
        return repr(value) if bits <= _MOST_BITS else f"<a whole number of {bits} bits>"
    if kind in (str, bytes, bytearray):
        most = MOST_TEXT // 2 if depth == 0 else _MOST_STRING
        more = len(value) - most
        return repr(value[:most]) + (f"… ({len(value)} in all)" if more > 0 else "")
    if kind in _CONTAINERS:
        if id(value) in above:
            return "<contains itself>"
        return _container(value, depth, above | {id(value)})
    return _of_library(value) or repr(value)


_PAIRS = (dict, OrderedDict, defaultdict)
_CONTAINERS = (list, tuple, set, frozenset, deque, *_PAIRS)


def _container(value: Any, depth: int, above: Set[int]) -> str:
    """The first items of one of Python's own containers."""
    kind, size = type(value), len(value)
    if depth >= _MOST_DEPTH:
        return f"<{kind.__name__} of {size}>"
    items: List[str] = []
    if kind in _PAIRS:
        for key, item in _first(value.items()):
            hides = type(key) is str and is_secret(key)
            said = "***" if hides else _text(item, depth + 1, above)
            items.append(f"{_text(key, depth + 1, above)}: {said}")
    else:
        items = [_text(item, depth + 1, above) for item in _first(value)]
    if size > len(items):
        items.append(f"… {size} in all")
    begin, end = _BRACKETS.get(kind, (f"{kind.__name__}(", ")"))
    return begin + ", ".join(items) + ("," if kind is tuple and size == 1 else "") + end


_BRACKETS: Dict[type, Tuple[str, str]] = {
    list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), dict: ("{", "}"),
    OrderedDict: ("{", "}"), defaultdict: ("{", "}"),
}  # fmt: skip


def _first(items: Any) -> List[Any]:
    found: List[Any] = []
    for item in items:
        if len(found) == _MOST_ITEMS:
            break
        found.append(item)
    return found


def _of_library(value: Any) -> str:
    """Arrays and frames, when their library is loaded; nothing for anything else."""
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None:
        if isinstance(value, pandas.DataFrame):
            return _frame(value)
        if isinstance(value, (pandas.Series, pandas.Index)):
            name = type(value).__name__
            head = f"{name} of {len(value)}, {value.dtype}, name {_text(value.name, 1, set())}"
            if is_secret(str(value.name), True):
                return head
            return f"{head}: {_some(value[:_MOST_ITEMS].tolist(), len(value))}"
    if numpy is not None and isinstance(value, numpy.ndarray):
        head = f"array of shape {value.shape}, {value.dtype}"
        return f"{head}: {_some(value.flat[:_MOST_ITEMS].tolist(), value.size)}"
    return ""


def _some(items: List[Any], size: int) -> str:
    shown = ", ".join(_text(item, 2, set()) for item in items)
    return shown + (", …" if size > len(items) else "")


def _frame(frame: Any) -> str:
    """Shape, types and first rows, laid out by hand: pandas loads much when first asked for text."""
    rows, columns = frame.shape
    kinds = ", ".join(f"{name}: {dtype}" for name, dtype in _first(zip(frame.columns, frame.dtypes)))
    head = frame.iloc[:_ROWS, :_COLUMNS]
    table = [["", *(_cell(label) for label in head.index.tolist())]]
    for place, name in enumerate(head.columns.tolist()):
        hides = is_secret(str(name), True)
        cells = ["***" if hides else _cell(cell) for cell in head.iloc[:, place].tolist()]
        table.append([_cell(name), *cells])
    widths = [max(map(len, column)) for column in table]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)).rstrip() for row in zip(*table)]
    shown = "\n".join(lines) if rows and columns else ""
    return f"DataFrame of {rows} rows and {columns} columns ({kinds})\n{shown}".rstrip()


def _cell(value: Any) -> str:
    text = value if type(value) is str else _text(value, 2, set())
    text = text.replace("\n", " ")
    return text if len(text) <= _MOST_CELL else text[: _MOST_CELL - 1] + "…"
