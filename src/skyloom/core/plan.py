"""Plan: a graph made ready to run; values filled in, unneeded nodes dropped, order fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from skyloom.core.data_reference import PARAMETER_STORE, DataReference
from skyloom.core.data_value import place_of
from skyloom.core.generation import GENERATION, is_generation
from skyloom.core.graph import DataNode, Graph, ModuleNode, Node, PortRef
from skyloom.core.identity import Json, NodeId
from skyloom.core.parameter import ParameterRef, complete_values


@dataclass(frozen=True)
class Plan:
    """What a run will carry out. Data nodes are sources, not steps."""

    graph: Graph
    order: tuple[NodeId, ...]  # module nodes, every one behind all it depends on
    values: Mapping[NodeId, Mapping[str, Json]]  # complete, references resolved
    sources: Mapping[PortRef, PortRef]  # input port -> output port that feeds it
    before: Mapping[NodeId, frozenset[NodeId]]  # module nodes that must complete first
    parameters: Mapping[str, Json] = field(default_factory=dict)  # of the graph, with their values
    disabled: frozenset[NodeId] = frozenset()  # of ``order``, what is skipped

    def after(self, node: NodeId) -> set[NodeId]:
        """Every node that depends on this one, near or far."""
        found: set[NodeId] = set()
        for candidate in self.order:
            if self.before[candidate] & (found | {node}):
                found.add(candidate)
        return found


def plan_run(graph: Graph, given: Mapping[str, Json], selection: tuple[NodeId, ...] = ()) -> Plan:
    """Fill values, keep the selection and its ancestors, fix the order.

    The graph has no problems (graph_problems.py) when this is called.
    """
    defaults = {parameter.name: parameter.default for parameter in graph.parameters}
    resolved = {**defaults, **given}
    graph = _with_places(graph, resolved)
    wanted = graph.ancestors(set(selection)) if selection else {node.id for node in graph.nodes}
    modules = {node.id: node for node in graph.nodes if isinstance(node, ModuleNode)}
    order = tuple(node for node in graph.topological() if node in wanted and node in modules)
    before = graph.predecessors()
    return Plan(
        graph,
        order,
        {node: node_values(graph, modules[node], resolved) for node in order},
        {edge.target: edge.source for edge in graph.edges if edge.target.node in wanted},
        {node: frozenset(before[node] & modules.keys()) for node in order},
        resolved,
        frozenset(graph.disabled().intersection(order)),
    )


def _with_places(graph: Graph, resolved: Mapping[str, Json]) -> Graph:
    """Places that are a parameter's value, put in their nodes; submission has checked them."""
    if not any(map(_is_asked, graph.nodes)):
        return graph
    nodes = tuple(
        replace(node, data=place_of(resolved.get(node.data.path)) or node.data)
        if isinstance(node, DataNode) and isinstance(node.data, DataReference) and _is_asked(node)
        else node
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes)


def _is_asked(node: Node) -> bool:
    data = node.data if isinstance(node, DataNode) else None
    return isinstance(data, DataReference) and data.datastore == PARAMETER_STORE


def node_values(graph: Graph, node: ModuleNode, resolved: Mapping[str, Json]) -> dict[str, Json]:
    """Complete values of a node; ``resolved`` are those of the graph's parameters."""
    plain = {
        name: resolved.get(value.name) if isinstance(value, ParameterRef) else value
        for name, value in node.values.items()
    }
    parameters = graph.spec(node).parameters
    if GENERATION.name in resolved and any(map(is_generation, parameters)):
        plain.setdefault(GENERATION.name, resolved[GENERATION.name])  # one setting for the whole graph
    return complete_values(parameters, plain)
