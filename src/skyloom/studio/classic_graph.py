"""Classic graph: the JSON that Export-AmlExperimentGraph writes, read into a graph (studio.md 5)."""

from __future__ import annotations

import re

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, GraphOutput, Node, PortRef
from skyloom.core.graph_view import GraphView, Position
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter, ParameterRef, Value
from skyloom.core.serialize import spec_digest
from skyloom.studio.classic_positions import read_positions
from skyloom.studio.foreign_graph import ForeignGraph, ForeignModule
from skyloom.studio.foreign_json import Fields, parse_foreign

UNTITLED = "Imported experiment"
# the id of what an input port is fed with, and the type of that
ASSETS = (("DataSourceId", "Dataset"), ("TrainedModelId", "ILearner"), ("TransformModuleId", "ITransform"))
OUTPUT_TYPES = {"TrainedModel": "ILearner", "Transform": "ITransform"}
_NO_UPDATES = ("DisableNodesUpdate", "DisableNodeUpdate")  # the reply's word, and that of what is sent
_FAMILY = re.compile(r"[0-9a-f]{32}")


def graph_fields(top: Fields) -> Fields:
    """The graph in the reply itself, in the payload of an import, or alone."""
    for name in ("Graph", "ExperimentGraph"):
        if name in top:
            return top.fields(name)
    return top


def is_classic(top: Fields) -> bool:
    return "ModuleNodes" in graph_fields(top)


def read_classic(top: Fields) -> ForeignGraph:
    """The graph with every module as a placeholder; twins come later (foreign_graph.py).

    NodeStatuses and all else that does not say what runs is left to the file that is kept beside.
    """
    graph, service = graph_fields(top), top.fields("WebService")
    notes: list[str] = []
    bodies = _distinct(graph.items("ModuleNodes"), notes)
    made = [read_module(body).placeholder() for body in bodies.values()]
    specs: dict[NodeId, ModuleSpec] = {node.id: spec for node, spec in made}
    data, data_edges = _assets(bodies)
    linked = _edges(graph, specs, notes)
    taken = {edge.target for edge in linked}
    edges = (*linked, *(edge for edge in data_edges if edge.target not in taken))
    nodes: tuple[Node, ...] = (*data.values(), *(node for node, _ in made))
    raw = Graph(
        nodes,
        edges,
        {spec_digest(spec): spec for spec in specs.values()},
        _parameters(graph, service, nodes),
        _inputs(graph, service, specs, notes),
        _outputs(graph, service, specs, notes),
    )
    return ForeignGraph(raw, _view(top, graph, bodies, nodes), raw=raw, graph_notes=tuple(notes))


def disables_updates(text: str) -> bool:
    """Whether an exported experiment says that its modules stay in the version they have."""
    top = Fields(parse_foreign(text))
    return any(holder.flag(name) for holder in (top, graph_fields(top)) for name in _NO_UPDATES)


def read_module(body: Fields) -> ForeignModule:
    """One of ``ModuleNodes``: workspace, family and batch of its id, its ports and its values."""
    module = body.text("ModuleId")
    parts = module.split(".")
    family = parts[1] if len(parts) > 1 else parts[0]
    family = family.lower().replace("-", "")
    return ForeignModule(
        NodeId(body.text("Id")),
        module,
        family if _FAMILY.fullmatch(family) else "",
        module,
        parts[2] if len(parts) > 2 else "",
        {parameter.text("Name"): _value(parameter) for parameter in body.items("ModuleParameters")},
        tuple(dict.fromkeys(port.text("Name") for port in body.items("InputPortsInternal"))),
        tuple(
            {
                port.text("Name"): OUTPUT_TYPES.get(port.text("OutputType"), "Any")
                for port in body.items("OutputPortsInternal")
            }.items()
        ),
        allow_reuse=body.flag("UsePreviousResults", True),
    )


def split_port(text: str) -> PortRef:
    """``<node>:<port>``, split at the first colon."""
    node, _, port = text.partition(":")
    return PortRef(NodeId(node), port)


def _value(parameter: Fields) -> Value:
    linked = parameter.text("LinkedGlobalParameter")
    if linked:
        return ParameterRef(linked)
    value = parameter.get("Value")
    if parameter.text("ValueType") == "GraphParameterName" and isinstance(value, str):
        return ParameterRef(value)
    return value


def _distinct(bodies: list[Fields], notes: list[str]) -> dict[str, Fields]:
    found: dict[str, Fields] = {}
    for body in bodies:
        name = body.text("Id")
        if not name or name in found:
            notes.append(f"a module node {'repeats the id ' + repr(name) if name else 'has no id'}")
            continue
        found[name] = body
    return found


