"""Core values <-> JSON, with a format version: the only stored form of a graph.

Dataclasses become objects of their non-default fields; members of a union carry ``$kind``.
Reading is strict: an unknown field or a value of the wrong shape raises ``ValueError`` with its path.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, digest_of
from skyloom.core.module import ModuleSpec

FORMAT = 1
_PLAIN = frozenset((str, int, float, bool, type(None)))
_KEPT = "_digest"
TAG = "$kind"  # a name that no column selection or other user value carries
T = TypeVar("T")


def to_json(value: Any, tagged: bool = False) -> Json:
    """JSON form of a core value; fields at their default are left out."""
    kind = type(value)
    if kind in _PLAIN:
        return value  # type: ignore[no-any-return]
    if kind is dict:  # as below, sooner: most of a run's record is such
        return {str(key): to_json(part, tagged) for key, part in value.items()}
    if is_dataclass(kind):
        body: dict[str, Json] = {TAG: kind.__name__} if tagged else {}
        for name, is_default, is_choice in _fields(kind):
            part = getattr(value, name)
            if not is_default(part):
                body[name] = to_json(part, is_choice)
        return body
    if isinstance(value, Enum):
        return value.value  # type: ignore[no-any-return]
    if isinstance(value, Mapping):
        return {str(key): to_json(part, tagged) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(part, tagged) for part in value]
    if isinstance(value, (set, frozenset)):
        return sorted(to_json(part, tagged) for part in value)  # type: ignore[type-var]
    return value  # type: ignore[no-any-return]


def from_json(kind: type[T], value: Json, path: str = "") -> T:
    """Read what ``to_json`` wrote.

    Raises
    ------
    ValueError
        Naming the path of the part that does not fit.
    """
    return _read(kind, value, path or kind.__name__)  # type: ignore[no-any-return]


def spec_digest(spec: ModuleSpec) -> Digest:
    """The name of a module definition by its content."""
    known = spec.__dict__.get(_KEPT)  # kept on the frozen value: every node of a graph asks for it
    if known is None:
        known = spec.__dict__[_KEPT] = digest_of({"format": FORMAT, "module": to_json(spec)})
    return Digest(known)


def graph_to_json(graph: Graph) -> dict[str, Json]:
    """Stored form of a graph, titles included."""
    body = to_json(graph)
    assert isinstance(body, dict)
    return {"format": FORMAT, **body}


def graph_from_json(value: Mapping[str, Json]) -> Graph:
    if value.get("format") != FORMAT:
        raise ValueError(f"graph format {value.get('format')!r} is not {FORMAT}")
    return from_json(Graph, {name: part for name, part in value.items() if name != "format"})


def graph_digest(graph: Graph) -> Digest:
    """Digest of what runs: titles do not count, and the order of nodes and edges does not either."""
    body = graph_to_json(graph)
    nodes, edges = body.get("nodes", []), body.get("edges", [])
    assert isinstance(nodes, list) and isinstance(edges, list)
    untitled: list[Json] = [
        {name: part for name, part in node.items() if name != "title"}
        for node in nodes
        if isinstance(node, dict)
    ]
    return digest_of({**body, "nodes": sorted(untitled, key=str), "edges": sorted(edges, key=str)})


@cache
def _fields(kind: type) -> tuple[tuple[str, Callable[[Any], bool], bool], ...]:
    """Name of each field, what tells its default, and whether its content is a choice of dataclasses."""
    choices = _tagged_fields(kind)
    return tuple((item.name, _default_test(item), item.name in choices) for item in fields(kind))


def _default_test(item: Field[Any]) -> Callable[[Any], bool]:
    if item.default is not MISSING:
        default, its_type = item.default, type(item.default)
        return lambda value: type(value) is its_type and bool(value == default)
    if item.default_factory is not MISSING:
        made = item.default_factory()
        return lambda value: bool(value == made)
    return lambda value: False


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns={"Json": Any})  # Json names itself; any JSON will do here


@cache
def _tagged_fields(kind: type) -> frozenset[str]:
    return frozenset(name for name, hint in _hints(kind).items() if _has_choice(hint))


def _has_choice(hint: Any) -> bool:
    """Whether somewhere in the hint a dataclass stands beside another possibility."""
    if get_origin(hint) in (Union, types.UnionType) and not _is_only_choice(hint) and _members(hint):
        return True
    return any(_has_choice(part) for part in get_args(hint))


def _members(hint: Any) -> dict[str, type]:
    """The dataclasses that a hint may hold, by name, looked for through containers and unions."""
    if is_dataclass(hint) and isinstance(hint, type):
        return {hint.__name__: hint}
    found: dict[str, type] = {}
    for part in get_args(hint):
        found |= _members(part)
    return found


def _read(hint: Any, value: Json, path: str) -> Any:
    origin = get_origin(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_object(hint, value, path)
    if origin in (Union, types.UnionType):
        return _read_union(hint, value, path)
    if origin is tuple:
        return _read_tuple(get_args(hint), value, path)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise ValueError(f"{path}: an object belongs here, not {value!r:.60}")
        return {name: _read(get_args(hint)[1], part, f"{path}.{name}") for name, part in value.items()}
    if origin is frozenset:
        return frozenset(_read_tuple((*get_args(hint), Ellipsis), value, path))
    if origin is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{path}: one of {get_args(hint)} belongs here, not {value!r:.60}")
        return value
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    plain = getattr(hint, "__supertype__", hint)
    if plain in (str, int, bool, float):
        fits = isinstance(value, (int, float) if plain is float else plain)
        if not fits or (isinstance(value, bool) and plain is not bool):
            raise ValueError(f"{path}: {plain.__name__} belongs here, not {value!r:.60}")
    return value


def _read_object(kind: type, value: Json, path: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{path}: an object belongs here, not {value!r:.60}")
    known = _hints(kind)
    given = {name: part for name, part in value.items() if name != TAG}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise ValueError(f"{path}: unknown field {unknown[0]!r}")
    try:
        return kind(**{name: _read(known[name], part, f"{path}.{name}") for name, part in given.items()})
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error


def _read_union(hint: Any, value: Json, path: str) -> Any:
    if value is None and type(None) in get_args(hint):
        return None
    members = _members(hint)
    if isinstance(value, dict) and value.get(TAG) in members:
        return _read_object(members[str(value[TAG])], value, path)
    if isinstance(value, dict) and len(members) == 1 and _is_only_choice(hint):
        return _read_object(next(iter(members.values())), value, path)
    plain = [part for part in get_args(hint) if part is not type(None)]
    if len(plain) == 1:
        return _read(plain[0], value, path)
    return value


def _is_only_choice(hint: Any) -> bool:
    return len([part for part in get_args(hint) if part is not type(None)]) == 1


def _read_tuple(kinds: tuple[Any, ...], value: Json, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{path}: a list belongs here, not {value!r:.60}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], part, f"{path}[{index}]") for index, part in enumerate(value))
    if len(kinds) != len(value):
        raise ValueError(f"{path}: {len(kinds)} items belong here, not {len(value)}")
    return tuple(
        _read(kind, part, f"{path}[{index}]") for index, (kind, part) in enumerate(zip(kinds, value))
    )
