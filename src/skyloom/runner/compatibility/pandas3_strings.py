"""Columns of text: ``dtype == object`` held for them until pandas 3 gave them a type of their own."""

from __future__ import annotations

import ast
import re
from typing import Any

from skyloom.runner.compatibility.library import Library
from skyloom.runner.compatibility.rewriting import Rewriting
from skyloom.runner.compatibility.session import asking_frame, tell_at

STRINGS = Library("pandas")
_SHIM = STRINGS.spell(
    "df['a'].dtype == object for text",
    "pandas 3.0",
    "pandas.api.types.is_string_dtype(df['a'])",
    "holds for columns of text, as it did",
)
TRIGGERS = re.compile(r"\.dtypes?\b[^\n]*(?:object|[\"']O[\"'])")
_RUNTIME = "__skyloom__"


class Strings:
    """One pass over a parsed script that marks comparisons of a column's type with ``object``."""

    def __init__(self, tree: ast.AST, rewriting: Rewriting) -> None:
        self._tree = tree
        self._to = rewriting

    def rewrite(self) -> None:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Compare) and _asks_for_object(node):
                self._to.wrap(node.left, "%s.classic_dtype(" % _RUNTIME, ")")


class StringsRuntime:
    """The function that the marked places call."""

    @staticmethod
    def classic_dtype(dtype: Any) -> Any:
        """Give the type (or the types of a frame) as pandas 2 named it: ``object`` for text."""
        if hasattr(dtype, "map") and hasattr(dtype, "index"):
            changed = dtype.map(_classic)
            if any(new is not old for new, old in zip(changed, dtype)):
                tell_at(_SHIM, asking_frame())
            return changed
        changed = _classic(dtype)
        if changed is not dtype:
            tell_at(_SHIM, asking_frame())
        return changed


def _classic(dtype: Any) -> Any:
    import numpy  # a frame is at hand, so numpy is

    if isinstance(dtype, str):
        return "object" if dtype == "str" else dtype
    is_text = type(dtype).__name__ == "StringDtype" and getattr(dtype, "na_value", None) != getattr(
        dtype, "na_value", None
    )
    return numpy.dtype(object) if is_text else dtype


def _asks_for_object(node: ast.Compare) -> bool:
    return len(node.ops) == 1 and _names_object(node.comparators[0]) and _is_dtype(node.left)


def _is_dtype(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and node.attr == "name":
        node = node.value
    if isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Attribute) and node.attr in ("dtype", "dtypes")


def _names_object(node: ast.AST) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return any(_names_object(item) for item in node.elts)
    if isinstance(node, ast.Constant):
        return node.value in ("object", "O")
    if isinstance(node, ast.Call) and node.args:
        return _names_object(node.args[0])  # np.dtype('O')
    name = getattr(node, "id", getattr(node, "attr", ""))
    return name in ("object", "object_", "object0", "ObjectType")
