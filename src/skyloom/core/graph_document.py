"""The file form of a graph, written: the exact inverse of graph_file.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from skyloom.core.data_reference import DataReference, DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, ModuleNode, Node, PortRef
from skyloom.core.graph_file import REF, SCHEMA_VERSION, Catalogue
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json
from skyloom.core.module import ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter, ParameterRef, Value
from skyloom.core.serialize import to_json


def document_of(graph: Graph, view: GraphView, catalogue: Catalogue) -> dict[str, Json]:
    """The file form of a graph, in a fixed order of keys; the inverse of ``graph_from_document``."""
    labels = _labels(graph, catalogue)
    document: dict[str, Json] = {"schema_version": SCHEMA_VERSION}
    _put(document, "name", view.name)
    _put(document, "summary", view.summary)
    _put(document, "parameters", {p.name: _parameter_body(p) for p in graph.parameters})
    _put(document, "modules", {label: to_json(spec) for spec, label in labels.inline})
    document["nodes"] = {node.id: _node_body(graph, view, node, labels) for node in graph.nodes}
    _put(document, "inputs", {port.name: _input_body(port) for port in graph.inputs})
    _put(document, "outputs", {port.name: _written(graph, port.source) for port in graph.outputs})
    return document


@dataclass
class _Labels:
    """What each module definition is called in the file, and its own outputs."""

    by_digest: dict[str, tuple[str, str | None, tuple[OutputPort, ...]]] = field(default_factory=dict)
    inline: list[tuple[ModuleSpec, str]] = field(default_factory=list)


def _labels(graph: Graph, catalogue: Catalogue) -> _Labels:
    labels = _Labels()
    for digest, spec in graph.modules.items():
        newest, exact = catalogue.find(spec.name), catalogue.find(spec.name, spec.version)
        if exact is not None and spec.outputs[: len(exact.outputs)] == exact.outputs:
            further = spec.outputs[len(exact.outputs) :]
            if exact.with_outputs(further) == spec and (exact.further_outputs or not further):
                labels.by_digest[digest] = (spec.name, None if newest == exact else spec.version, further)
                continue
        label = spec.name
        taken = {used for _, used in labels.inline} | set(catalogue.names())
        number = 2
        while label in taken:
            label, number = f"{spec.name} #{number}", number + 1
        labels.inline.append((spec, label))
        labels.by_digest[digest] = (label, None, ())
    return labels


def _put(body: dict[str, Json], key: str, value: Json) -> None:
    if value not in (None, "", [], {}):
        body[key] = value


def _parameter_body(parameter: Parameter) -> Json:
    body = to_json(parameter)
    assert isinstance(body, dict)
    return {
        "type": parameter.type,
        **{key: part for key, part in body.items() if key not in ("name", "type")},
    }


def _node_body(graph: Graph, view: GraphView, node: Node, labels: _Labels) -> dict[str, Json]:
    body: dict[str, Json] = {}
    if isinstance(node, DataNode):
        _put_data(body, node)
    else:
        _put_module(body, graph, node, labels)
    _put(body, "comment", view.comments.get(node.id))
    place = view.positions.get(node.id)
    if place is not None:
        body["position"] = [place.x, place.y]
    return body


def _put_data(body: dict[str, Json], node: DataNode) -> None:
    match node.data:
        case DatasetVersion(name, 0):
            body["dataset"] = name
        case DatasetVersion(name, version):
            body["dataset"] = {"name": name, "version": version}
        case DataReference(datastore, path):
            body["reference"] = {"datastore": datastore, "path": path}
    if node.type != "Dataset":
        body["type"] = node.type
    _put(body, "title", node.title)


def _put_module(body: dict[str, Json], graph: Graph, node: ModuleNode, labels: _Labels) -> None:
    label, version, further = labels.by_digest[node.module]
    body["module"] = label
    _put(body, "version", version)
    _put(body, "title", node.title)
    _put(body, "parameters", {name: _value_body(value) for name, value in node.values.items()})
    _put(
        body, "inputs", {e.target.port: _link_body(graph, e) for e in graph.edges if e.target.node == node.id}
    )
    _put(body, "outputs", {port.name: port.type for port in further})
    _put(body, "after", [before for before, then in graph.order if then == node.id])
    _put(body, "compute", node.compute)
    _put(body, "environment", node.environment)
    if not node.allow_reuse:
        body["reuse"] = False
    if node.is_disabled:
        body["disabled"] = True


def _value_body(value: Value) -> Json:
    return {REF: value.name} if isinstance(value, ParameterRef) else value


def _link_body(graph: Graph, edge: Edge) -> Json:
    text = _written(graph, edge.source)
    staging = to_json(edge.staging)
    assert isinstance(staging, dict)
    return {"from": text, **staging} if staging else text


def _written(graph: Graph, ref: PortRef) -> str:
    """``node`` where the first output is meant, else ``node.port``."""
    node = graph.node(ref.node)
    outputs = graph.spec(node).outputs if isinstance(node, ModuleNode) else ()
    first = outputs[0].name if outputs else "data"
    return str(ref.node) if ref.port == first else str(ref)


def _input_body(port: GraphInput) -> Json:
    targets: list[Json] = [str(ref) for ref in port.targets]
    return {"targets": targets} if port.type == "Dataset" else {"targets": targets, "type": port.type}
