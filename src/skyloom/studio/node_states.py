"""Node states: which earlier results still hold for the nodes of a version (studio.md 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from skyloom.core.experiment import Experiment, ExperimentId, NodeStatus
from skyloom.core.graph import DataNode, Graph, ModuleNode, Node
from skyloom.core.identity import Json, NodeId, RunId
from skyloom.core.plan import node_values
from skyloom.core.run import Run
from skyloom.core.state import State

FindVersion = Callable[[ExperimentId], Experiment | None]
FindRun = Callable[[RunId], Run | None]


@dataclass(frozen=True)
class NodeStates:
    """Looks up what became of the nodes of a version, in its own run and in those of its parents."""

    find_version: FindVersion
    find_run: FindRun

    def of(self, version: Experiment) -> dict[NodeId, NodeStatus]:
        """Every module node, in the order of the graph."""
        found = self._found(version)
        modules = (node.id for node in version.graph.nodes if isinstance(node, ModuleNode))
        return {node: found.get(node, NodeStatus(node, State.CREATED.value)) for node in modules}

    def _found(self, version: Experiment) -> dict[NodeId, NodeStatus]:
        """A run says nothing about nodes that were not selected for it; for those its parent speaks."""
        run = self.find_run(version.run) if version.run else None
        found = {} if run is None else _of_run(version, run)
        open_nodes = {node.id for node in version.graph.nodes if isinstance(node, ModuleNode)} - found.keys()
        parent = self.find_version(version.parent) if version.parent and open_nodes else None
        if parent is None:
            return found
        parent_run = self.find_run(parent.run) if parent.run else None
        dirty = dirty_nodes(parent.graph, version.graph, parent_run.values if parent_run else {})
        inherited = self._found(parent)
        kept = {node: inherited[node] for node in open_nodes - dirty if node in inherited}
        return {**kept, **found}


def dirty_nodes(before: Graph, now: Graph, given: Mapping[str, Json]) -> set[NodeId]:
    """Nodes that differ from the run graph, and everything downstream of them.

    A node differs by its definition, a value on an active branch, an input, or where it runs. Titles,
    comments and positions do not count. ``given`` are the values of graph parameters of that run.
    """
    old = {node.id: node for node in before.nodes}
    dirty = {node.id for node in now.nodes if _differs(before, now, old.get(node.id), node, given)}
    after: dict[NodeId, list[NodeId]] = {}  # a draft may have loops and loose ends, so this is walked by hand
    for first, then in (*((edge.source.node, edge.target.node) for edge in now.edges), *now.order):
        after.setdefault(first, []).append(then)
    waiting = list(dirty)
    while waiting:
        for node in after.get(waiting.pop(), ()):
            if node not in dirty:
                dirty.add(node)
                waiting.append(node)
    return dirty


def _differs(before: Graph, now: Graph, old: Node | None, node: Node, given: Mapping[str, Json]) -> bool:
    match old, node:
        case DataNode(), DataNode():
            return old.data != node.data
        case ModuleNode(), ModuleNode():
            return (
                _setting(old) != _setting(node)
                or _values(before, old, given) != _values(now, node, {})
                or _links(before, node.id) != _links(now, node.id)
            )
        case _:
            return True


def _setting(node: ModuleNode) -> tuple[object, ...]:
    return node.module, node.environment, node.compute, node.is_disabled


def _values(graph: Graph, node: ModuleNode, given: Mapping[str, Json]) -> dict[str, Json]:
    defaults = {parameter.name: parameter.default for parameter in graph.parameters}
    return node_values(graph, node, {**defaults, **given})


def _links(graph: Graph, node: NodeId) -> set[tuple[str, str]]:
    return {(edge.target.port, str(edge.source)) for edge in graph.edges if edge.target.node == node}


def _of_run(version: Experiment, run: Run) -> dict[NodeId, NodeStatus]:
    return {
        node.node: NodeStatus(
            node.node,
            node.state.value,
            version.id if node.state is State.COMPLETED else None,
            node if node.state is not State.CREATED else None,
        )
        for node in run.nodes
    }
