"""Graph files: the form of a graph that people read, diff and write by hand (docs/graph-files.md).

Ports, parameters and modules go by their names. graph_document.py writes what this file reads, exactly;
reading YAML or JSON text is the caller's part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from skyloom.core.data_reference import DataReference, DatasetVersion
from skyloom.core.data_type import BUILT_IN_TYPES
from skyloom.core.graph import (
    DataNode,
    Edge,
    Graph,
    GraphInput,
    GraphOutput,
    ModuleNode,
    Node,
    PortRef,
    Staging,
)
from skyloom.core.graph_problems import close_name
from skyloom.core.graph_view import GraphView, Position
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter, ParameterRef, Value
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json, spec_digest

SCHEMA_VERSION = 1
REF = "$parameter"

_TOP = ("schema_version", "name", "summary", "parameters", "modules", "nodes", "inputs", "outputs")
_DATA_KEYS = ("dataset", "reference", "type", "title", "comment", "position")
_MODULE_KEYS = (
    "module",
    "version",
    "title",
    "parameters",
    "inputs",
    "outputs",
    "after",
    "compute",
    "environment",
    "reuse",
    "disabled",
    "comment",
    "position",
)


class Catalogue(Protocol):
    """Where module names lead to definitions."""

    def find(self, name: str, version: str | None = None) -> ModuleSpec | None: ...

    def names(self) -> list[str]: ...


@dataclass
class _Reader:
    """Gathers every fault while it reads, so that all are told at once."""

    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)

    def fault(self, code: str, message: str, where: str, fix: str) -> None:
        self.problems.append(Problem(code, message, where, fix))

    def mapping(self, value: Json, where: str, what: str) -> dict[str, Json]:
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.fault(
            "G017", f"{what} must be a mapping, not {_name_of(value)}.", where, "Write 'name: value' lines."
        )
        return {}

    def text(self, value: Json, where: str, default: str = "") -> str:
        if value is None:
            return default
        if isinstance(value, str):
            return value
        self.fault(
            "G017", f"Text belongs here, not {_name_of(value)} ({value!r:.40}).", where, "Put it in quotes."
        )
        return default

    def keys(self, value: Mapping[str, Json], known: tuple[str, ...], where: str) -> None:
        for key in value:
            if key not in known:
                self.fault(
                    "G012",
                    f"'{key}' is not a key of {where}.",
                    f"{where}.{key}",
                    close_name(str(key), known) or f"It may have: {', '.join(known)}.",
                )


def graph_from_document(document: Json, catalogue: Catalogue) -> tuple[Graph, GraphView]:
    """Read the parsed text of a graph file.

    Raises
    ------
    ProblemError
        G008 unknown module, G012 unknown key, G016 schema version, G017 wrong shape, G018 inline module,
        G020 node id, G022 unknown data type; all that were found.
    """
    read = _Reader(catalogue)
    top = read.mapping(document, "graph", "A graph file")
    read.keys(top, _TOP, "graph")
    if top.get("schema_version") != SCHEMA_VERSION:
        read.fault(
            "G016",
            f"schema_version is {top.get('schema_version')!r}; this Skyloom reads {SCHEMA_VERSION}.",
            "schema_version",
            f"Write 'schema_version: {SCHEMA_VERSION}' on the first line.",
        )
    inline = _inline_modules(read, top)
    bodies = {
        NodeId(str(name)): read.mapping(body, f"nodes.{name}", f"The node '{name}'")
        for name, body in read.mapping(top.get("nodes"), "nodes", "'nodes'").items()
    }
    nodes: list[Node] = []
    modules: dict[NodeId, ModuleSpec] = {}
    for name, body in bodies.items():
        if not name.strip():
            read.fault("G020", "A node has an empty id.", "nodes", "Give it a name.")
        if "module" in body:
            spec = _spec(read, name, body, inline)
            if spec is not None:
                modules[name] = spec
                nodes.append(_module_node(read, name, body, spec))
        else:
            nodes.append(_data_node(read, name, body))
    edges, order = _links(read, bodies, modules)
    graph = Graph(
        tuple(nodes),
        tuple(edges),
        {spec_digest(spec): spec for spec in modules.values()},
        _parameters(read, top),
        _inputs(read, top, bodies),
        _outputs(read, top, bodies, modules),
        tuple(order),
    )
    view = _view(read, top, bodies)
    if read.problems:
        raise ProblemError(read.problems)
    return graph, view


def _name_of(value: Json) -> str:
    names = {
        list: "a list",
        dict: "a mapping",
        str: "text",
        bool: "true/false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "nothing" if value is None else type(value).__name__)


def _inline_modules(read: _Reader, top: Mapping[str, Json]) -> dict[str, ModuleSpec]:
    found = {}
    for label, body in read.mapping(top.get("modules"), "modules", "'modules'").items():
        try:
            found[label] = from_json(ModuleSpec, body, f"modules.{label}")
        except ValueError as error:
            read.fault(
                "G018",
                f"The module definition does not read: {error}.",
                f"modules.{label}",
                "Mend that part.",
            )
    return found


def _spec(
    read: _Reader, name: NodeId, body: Mapping[str, Json], inline: Mapping[str, ModuleSpec]
) -> ModuleSpec | None:
    label = read.text(body.get("module"), f"{name}.module")
    version = read.text(body.get("version"), f"{name}.version") or None
    spec = inline.get(label) or read.catalogue.find(label, version)
    if spec is None:
        known = [*inline, *read.catalogue.names()]
        wanted = f"'{label}' version {version}" if version else f"'{label}'"
        read.fault(
            "G008",
            f"There is no module {wanted}.",
            f"{name}.module",
            close_name(label, known) or "'skyloom module list' shows all modules.",
        )
        return None
    return spec.with_outputs(_further_outputs(read, name, body, spec))


def _further_outputs(
    read: _Reader, name: NodeId, body: Mapping[str, Json], spec: ModuleSpec
) -> tuple[OutputPort, ...]:
    wanted = read.mapping(body.get("outputs"), f"{name}.outputs", "'outputs'")
    if wanted and not spec.further_outputs:
        read.fault(
            "G012",
            f"{spec.name} has fixed outputs.",
            f"{name}.outputs",
            "Only script modules may declare more.",
        )
        return ()
    ports = []
    for port, kind in wanted.items():
        text = read.text(kind, f"{name}.outputs.{port}", "Dataset")
        if text not in BUILT_IN_TYPES:
            read.fault(
                "G022",
                f"There is no data type '{text}'.",
                f"{name}.outputs.{port}",
                close_name(text, list(BUILT_IN_TYPES)) or f"Use one of: {', '.join(BUILT_IN_TYPES)}.",
            )
        if spec.output(port) is not None:
            read.fault(
                "G021",
                f"{spec.name} already has an output '{port}'.",
                f"{name}.outputs.{port}",
                "Choose another name.",
            )
            continue
        ports.append(OutputPort(port, text))
    return tuple(ports)


def _module_node(read: _Reader, name: NodeId, body: Mapping[str, Json], spec: ModuleSpec) -> ModuleNode:
    read.keys(body, _MODULE_KEYS, f"nodes.{name}")
    values = read.mapping(body.get("parameters"), f"{name}.parameters", "'parameters'")
    flags = {"reuse": body.get("reuse", True), "disabled": body.get("disabled", False)}
    for key, flag in flags.items():
        if not isinstance(flag, bool):
            what = f"'{key}' is true or false, not {flag!r}."
            read.fault("G017", what, f"{name}.{key}", "Write true or false.")
    return ModuleNode(
        name,
        spec_digest(spec),
        {key: _value(value) for key, value in values.items()},
        read.text(body.get("title"), f"{name}.title"),
        read.text(body.get("compute"), f"{name}.compute") or None,
        read.text(body.get("environment"), f"{name}.environment") or None,
        flags["reuse"] is not False,
        flags["disabled"] is True,
    )


def _value(value: Json) -> Value:
    if isinstance(value, dict) and set(value) == {REF}:
        return ParameterRef(str(value[REF]))
    return value


def _data_node(read: _Reader, name: NodeId, body: Mapping[str, Json]) -> DataNode:
    read.keys(body, _DATA_KEYS, f"nodes.{name}")
    kind = read.text(body.get("type"), f"{name}.type", "Dataset")
    if kind not in BUILT_IN_TYPES:
        read.fault(
            "G022",
            f"There is no data type '{kind}'.",
            f"{name}.type",
            close_name(kind, list(BUILT_IN_TYPES)) or f"Use one of: {', '.join(BUILT_IN_TYPES)}.",
        )
    return DataNode(name, _data(read, name, body), kind, read.text(body.get("title"), f"{name}.title"))


def _data(read: _Reader, name: NodeId, body: Mapping[str, Json]) -> DataReference | DatasetVersion:
    if "reference" in body:
        place = read.mapping(body["reference"], f"{name}.reference", "'reference'")
        read.keys(place, ("datastore", "path"), f"{name}.reference")
        return DataReference(
            read.text(place.get("datastore"), f"{name}.reference.datastore"),
            read.text(place.get("path"), f"{name}.reference.path"),
        )
    dataset = body.get("dataset")
    if isinstance(dataset, dict):
        read.keys(dataset, ("name", "version"), f"{name}.dataset")
        version = dataset.get("version", 0)
        if not isinstance(version, int) or isinstance(version, bool) or version < 0:
            read.fault(
                "G017",
                f"A version is a number, not {version!r}.",
                f"{name}.dataset.version",
                "Write 1, 2, ...",
            )
            version = 0
        return DatasetVersion(read.text(dataset.get("name"), f"{name}.dataset.name"), version)
    text = read.text(dataset, f"{name}.dataset")
    if not text:
        read.fault(
            "G017",
            f"The node '{name}' is neither a module nor data.",
            f"nodes.{name}",
            "Give it 'module: NAME', 'dataset: NAME' or 'reference: {datastore: ..., path: ...}'.",
        )
    return DatasetVersion(text)


def _links(
    read: _Reader, bodies: Mapping[NodeId, Mapping[str, Json]], modules: Mapping[NodeId, ModuleSpec]
) -> tuple[list[Edge], list[tuple[NodeId, NodeId]]]:
    edges, order = [], []
    for name, body in bodies.items():
        if "module" not in body:
            continue
        for port, source in read.mapping(body.get("inputs"), f"{name}.inputs", "'inputs'").items():
            where = f"{name}.inputs.{port}"
            for one in source if isinstance(source, list) else [source]:
                text, staging = _source(read, one, where)
                if text:
                    edges.append(Edge(_port_ref(text, bodies, modules), PortRef(name, port), staging))
        after = body.get("after") or []
        for before in after if isinstance(after, list) else [after]:
            order.append((NodeId(read.text(before, f"{name}.after")), name))
    return edges, order


def _source(read: _Reader, source: Json, where: str) -> tuple[str, Staging]:
    if isinstance(source, dict):
        read.keys(source, ("from", "mode", "path_on_compute", "overwrite"), where)
        try:
            staging = from_json(Staging, {key: part for key, part in source.items() if key != "from"}, where)
        except ValueError as error:
            read.fault(
                "G017", f"The link does not read: {error}.", where, "Use mode mount, download or direct."
            )
            staging = Staging()
        return read.text(source.get("from"), where), staging
    return read.text(source, where), Staging()


def _port_ref(
    text: str, bodies: Mapping[NodeId, Mapping[str, Json]], modules: Mapping[NodeId, ModuleSpec]
) -> PortRef:
    """``node`` (its first output) or ``node.port``; ids may hold dots, so the longest id that fits wins."""
    if text in bodies:
        spec = modules.get(NodeId(text))
        return PortRef(NodeId(text), spec.outputs[0].name if spec and spec.outputs else "data")
    dots = [place for place, letter in enumerate(text) if letter == "."]
    for dot in reversed(dots):
        if text[:dot] in bodies:
            return PortRef(NodeId(text[:dot]), text[dot + 1 :])
    name, _, port = text.partition(".")
    return PortRef(NodeId(name), port or "data")


def _parameters(read: _Reader, top: Mapping[str, Json]) -> tuple[Parameter, ...]:
    found = []
    for name, body in read.mapping(top.get("parameters"), "parameters", "'parameters'").items():
        fields: dict[str, Json] = (
            body if isinstance(body, dict) else {"type": _type_of(body), "default": body}
        )
        try:
            found.append(from_json(Parameter, {"name": name, **fields}, f"parameters.{name}"))
        except ValueError as error:
            read.fault(
                "G017",
                f"The parameter does not read: {error}.",
                f"parameters.{name}",
                "Give type and default.",
            )
    return tuple(found)


def _type_of(default: Json) -> str:
    names: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "string"}
    return names.get(type(default), "json")


def _inputs(
    read: _Reader, top: Mapping[str, Json], bodies: Mapping[NodeId, Mapping[str, Json]]
) -> tuple[GraphInput, ...]:
    found = []
    for name, value in read.mapping(top.get("inputs"), "inputs", "'inputs'").items():
        body: dict[str, Json] = value if isinstance(value, dict) else {"targets": value}
        read.keys(body, ("targets", "type"), f"inputs.{name}")
        targets = body.get("targets")
        texts = targets if isinstance(targets, list) else [targets]
        refs = tuple(_port_ref(read.text(text, f"inputs.{name}"), bodies, {}) for text in texts)
        found.append(GraphInput(name, refs, read.text(body.get("type"), f"inputs.{name}.type", "Dataset")))
    return tuple(found)


def _outputs(
    read: _Reader,
    top: Mapping[str, Json],
    bodies: Mapping[NodeId, Mapping[str, Json]],
    modules: Mapping[NodeId, ModuleSpec],
) -> tuple[GraphOutput, ...]:
    return tuple(
        GraphOutput(name, _port_ref(read.text(source, f"outputs.{name}"), bodies, modules))
        for name, source in read.mapping(top.get("outputs"), "outputs", "'outputs'").items()
    )


def _view(read: _Reader, top: Mapping[str, Json], bodies: Mapping[NodeId, Mapping[str, Json]]) -> GraphView:
    positions = {}
    for name, body in bodies.items():
        place = body.get("position")
        if place is None:
            continue
        match place:
            case [int() | float() as x, int() | float() as y]:
                positions[name] = Position(x, y)
            case _:
                read.fault("G017", "A position is [x, y].", f"{name}.position", "Write two numbers.")
    comments = {
        name: read.text(body["comment"], f"{name}.comment")
        for name, body in bodies.items()
        if body.get("comment")
    }
    return GraphView(
        read.text(top.get("name"), "name"), read.text(top.get("summary"), "summary"), positions, comments
    )