def _assets(bodies: dict[str, Fields]) -> tuple[dict[str, DataNode], list[Edge]]:
    """Datasets, models and transforms are no nodes in the file; one id is one node, however many it feeds."""
    data: dict[str, DataNode] = {}
    edges = []
    for node, body in bodies.items():
        for port in body.items("InputPortsInternal"):
            for key, type in ASSETS:
                asset = port.text(key)
                if asset and asset not in bodies:
                    data.setdefault(asset, DataNode(NodeId(asset), DatasetVersion(asset), type))
                    edges.append(
                        Edge(PortRef(NodeId(asset), "data"), PortRef(NodeId(node), port.text("Name")))
                    )
                    break
    return data, edges


def _edges(graph: Fields, specs: dict[NodeId, ModuleSpec], notes: list[str]) -> tuple[Edge, ...]:
    found: dict[PortRef, Edge] = {}
    for body in graph.items("EdgesInternal"):
        source = split_port(body.text("SourceOutputPortId"))
        target = split_port(body.text("DestinationInputPortId"))
        lost = next((ref.node for ref in (source, target) if ref.node not in specs), None)
        if lost is not None:
            notes.append(f"a link names the node '{lost}', which is not there")
        elif target in found:
            notes.append(f"several links enter '{target}'; the first is taken")
        else:
            found[target] = Edge(source, target)
    return tuple(found.values())


def _inputs(
    graph: Fields, service: Fields, specs: dict[NodeId, ModuleSpec], notes: list[str]
) -> tuple[GraphInput, ...]:
    ports: dict[str, list[PortRef]] = {}
    for name, ref in _service_ports(service.items("Inputs"), graph, "InputPortsForPublish", "input"):
        if ref.node in specs:
            ports.setdefault(name, []).append(ref)
        else:
            notes.append(f"the web service input '{name}' leads to '{ref}', which is not there")
    return tuple(GraphInput(name, tuple(dict.fromkeys(refs))) for name, refs in ports.items())


def _outputs(
    graph: Fields, service: Fields, specs: dict[NodeId, ModuleSpec], notes: list[str]
) -> tuple[GraphOutput, ...]:
    ports: dict[str, GraphOutput] = {}
    for name, ref in _service_ports(service.items("Outputs"), graph, "OutputPortsForPublish", "output"):
        if ref.node not in specs:
            notes.append(f"the web service output '{name}' comes from '{ref}', which is not there")
        elif name in ports:
            notes.append(f"several web service outputs are called '{name}'; the first is taken")
        else:
            ports[name] = GraphOutput(name, ref)
    return tuple(ports.values())


def _service_ports(bodies: list[Fields], graph: Fields, old: str, word: str) -> list[tuple[str, PortRef]]:
    """Ports of the web service; the old form has no names, so they are numbered."""
    if bodies:
        return [
            (body.text("Name") or f"{word}{number}", split_port(body.text("PortId")))
            for number, body in enumerate(bodies, start=1)
        ]
    listed = graph.fields("PublishInfo").texts(old)
    return [(f"{word}{number}", split_port(text)) for number, text in enumerate(listed, start=1)]


def _parameters(graph: Fields, service: Fields, nodes: tuple[Node, ...]) -> tuple[Parameter, ...]:
    """Global parameters; one that is linked and not described takes part with no default."""
    found: dict[str, Parameter] = {}
    for body in (*service.items("Parameters"), *graph.items("Parameters")):
        name = body.text("Name")
        if name and name not in found:
            found[name] = _parameter(name, body)
    for node in nodes:
        for value in getattr(node, "values", {}).values():
            if isinstance(value, ParameterRef):
                found.setdefault(value.name, Parameter(value.name, required=True))
    return tuple(found.values())


def _parameter(name: str, body: Fields) -> Parameter:
    definition = body.fields("ParameterDefinition")
    has_default = definition.flag("HasDefaultValue") or definition.get("DefaultValue") is not None
    value: Json = body.get("Value")
    if value is None:
        value = definition.get("DefaultValue")
    rules = next(iter(definition.items("ParameterRules")), Fields(None))
    return Parameter(
        name,
        "string",  # its real type is that of what it feeds
        value,
        required=not has_default and not definition.flag("IsOptional"),
        minimum=_number(rules.get("Min")),
        maximum=_number(rules.get("Max")),
        label=definition.text("FriendlyName"),
        doc=definition.text("Description"),
    )


def _number(value: Json) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    except ValueError:
        return None


def _view(top: Fields, graph: Fields, bodies: dict[str, Fields], nodes: tuple[Node, ...]) -> GraphView:
    places: dict[str, Position] = read_positions(graph.text("SerializedClientData"))
    comments = {NodeId(name): body.text("Comment") for name, body in bodies.items() if body.text("Comment")}
    return GraphView(
        top.text("Description").strip() or UNTITLED,
        top.text("Summary"),
        {node.id: places[node.id] for node in nodes if node.id in places},
        comments,
    )
