"""Graph: modules and data joined by edges. Both faces compile to it; nothing in it knows which one did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from typing import Literal

from skyloom.core.data_reference import DataReference, DatasetVersion
from skyloom.core.identity import Digest, NodeId
from skyloom.core.module import CommandEntry, ModuleSpec
from skyloom.core.parameter import Parameter, Value


@dataclass(frozen=True)
class ModuleNode:
    """A box on the canvas, a step of a pipeline."""

    id: NodeId
    module: Digest  # of its ModuleSpec, found in Graph.modules
    values: Mapping[str, Value] = field(default_factory=dict)
    title: str = ""
    compute: str | None = None
    environment: str | None = None
    allow_reuse: bool = True
    is_disabled: bool = False  # neither run nor checked, and nothing behind it is run


@dataclass(frozen=True)
class DataNode:
    """Data that a graph begins with; its one output port is ``data``."""

    id: NodeId
    data: DataReference | DatasetVersion
    type: str = "Dataset"
    title: str = ""


Node = ModuleNode | DataNode


@dataclass(frozen=True, order=True)
class PortRef:
    """A port of a node."""

    node: NodeId
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


@dataclass(frozen=True)
class Staging:
    """How the content reaches the working directory of the target."""

    mode: Literal["mount", "download", "direct"] = "download"
    path_on_compute: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Edge:
    """A link from an output port to an input port; at most one enters a port."""

    source: PortRef
    target: PortRef
    staging: Staging = Staging()


@dataclass(frozen=True)
class GraphInput:
    """Named data given from outside; replaces the edges into ``targets`` when called."""

    name: str
    targets: tuple[PortRef, ...]
    type: str = "Dataset"


@dataclass(frozen=True)
class GraphOutput:
    """Named data handed back to a caller."""

    name: str
    source: PortRef


@dataclass(frozen=True)
class Graph:
    """Immutable, named by the digest of its canonical JSON; titles and positions do not count in it."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    modules: Mapping[Digest, ModuleSpec] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[GraphInput, ...] = ()
    outputs: tuple[GraphOutput, ...] = ()
    order: tuple[tuple[NodeId, NodeId], ...] = ()  # (before, after) without data: run_after

    def node(self, node: NodeId | str) -> Node | None:
        return next((n for n in self.nodes if n.id == node), None)

    def spec(self, node: ModuleNode) -> ModuleSpec:
        return self.modules[node.module]

    def snapshots(self) -> set[Digest]:
        """Source directories that its steps run in."""
        entries = (spec.entry for spec in self.modules.values())
        return {entry.snapshot for entry in entries if isinstance(entry, CommandEntry)}

    def predecessors(self) -> dict[NodeId, set[NodeId]]:
        """Every node with the nodes that must end before it starts."""
        before: dict[NodeId, set[NodeId]] = {node.id: set() for node in self.nodes}
        for edge in self.edges:
            before[edge.target.node].add(edge.source.node)
        for first, then in self.order:
            before[then].add(first)
        return before

    def disabled(self) -> set[NodeId]:
        """Modules that are switched off, and every module behind one."""
        off = {node.id for node in self.nodes if isinstance(node, ModuleNode) and node.is_disabled}
        if not off:
            return off
        after: dict[NodeId, list[NodeId]] = {}  # walked by hand: a draft may have loops and loose ends
        ends = [(edge.source.node, edge.target.node) for edge in self.edges]
        for first, then in (*ends, *self.order):
            after.setdefault(first, []).append(then)
        waiting = list(off)
        while waiting:
            for then in after.get(waiting.pop(), ()):
                if then not in off:
                    off.add(then)
                    waiting.append(then)
        return off

    def topological(self) -> list[NodeId]:
        """Nodes, each behind all it depends on; file order where nothing else decides.

        Raises
        ------
        graphlib.CycleError
            The graph has a loop.
        """
        before = self.predecessors()
        place = {node.id: index for index, node in enumerate(self.nodes)}
        sorter = TopologicalSorter(before)
        sorter.prepare()
        ready: list[tuple[int, NodeId]] = []
        ordered: list[NodeId] = []
        while sorter.is_active():
            for node in sorter.get_ready():
                heappush(ready, (place[node], node))
            _, first = heappop(ready)
            ordered.append(first)
            sorter.done(first)
        return ordered

    def ancestors(self, chosen: set[NodeId]) -> set[NodeId]:
        """The chosen nodes and everything they depend on."""
        before = self.predecessors()
        found: set[NodeId] = set()
        waiting = list(chosen)
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(before[node])
        return found
