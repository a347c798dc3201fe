"""Scripts that already know what is missing, as in ``try: import cPickle``, are left to their own ways."""

from __future__ import annotations

import ast
import linecache
import warnings
from types import FrameType
from typing import Dict, List, Tuple

_NARROW = frozenset(("ImportError", "ModuleNotFoundError", "AttributeError", "NameError"))
_WIDE = frozenset(("Exception", "BaseException", ""))
_texts: Dict[str, str] = {}
_ranges: Dict[str, List[Tuple[int, int]]] = {}


def remember(filename: str, text: str) -> None:
    """Keep the text of a file that may not be on disk under its name."""
    _texts[filename] = text
    _ranges.pop(filename, None)


def forget() -> None:
    _texts.clear()
    _ranges.clear()


def is_guarded(frame: FrameType) -> bool:
    """Say whether the line that runs stands in a ``try`` that expects the name to be missing.

    A wide ``except`` counts only around imports alone: many scripts wrap all their work in one to print the
    error.
    """
    filename = frame.f_code.co_filename
    ranges = _ranges.get(filename)
    if ranges is None:
        text = _texts.get(filename) or "".join(linecache.getlines(filename))
        ranges = _ranges[filename] = _lines_of(text)
    return any(first <= frame.f_lineno <= last for first, last in ranges)


def guarded_lines(tree: ast.AST) -> List[Tuple[int, int]]:
    """Give the (first, last) lines of such ``try`` bodies."""
    found: List[Tuple[int, int]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Try):
            continue
        caught = {name for handler in node.handlers for name in _caught(handler)}
        only_imports = all(isinstance(part, (ast.Import, ast.ImportFrom)) for part in node.body)
        if caught & _NARROW or (only_imports and caught & _WIDE):
            found.append((node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno))
    return found


def _lines_of(text: str) -> List[Tuple[int, int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return guarded_lines(ast.parse(text))
        except (SyntaxError, ValueError):
            return []


def _caught(handler: ast.ExceptHandler) -> List[str]:
    if handler.type is None:
        return [""]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [kind.id for kind in kinds if isinstance(kind, ast.Name)]
