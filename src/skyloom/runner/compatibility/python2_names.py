"""Names and methods of Python 2 in text that Python 3 can parse: each is changed where it stands."""

from __future__ import annotations

import ast
import re
from typing import Any, Callable, Dict, Iterator, Optional, Set

from skyloom.runner.compatibility.guards import guarded_lines
from skyloom.runner.compatibility.python2_library import PYTHON2
from skyloom.runner.compatibility.rewriting import Rewriting
from skyloom.runner.compatibility.shim import Shim

Told = Callable[[int, Shim], None]
RUNTIME = "__skyloom__"  # the one name that converted text finds among the built-in ones
_GONE = "Python 3"

# built-in name -> what is written in its place
_NAMES: Dict[str, str] = {
    "xrange": "range",
    "unicode": "str",
    "basestring": "str",
    "raw_input": "input",
    "unichr": "chr",
    "long": "int",
}
_HELPED: Dict[str, str] = {
    "reduce": "functools.reduce",
    "cmp": "(a > b) - (a < b)",
    "intern": "sys.intern",
    "apply": "function(*args, **kwargs)",
    "reload": "importlib.reload",
    "file": "open",
    "execfile": "exec(open(name).read())",
}
# attributes that mean Python 2 wherever they stand, and those that do so only in a script that is Python 2
# otherwise
_ATTRIBUTES: Dict[str, str] = {
    "has_key": "key in d",
    "iteritems": ".items()",
    "iterkeys": ".keys()",
    "itervalues": ".values()",
    "viewitems": ".items()",
    "viewkeys": ".keys()",
    "viewvalues": ".values()",
    "func_name": ".__name__",
    "func_code": ".__code__",
    "func_doc": ".__doc__",
    "func_defaults": ".__defaults__",
    "func_globals": ".__globals__",
    "im_func": ".__func__",
    "im_self": ".__self__",
}
_ATTRIBUTES_OF_OLD: Dict[str, str] = {
    "next": "next(iterator)",
    "message": "str(error)",
    "decode": "text as it is",
}
_LISTS: Dict[str, str] = {name: "list(%s(...))" % name for name in ("map", "filter", "zip", "range")}
_VIEWS = ("keys", "values", "items")
_CONSUMERS = frozenset(
    [
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "sum",
        "max",
        "min",
        "any",
        "all",
        "dict",
        "enumerate",
        "zip",
        "map",
        "filter",
        "reversed",
    ]
)


def _shim(old: str, modern: str, does: str, is_name: bool = False) -> Shim:
    return PYTHON2.spell(old, _GONE, modern, does, is_name)


_NAME_SHIMS = {name: _shim(name, modern, "written as %s" % modern, True) for name, modern in _NAMES.items()}
_NAME_SHIMS.update({name: _shim(name, modern, "does the same", True) for name, modern in _HELPED.items()})
_ATTRIBUTE_SHIMS = {
    name: _shim(".%s" % name, modern, "gives that where the object has no attribute of that name", True)
    for name, modern in list(_ATTRIBUTES.items()) + list(_ATTRIBUTES_OF_OLD.items())
}
_LIST_SHIMS = {
    name: _shim("%s(...) as a list" % name, modern, "makes the list, in a Python 2 script")
    for name, modern in _LISTS.items()
}
_VIEW_SHIM = _shim(
    "d.keys() as a list",
    "list(d.keys())",
    "makes the list, in a Python 2 script; the same for values and items",
)
_CMP_SHIM = _shim(
    "sort(cmp=f)", "sort(key=functools.cmp_to_key(f))", "sorts by that key; the same for sorted(x, f)"
)
_DIVISION_SHIM = _shim(
    "whole / whole rounding down",
    "//",
    "not changed: a notice where both sides can be seen to be whole numbers",
)
_METACLASS_SHIM = _shim("__metaclass__", "class X(metaclass=M)", "not changed: a notice, as it has no effect")

# a text without any of these words has nothing to be changed here
TRIGGERS = frozenset(_NAMES) | frozenset(_HELPED) | frozenset(_ATTRIBUTES) | {"translate"}
TRIGGERS |= {name.split(".")[-1] for name in PYTHON2.modules}


