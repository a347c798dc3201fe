"""Foreign graph: a graph as it was read from a file, its modules first placeholders and then their twins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference, DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.experiment import DataNote, Foreign, ImportReport, NodeNote
from skyloom.core.graph import DataNode, Edge, Graph, ModuleNode, Node, PortRef
from skyloom.core.graph_edits import replace_node, with_used_modules
from skyloom.core.graph_file import Catalogue
from skyloom.core.graph_problems import close_name, is_placeholder
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import NodeId
from skyloom.core.module import InputPort, ModuleSpec, OutputPort, PlaceholderEntry
from skyloom.core.parameter import Parameter, ParameterRef, Value
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import spec_digest
from skyloom.studio.embedded_content import Embedded
from skyloom.studio.twin import Twin, twin_of, typed_value

Notes = Mapping[NodeId, tuple[str, ...]]


@dataclass(frozen=True)
class ForeignModule:
    """A module as a file tells of it. Values are text; of a port its name and, for outputs, its type."""

    id: NodeId
    module: str
    family: str
    name: str
    version: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    allow_reuse: bool = True

    def placeholder(self) -> tuple[ModuleNode, ModuleSpec]:
        """A node that keeps all of it and cannot be run."""
        spec = ModuleSpec(
            self.name,
            self.version or "unknown",
            "Unknown",
            PlaceholderEntry(self.module),
            tuple(InputPort(name, ("Any",), required=False) for name in self.inputs),
            tuple(OutputPort(name, type) for name, type in self.outputs),
            tuple(Parameter(name) for name in self.values),
            family=self.family,
        )
        node = ModuleNode(self.id, spec_digest(spec), dict(self.values), allow_reuse=self.allow_reuse)
        return node, spec


@dataclass(frozen=True)
class ForeignGraph:
    """What was read. ``raw`` has every module as a placeholder, ``graph`` the twins in their places."""

    graph: Graph
    view: GraphView
    foreign: Foreign | None = None
    raw: Graph = Graph()
    notes: Notes = field(default_factory=dict)
    graph_notes: tuple[str, ...] = ()
    embedded: Mapping[NodeId, Embedded] = field(default_factory=dict)  # content that stands in the file


def resolved(graph: Graph, catalogue: Catalogue) -> tuple[Graph, Notes]:
    """Twins in place of the placeholders that have one today, and what is left over of each.

    Links to ports that a twin lacks are dropped and told in the notes; placeholders without a twin stay.
    """
    twins = _twins(graph, catalogue)
    if not twins:
        return graph, {}
    notes = {node: list(twin.notes) for node, twin in twins.items()}
    nodes = tuple(_twin_node(node, twins.get(node.id)) for node in graph.nodes)
    edges = []
    for edge in graph.edges:
        now = Edge(
            _renamed(edge.source, twins, "outputs"), _renamed(edge.target, twins, "inputs"), edge.staging
        )
        if now.source.port and now.target.port:
            edges.append(now)
    modules = {**graph.modules, **{spec_digest(twin.spec): twin.spec for twin in twins.values()}}
    inputs = (
        replace(port, targets=tuple(ref for ref in _all_renamed(port.targets, twins) if ref.port))
        for port in graph.inputs
    )
    outputs = (replace(port, source=_renamed(port.source, twins, "outputs")) for port in graph.outputs)
    graph = replace(
        graph,
        nodes=nodes,
        edges=tuple(edges),
        modules=modules,
        inputs=tuple(port for port in inputs if port.targets),
        outputs=tuple(port for port in outputs if port.source.port),
    )
    graph = _typed_data(_typed_parameters(with_used_modules(graph)))
    return graph, {node: tuple(told) for node, told in notes.items()}


def bound(graph: Graph, datasets: Mapping[str, Dataset]) -> Graph:
    """Data nodes at these datasets; each is named by its id, its title or a part of either that is unique.

    Raises
    ------
    ProblemError
        G211: no data node, or several, have that name.
    """
    nodes = [node for node in graph.nodes if isinstance(node, DataNode)]
    faults = []
    for name, dataset in datasets.items():
        fitting = [node for node in nodes if name in (node.id, node.title)] or [
            node for node in nodes if name.casefold() in f"{node.id}\n{node.title}".casefold()
        ]
        if len(fitting) != 1:
            faults.append(_no_data_node(name, nodes, len(fitting)))
            continue
        data = DatasetVersion(dataset.name, dataset.version)
        graph = replace_node(graph, replace(fitting[0], data=data, type=dataset.artifact.type))
    if faults:
        raise ProblemError(faults)
    return graph


def with_content(graph: Graph, contents: Mapping[NodeId, Artifact]) -> Graph:
    """Data nodes at contents that were kept; those that are bound to a dataset stay so."""
    for name, artifact in contents.items():
        node = graph.node(name)
        if isinstance(node, DataNode):
            data = DataReference(ARTIFACT_STORE, artifact.digest)
            graph = replace_node(graph, replace(node, data=data, type=artifact.type))
    return graph


def import_report(read: ForeignGraph, is_known: Callable[[DatasetVersion], bool]) -> ImportReport:
    """What became of every node, and which data is still to be bound."""
    graph = read.graph
    modules, data = [], []
    for node in graph.nodes:
        if isinstance(node, ModuleNode):
            spec = graph.spec(node)
            has_twin = not is_placeholder(graph, node)
            notes = read.notes.get(node.id, ())
            modules.append(NodeNote(node.id, spec.name, spec.family, has_twin, notes))
        else:
            feeds = tuple(str(edge.target) for edge in graph.edges if edge.source.node == node.id)
            wanted = node.data if isinstance(node.data, DatasetVersion) else None
            name = wanted.name if wanted else ""
            data.append(DataNote(node.id, node.type, feeds, name, wanted is None or is_known(wanted)))
    format = read.foreign.format if read.foreign else "classic"
    return ImportReport(format, read.view.name, tuple(modules), tuple(data), read.graph_notes)


def _twins(graph: Graph, catalogue: Catalogue) -> dict[NodeId, Twin]:
    found = {}
    for node in graph.nodes:
        if isinstance(node, ModuleNode) and is_placeholder(graph, node):
            twin = twin_of(node, graph.spec(node), catalogue)
            if twin is not None:
                found[node.id] = twin
    return found


def _twin_node(node: Node, twin: Twin | None) -> Node:
    if twin is None or not isinstance(node, ModuleNode):
        return node
    return replace(node, module=spec_digest(twin.spec), values=dict(twin.values))


def _renamed(ref: PortRef, twins: Mapping[NodeId, Twin], side: str) -> PortRef:
    """The port under the twin's name; an empty name where it has none."""
    twin = twins.get(ref.node)
    if twin is None:
        return ref
    names = twin.inputs if side == "inputs" else twin.outputs
    return PortRef(ref.node, names.get(ref.port, ""))


