"""Plan: a graph made ready to run; values filled in, unneeded nodes dropped, order fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skyloom.core.graph import Graph, ModuleNode, PortRef
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
    wanted = graph.ancestors(set(selection)) if selection else {node.id for node in graph.nodes}
    modules = {node.id: node for node in graph.nodes if isinstance(node, ModuleNode)}
    order = tuple(node for node in graph.topological() if node in wanted and node in modules)
    before = graph.predecessors()
    return Plan(
        graph,
        order,
        {node: _values(graph, modules[node], resolved) for node in order},
        {edge.target: edge.source for edge in graph.edges if edge.target.node in wanted},
        {node: frozenset(before[node] & modules.keys()) for node in order},
    )


def _values(graph: Graph, node: ModuleNode, resolved: Mapping[str, Json]) -> dict[str, Json]:
    plain = {
        name: resolved[value.name] if isinstance(value, ParameterRef) else value
        for name, value in node.values.items()
    }
    return complete_values(graph.spec(node).parameters, plain)
