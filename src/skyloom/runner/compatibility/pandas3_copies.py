"""Writing through a column or an array of a frame: it changed the frame until pandas 3, a copy since.

The places are found in the text and reach the classes below at run time, which hand everything that is not
a frame straight on.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import Any, Callable, Dict, Iterator, Optional, Set

from skyloom.runner.compatibility.library import Library
from skyloom.runner.compatibility.rewriting import Rewriting
from skyloom.runner.compatibility.session import asking_frame, tell_at
from skyloom.runner.compatibility.shim import Shim

COPIES = Library("pandas")
_GONE = "pandas 3.0"
_CHAINED = COPIES.spell(
    "df['a'][rows] = value", _GONE, "df.loc[rows, 'a'] = value", "sets the values in the frame, as it did"
)
_INPLACE = COPIES.spell(
    "df['a'].fillna(value, inplace=True)",
    _GONE,
    "df['a'] = df['a'].fillna(value)",
    "changes the frame's column, as it did; the same for every inplace=True",
)
_THROUGH = COPIES.spell(
    "df['a'].values[rows] = value",
    _GONE,
    "df.loc[rows, 'a'] = value",
    "sets the values in the frame, as it did",
)
_LABELS = COPIES.spell(
    "df.columns.values[i] = 'name'",
    _GONE,
    "df.columns = [...] or df.rename(columns=...)",
    "names the column, as it did",
)
_WRITABLE = COPIES.spell(
    "writing into df.values",
    _GONE,
    "df.to_numpy(copy=True)",
    "gives an array of its own, which can be written",
)

# a text without any of these has nothing to be changed here
WRITES = re.compile(
    r"inplace\s*=\s*True|\.(?:values|as_matrix|to_numpy)\b|[\])]\s*(?:\.\w+\s*)?\[[^\n]*\]\s*[-+*/]?=(?!=)"
    r"|\.\w+\[[^\n]*\]\s*[-+*/]?=(?!=)"
)
_RUNTIME = "__skyloom__"
_INDEXERS = frozenset(("loc", "iloc", "ix", "at", "iat"))
_NOT_COLUMNS = _INDEXERS | frozenset(
    ("values", "columns", "index", "T", "str", "dt", "cat", "plot", "attrs", "flags", "axes")
)
_ARRAYS = frozenset(("values", "as_matrix", "to_numpy"))
_NOT_FRAMES = frozenset(
    [
        "values",
        "as_matrix",
        "to_numpy",
        "to_dict",
        "to_records",
        "tolist",
        "shape",
        "columns",
        "index",
        "dtypes",
        "groupby",
        "keys",
        "items",
    ]
)
_FRAME_NAME = re.compile(r"^_?(?:df|data_?frame)(?:$|[_\d]|[a-z]*$)|_df\d*$", re.I)


def is_wanted() -> bool:
    """Say whether this interpreter's pandas copies on write, or may (it is not imported yet)."""
    pandas = sys.modules.get("pandas")
    return pandas is None or int(str(getattr(pandas, "__version__", "3")).split(".")[0]) >= 3