def _all_renamed(refs: tuple[PortRef, ...], twins: Mapping[NodeId, Twin]) -> list[PortRef]:
    return [_renamed(ref, twins, "inputs") for ref in refs]


def _typed_parameters(graph: Graph) -> Graph:
    """Graph parameters of the type of the module parameters that they feed."""
    feeds: dict[str, list[Parameter]] = {}
    for node in graph.nodes:
        if isinstance(node, ModuleNode) and not is_placeholder(graph, node):
            for name, value in node.values.items():
                parameter = graph.spec(node).parameter(name)
                if isinstance(value, ParameterRef) and parameter is not None:
                    feeds.setdefault(value.name, []).append(parameter)
    parameters = []
    for parameter in graph.parameters:
        fed = feeds.get(parameter.name, [])
        if fed and parameter.type == "string" and all(one.type == fed[0].type for one in fed):
            default = parameter.default
            typed = typed_value(fed[0], default) if isinstance(default, str) else default
            parameter = replace(
                parameter,
                type=fed[0].type,
                default=typed,
                choices=parameter.choices or fed[0].choices,
                minimum=parameter.minimum if parameter.minimum is not None else fed[0].minimum,
                maximum=parameter.maximum if parameter.maximum is not None else fed[0].maximum,
            )
        parameters.append(parameter)
    return replace(graph, parameters=tuple(parameters))


def _typed_data(graph: Graph) -> Graph:
    """Data nodes that nothing is bound to, of the one type that every port they feed takes."""
    for node in graph.nodes:
        if isinstance(node, DataNode) and node.data == DatasetVersion(node.id):
            takes = {
                port.accepts
                for edge in graph.edges
                if edge.source.node == node.id and (port := _input_port(graph, edge.target)) is not None
            }
            if (
                len(takes) == 1
                and len(only := takes.pop()) == 1
                and only != ("Any",)
                and node.type not in only
            ):
                graph = replace_node(graph, replace(node, type=only[0]))
    return graph


def _input_port(graph: Graph, ref: PortRef) -> InputPort | None:
    node = graph.node(ref.node)
    return graph.spec(node).input(ref.port) if isinstance(node, ModuleNode) else None


def _no_data_node(name: str, nodes: list[DataNode], fitting: int) -> Problem:
    names = [str(node.id) for node in nodes]
    listed = f"The graph has: {', '.join(names)}." if names else "The graph has no data to bind."
    if fitting:
        return Problem(
            "G211", f"'{name}' fits {fitting} data nodes.", name, f"Write more of the id. {listed}"
        )
    return Problem("G211", f"'{name}' is no data node.", name, close_name(name, names) or listed)