class Names:
    """One pass over a parsed script.

    ``is_old`` widens it to what is plain only in a script known to be Python 2.
    """

    def __init__(self, tree: ast.AST, rewriting: Rewriting, told: Told, is_old: bool) -> None:
        self._tree = tree
        self._to = rewriting
        self._told = told
        self._bound = set(_bound_names(tree))
        self._guarded = guarded_lines(tree)
        self._parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        self._is_old = is_old or self._has_evidence()
        self._has_division = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "division" for alias in node.names)
            for node in ast.walk(tree)
        )

    def rewrite(self) -> None:
        for node in ast.walk(self._tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._import(node)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._name(node)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                self._attribute(node)
            elif isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                self._division(node)
            elif isinstance(node, ast.Assign) and self._is_metaclass(node):
                self._told(node.lineno, _METACLASS_SHIM)

    def _has_evidence(self) -> bool:
        """Say whether text that Python 3 can parse imports or names what only Python 2 has."""
        for node in ast.walk(self._tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)) and any(self._lost_modules(node)):
                return True
            if isinstance(node, ast.Name) and node.id in _NAMES and node.id not in self._bound:
                return True
            if isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES and node.attr not in self._bound:
                return True
        return False

    def _lost_modules(self, node: Any) -> Iterator[str]:
        if any(first <= node.lineno <= last for first, last in self._guarded):
            return
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        else:
            named = [node.module or ""] if not node.level else []
        for name in named:
            if name in PYTHON2.modules and PYTHON2.modules[name].shim.gone == _GONE:
                yield name

    def _import(self, node: Any) -> None:
        for name in self._lost_modules(node):
            self._told(node.lineno, PYTHON2.modules[name].shim)

    def _name(self, node: ast.Name) -> None:
        if node.id in self._bound or self._is_watched(node):
            return
        parent = self._parents.get(node)
        if (
            node.id == "unicode"
            and isinstance(parent, ast.Call)
            and parent.func is node
            and self._is_wide(parent)
        ):
            self._put(node, "%s.unicode" % RUNTIME, _NAME_SHIMS["unicode"])
        elif node.id in _NAMES:
            self._put(node, _NAMES[node.id], _NAME_SHIMS[node.id])
        elif node.id in _HELPED:
            self._put(node, "%s.%s" % (RUNTIME, node.id), _NAME_SHIMS[node.id])

    def _put(self, node: ast.Name, text: str, shim: Shim) -> None:
        self._to.replace(self._to.start(node), self._to.end(node), text)
        self._told(node.lineno, shim)

    def _is_watched(self, node: ast.AST) -> bool:
        return any(first <= getattr(node, "lineno", 0) <= last for first, last in self._guarded)

    @staticmethod
    def _is_wide(call: ast.Call) -> bool:
        return len(call.args) + len(call.keywords) > 1

    def _attribute(self, node: ast.Attribute) -> None:
        is_one = node.attr in _ATTRIBUTES or (self._is_old and self._is_old_attribute(node))
        if not is_one or node.attr in self._bound or self._is_watched(node):
            return
        start, end = self._to.start(node), self._to.end(node)
        dot = re.search(r"\.[\s\\]*%s$" % node.attr, self._to.source(start, end))
        if dot is None:
            return
        kept = "\n" * dot.group().count("\n")
        at = start + len(self._to.source(start, end)[: dot.start()].encode("utf-8", "surrogatepass"))
        self._to.open(start, "%s.late(" % RUNTIME)
        self._to.replace(at, end, ', "%s"%s)' % (node.attr, kept))
        if node.attr in _ATTRIBUTES:
            self._told(_last_line(node), _ATTRIBUTE_SHIMS[node.attr])

    def _is_old_attribute(self, node: ast.Attribute) -> bool:
        call = self._parents.get(node)
        if not isinstance(call, ast.Call) or call.func is not node:
            return node.attr == "message" and self._is_caught(node.value)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "str":
            return False  # Series.str.decode
        return (node.attr == "next" and not call.args) or node.attr == "decode"

    def _is_caught(self, node: ast.AST) -> bool:
        above: Optional[ast.AST] = node
        while above is not None:
            if isinstance(above, ast.ExceptHandler) and isinstance(node, ast.Name) and above.name == node.id:
                return True
            above = self._parents.get(above)
        return False

    def _call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            self._function_call(node, function.id)
        elif isinstance(function, ast.Attribute):
            self._method_call(node, function)

    def _function_call(self, node: ast.Call, name: str) -> None:
        if name == "sorted":
            self._sort(node, node.args[1] if len(node.args) == 2 else None)
        elif self._is_old and name in _LISTS and name not in self._bound and not self._is_consumed(node):
            self._to.wrap(node, "list(", ")")
            self._tell_if_used(node, _LIST_SHIMS[name])

    def _method_call(self, node: ast.Call, function: ast.Attribute) -> None:
        is_bare = not node.args and not node.keywords
        if function.attr == "sort":
            self._sort(node, node.args[0] if self._is_old and _is_comparison(node) else None)
        elif function.attr == "translate" and len(node.args) == 2 and not node.keywords:
            self._translate(node, function)
        elif self._is_old and function.attr in _VIEWS and is_bare and not self._is_consumed(node):
            self._to.wrap(node, "%s.listed(" % RUNTIME, ")")
            self._tell_if_used(node, _VIEW_SHIM)

    def _sort(self, node: ast.Call, comparison: Optional[ast.AST]) -> None:
        """Turn a comparison function, given by position or as ``cmp``, into a key."""
        if any(keyword.arg == "key" for keyword in node.keywords):
            return
        if comparison is not None:
            self._to.wrap(comparison, "key=%s.by(" % RUNTIME, ")")
            self._told(node.lineno, _CMP_SHIM)
        for keyword in node.keywords:
            if keyword.arg == "cmp":
                self._comparison_keyword(keyword.value)

    def _tell_if_used(self, node: ast.AST, shim: Shim) -> None:
        """Tell of a list only where a list is plainly needed: indexing, adding, a method."""
        if isinstance(self._parents.get(node), (ast.Subscript, ast.BinOp, ast.Attribute)):
            self._told(getattr(node, "lineno", 0), shim)

    def _comparison_keyword(self, value: Any) -> None:
        start = self._to.start(value)
        found = re.search(r"cmp\s*=\s*$", self._to.source(max(0, start - 40), start))
        if found is not None:
            length = len(found.group())
            self._to.replace(start - length, start, "key=%s.by(" % RUNTIME)
            self._to.close(self._to.end(value), ")")
            self._told(value.lineno, _CMP_SHIM)

    def _translate(self, node: ast.Call, function: ast.Attribute) -> None:
        if not (self._is_old or _deletes_letters(node)):
            return
        start = self._to.start(function)
        text = self._to.source(start, self._to.start(node.args[0]))
        head = re.search(r"\.[\s\\]*translate\s*\(\s*$", text)
        if head is None:
            return
        at = start + len(text[: head.start()].encode("utf-8", "surrogatepass"))
        self._to.open(start, "%s.translate(" % RUNTIME)
        self._to.replace(at, at + len(head.group()), "," + "\n" * head.group().count("\n") + " ")

    def _is_consumed(self, node: ast.AST) -> bool:
        """Say whether the value is only walked over, so that a list would make no difference."""
        parent = self._parents.get(node)
        if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is node:
            return True
        if isinstance(parent, (ast.Expr, ast.Starred)):
            return True
        if isinstance(parent, ast.Compare):
            return isinstance(parent.ops[0], (ast.In, ast.NotIn))
        if isinstance(parent, ast.Call) and node in parent.args:
            function = parent.func
            if isinstance(function, ast.Attribute):
                return function.attr in ("join", "extend", "update")
            return isinstance(function, ast.Name) and function.id in _CONSUMERS
        return False

    def _division(self, node: ast.BinOp) -> None:
        if self._is_old and not self._has_division and _is_whole(node.left) and _is_whole(node.right):
            self._told(node.lineno, _DIVISION_SHIM)

    def _is_metaclass(self, node: ast.Assign) -> bool:
        return self._is_old and any(
            isinstance(target, ast.Name) and target.id == "__metaclass__" for target in node.targets
        )


def _bound_names(tree: ast.AST) -> Set[str]:
    found: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def _is_whole(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and not isinstance(node.value, bool)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("len", "int", "long")
    )


def _deletes_letters(node: ast.Call) -> bool:
    """Say whether ``translate(a, b)`` is about text: many other things have a method of that name."""
    table, deleted = node.args
    if (
        isinstance(table, ast.Call)
        and getattr(table.func, "attr", getattr(table.func, "id", "")) == "maketrans"
    ):
        return True
    if isinstance(table, ast.Constant) and table.value is None:
        return not (isinstance(deleted, ast.Constant) and isinstance(deleted.value, bytes))
    return isinstance(deleted, ast.Attribute) and getattr(deleted.value, "id", "") == "string"


def _is_comparison(node: ast.Call) -> bool:
    if len(node.args) != 1 or node.keywords:
        return False
    argument = node.args[0]
    if isinstance(argument, ast.Lambda):
        return len(argument.args.args) == 2
    return isinstance(argument, ast.Name) and "cmp" in argument.id.lower()


def _last_line(node: Any) -> int:
    return int(node.end_lineno or node.lineno)