class Copies:
    """One pass over a parsed script that marks the places where a frame is changed through a part of it."""

    def __init__(self, tree: ast.AST, rewriting: Rewriting) -> None:
        self._tree = tree
        self._to = rewriting
        self._frames = _frame_names(tree)

    def rewrite(self) -> None:
        for scope in _scopes(self._tree):
            self._arrays(scope)
        for node in ast.walk(self._tree):
            if isinstance(node, (ast.Assign, ast.AugAssign)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Subscript):
                        self._stored(target.value)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                self._inplace(node.value)

    def _stored(self, owner: ast.AST) -> None:
        """Mark the owner of ``owner[key] = value``."""
        if isinstance(owner, ast.Attribute) and owner.attr == "values":
            self._values(owner)
        elif isinstance(owner, ast.Attribute) and owner.attr in _INDEXERS:
            self._column(owner.value)
        else:
            self._column(owner)

    def _values(self, owner: ast.Attribute) -> None:
        """Turn ``E.values`` into ``values(E)``; where E is a part of P, into ``values(P, part, kind)``."""
        inner, dot = owner.value, self._dot(owner)
        if dot is None:
            return
        self._to.open(self._to.start(owner), "%s.values(" % _RUNTIME)
        part = self._dot(inner) if isinstance(inner, ast.Attribute) else None
        if isinstance(inner, ast.Subscript) and _is_simple_key(inner) and dot == self._to.end(inner):
            self._to.replace(self._to.end(inner.value), self._to.start(_key(inner)), ", ")
            self._to.replace(self._to.end(_key(inner)), self._to.end(owner), ', "item")')
        elif isinstance(inner, ast.Attribute) and part is not None and dot == self._to.end(inner):
            self._to.replace(part, self._to.end(owner), ', "%s", "attribute")' % inner.attr)
        else:
            self._to.replace(dot, self._to.end(owner), ")")

    def _column(self, owner: ast.AST) -> None:
        """Turn ``P[key]`` into ``column(P, key)``, and ``P.name`` likewise, where P is a frame."""
        if isinstance(owner, ast.Subscript) and _is_simple_key(owner) and self._is_frame(owner.value):
            if re.fullmatch(
                r"\[\s*", self._to.source(self._to.end(owner.value), self._to.start(_key(owner)))
            ):
                self._to.open(self._to.start(owner), "%s.column(" % _RUNTIME)
                self._to.replace(self._to.end(owner.value), self._to.start(_key(owner)), ", ")
                self._to.replace(self._to.end(_key(owner)), self._to.end(owner), ")")
        elif (
            isinstance(owner, ast.Attribute)
            and owner.attr not in _NOT_COLUMNS
            and self._is_frame(owner.value)
        ):
            dot = self._dot(owner)
            if dot is not None:
                self._to.open(self._to.start(owner), "%s.column(" % _RUNTIME)
                self._to.replace(dot, self._to.end(owner), ', "%s", True)' % owner.attr)

    def _inplace(self, call: ast.Call) -> None:
        if isinstance(call.func, ast.Attribute) and any(
            keyword.arg == "inplace"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is True
            for keyword in call.keywords
        ):
            self._column(call.func.value)

    def _arrays(self, scope: ast.AST) -> None:
        """Mark ``x = E.values`` where ``x`` is written into later in the same function."""
        written = set(_written_names(scope))
        for node in _own_nodes(scope):
            if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
                continue
            target, value = node.targets[0], node.value
            if not (isinstance(target, ast.Name) and target.id in written):
                continue
            owner = (
                value.func if isinstance(value, ast.Call) and not value.args and not value.keywords else value
            )
            if isinstance(owner, ast.Attribute) and owner.attr in _ARRAYS:
                self._to.wrap(value, "%s.writable(" % _RUNTIME, ")")

    def _is_frame(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._frames
        return isinstance(node, ast.Attribute) and bool(_FRAME_NAME.search(node.attr))

    def _dot(self, node: ast.Attribute) -> Optional[int]:
        start, end = self._to.start(node), self._to.end(node)
        text = self._to.source(start, end)
        if not text.endswith("." + node.attr):
            return None
        return end - len(("." + node.attr).encode("utf-8"))


class CopiesRuntime:
    """The functions that the marked places call."""

    @staticmethod
    def column(owner: Any, key: Any, is_attribute: bool = False) -> Any:
        """Give a column of a frame for writing; of anything else, what it always was."""
        if _copies(owner) and _is_column(owner, key):
            return _Column(owner, key)
        return getattr(owner, key) if is_attribute else owner[key]

    @staticmethod
    def values(owner: Any, key: Any = None, kind: str = "") -> Any:
        """Give ``owner.values``, or those of an item or attribute of the owner, for writing through."""
        if kind and _copies(owner) and _is_column(owner, key):
            return _Through(owner, key)
        if kind == "attribute" and key in ("columns", "index") and _copies(owner):
            return _AxisThrough(owner, key)
        part = {"": lambda: owner, "item": lambda: owner[key], "attribute": lambda: getattr(owner, key)}[
            kind
        ]()
        return _Through(part) if _copies(part) else part.values

    @staticmethod
    def writable(array: Any) -> Any:
        """Give an array that can be written: the same one, or a copy where pandas has locked it."""
        flags = getattr(array, "flags", None)
        if flags is None or getattr(flags, "writeable", True):
            return array
        _tell(_WRITABLE)
        return array.copy()


class _Column:
    """A column of a frame that is read, changed and put back."""

    def __init__(self, frame: Any, key: Any) -> None:
        self._frame = frame
        self._key = key

    def __getitem__(self, key: Any) -> Any:
        return self._frame[self._key][key]

    def __setitem__(self, key: Any, value: Any) -> None:
        _tell(_CHAINED)
        self._change(lambda column: assign(column, column, key, value))

    def __getattr__(self, name: str) -> Any:
        if name in _INDEXERS:
            return _Indexer(self, name)

        def change(*args: Any, **kwargs: Any) -> Any:
            _tell(_INPLACE)
            results = []

            def call(column: Any) -> Any:
                results.append(getattr(column, name)(*args, **kwargs))
                return column

            self._change(call)
            return results[0]

        return change

    def _change(self, change: Callable[[Any], Any]) -> None:
        self._frame[self._key] = change(self._frame[self._key].copy())


class _Indexer:
    """``df['a'].loc`` and its kind, for writing."""

    def __init__(self, column: _Column, name: str) -> None:
        self._column = column
        self._name = name

    def __getitem__(self, key: Any) -> Any:
        return getattr(self._column._frame[self._column._key], self._name)[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        _tell(_CHAINED)
        self._column._change(
            lambda column: assign(column, getattr(column, self._name), key, value, self._name)
        )


class _Through:
    """The array of a frame, a column or a series; what is written there is written back."""

    def __init__(self, owner: Any, *key: Any) -> None:
        self._owner = owner
        self._column = key

    def _array(self) -> Any:
        part = self._owner[self._column[0]] if self._column else self._owner
        array = part.values
        return array if array.flags.writeable else array.copy()

    def __getitem__(self, key: Any) -> Any:
        return self._array()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        _tell(_THROUGH)
        array = self._array()
        array[key] = value
        if self._column:
            self._owner[self._column[0]] = array
        elif array.ndim == 1:
            self._owner.iloc[:] = array
        elif len(set(self._owner.dtypes)) == 1:  # of several types, the array was a copy at all times
            self._owner.iloc[:, :] = array


class _AxisThrough:
    """The labels of a frame as an array; what is written there becomes the frame's labels."""

    def __init__(self, owner: Any, name: str) -> None:
        self._owner = owner
        self._name = name

    def __getitem__(self, key: Any) -> Any:
        return getattr(self._owner, self._name).values[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        _tell(_LABELS)
        labels = getattr(self._owner, self._name)
        array = labels.to_numpy(dtype=object, copy=True)
        array[key] = value
        setattr(
            self._owner, self._name, type(labels)(array, name=labels.name) if labels.nlevels > 1 else array
        )


def assign(series: Any, target: Any, key: Any, value: Any, name: str = "") -> Any:
    """Set a value in a series of its own.

    A type that cannot hold it becomes wider, as it did until pandas 3.
    """
    try:
        target[key] = value
        return series
    except TypeError:
        wide = widened(series, value)
        (getattr(wide, name) if name else wide)[key] = value
        return wide


def widened(series: Any, value: Any) -> Any:
    """Give the series with a type that can hold ``value`` too: float for numbers, otherwise object."""
    kinds = getattr(getattr(value, "dtype", None), "kind", None) or {float: "f", int: "i"}.get(
        type(value), "O"
    )
    numeric = getattr(series.dtype, "kind", "O") in "iuf" and kinds in "iuf"
    return series.astype("float64" if numeric else "object")


def _copies(owner: Any) -> bool:
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(owner, (pandas.DataFrame, pandas.Series)):
        return False
    if int(pandas.__version__.split(".")[0]) >= 3:
        return True
    try:
        return bool(pandas.options.mode.copy_on_write is True)
    except AttributeError:
        return False


def _is_column(owner: Any, key: Any) -> bool:
    if not hasattr(owner, "columns"):
        return False
    try:
        return key in owner.columns and bool(owner.columns.is_unique)
    except TypeError:
        return False


def _tell(shim: Shim) -> None:
    tell_at(shim, asking_frame())


def _key(node: ast.Subscript) -> Any:
    inner: Any = node.slice
    return inner.value if type(inner).__name__ == "Index" else inner  # Python 3.8 wraps it


def _is_simple_key(node: ast.Subscript) -> bool:
    key = _key(node)
    return (
        isinstance(key, (ast.Constant, ast.Name, ast.Attribute, ast.Subscript))
        and getattr(key, "end_lineno", 0) > 0
    )


def _frame_names(tree: ast.AST) -> Set[str]:
    """Names that hold a frame as far as the text shows; a wrong guess does no harm at run time."""
    frames: Set[str] = set()
    dicts: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            frames.update(
                names if node.name == "azureml_main" else [n for n in names if _FRAME_NAME.search(n)]
            )
    for _ in range(3):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        if isinstance(node.value, (ast.Dict, ast.List, ast.DictComp, ast.ListComp)):
                            dicts.add(target.id)
                        elif _FRAME_NAME.search(target.id) or _gives_frame(node.value, frames):
                            frames.add(target.id)
    return frames - dicts


def _gives_frame(node: ast.AST, frames: Set[str]) -> bool:
    is_call = False
    while True:
        if isinstance(node, ast.Call):
            node, is_call = node.func, True
        elif isinstance(node, ast.Attribute):
            if node.attr in _NOT_FRAMES:
                return False
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            break
    return isinstance(node, ast.Name) and (
        node.id in frames or (is_call and node.id in ("pd", "pandas", "DataFrame"))
    )


def _scopes(tree: ast.AST) -> Iterator[ast.AST]:
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _own_nodes(child)


_WRITERS: Dict[str, int] = {"sort": 0, "fill": 0, "put": 0, "resize": 0, "itemset": 0, "partition": 0}


def _written_names(scope: ast.AST) -> Iterator[str]:
    for node in _own_nodes(scope):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            if isinstance(node.value, ast.Name):
                yield node.value.id
        elif isinstance(node, ast.AugAssign):
            target = node.target
            while isinstance(target, ast.Subscript):
                target = target.value  # type: ignore[assignment]
            if isinstance(target, ast.Name):
                yield target.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _WRITERS and isinstance(node.func.value, ast.Name):
                yield node.func.value.id
            elif node.func.attr == "shuffle" and node.args and isinstance(node.args[0], ast.Name):
                yield node.args[0].id
