"""Scoring: a training graph becomes the graph of a web service (studio.md 4.3, 4.4).

Ports decide, not names of modules: what gives a trained model out of a dataset trains, what takes it scores.
Families are needed for two modules that ports cannot tell apart: Split Data and those that only judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, GraphOutput, ModuleNode, Node, PortRef
from skyloom.core.graph_edits import free_id, with_used_modules, without_disabled
from skyloom.core.graph_file import Catalogue
from skyloom.core.graph_problems import close_name, graph_problems, output_port
from skyloom.core.graph_view import GraphView, Position
from skyloom.core.identity import Digest, NodeId
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import spec_digest
from skyloom.studio.promotion import TRAINED

SPLIT_DATA = "70530644c97a4ab685f788bf30a8be5f"
APPLY_TRANSFORMATION = "805e592d0f1f48eb97c9688ed0c1dc70"
SCORERS = frozenset(
    {
        "401b4f92e7244d5abe81d5b0ff9bdb33",  # Score Model
        "20a0683a07f94a08a89b44b3bbaae382",  # Assign Data to Clusters
        "d855279632bc41108e6d6738d93420d2",  # Score SVD Recommender
    }
)
JUDGES = frozenset(
    {
        "927d65ac3b504694990320f6c1672089",  # Evaluate Model
        "9c4d0cb5213e47859cc8d29ce467b9c8",  # Evaluate Recommender
        "75fb875d6b864d468bcc74261ade5826",  # Cross Validate Model
    }
)
INPUT, OUTPUT = "input1", "output1"
_BESIDE = Position(-240, -60)  # of a saved model or transform, from the box it feeds


@dataclass(frozen=True)
class Plan:
    """A graph to be, whose ``promoted`` data nodes are still to be given what training made.

    ``trained_by`` are the nodes of the training graph that must have completed.
    """

    graph: Graph
    view: GraphView
    promoted: Mapping[NodeId, PortRef] = field(default_factory=dict)
    trained_by: tuple[NodeId, ...] = ()


def plan_scoring(graph: Graph, view: GraphView, train: str, catalogue: Catalogue) -> Plan:
    """The predictive graph of a training graph.

    The trained model is a saved node; what was there for training alone is gone; Split Data gives way to what
    enters it; a module that fitted a transform becomes that transform, applied; the dataset stays.

    Raises
    ------
    ProblemError
        G212 nothing trains or scores, G213 several models and none named, G217 the palette has no Apply
        Transformation.
    """
    graph = without_disabled(graph)
    _require_sound(graph)
    trainer = chosen_trainer(graph, train)
    scorer = _scorer(graph, trainer)
    apply = catalogue.find(APPLY_TRANSFORMATION)
    builder = _Builder(graph, view, apply)
    builder.keep_whole(scorer)
    builder.keep_what_follows(scorer)
    output = PortRef(scorer, _first_dataset_output(graph, scorer))
    scoring = builder.graph(output)
    positions = {node: place for node, place in builder.positions.items() if scoring.node(node) is not None}
    comments = {node: text for node, text in view.comments.items() if scoring.node(node) is not None}
    return Plan(
        scoring,
        GraphView(f"{view.name} [Predictive Exp.]", view.summary, positions, comments),
        dict(builder.promoted),
        tuple(dict.fromkeys((trainer.node, *(ref.node for ref in builder.promoted.values())))),
    )


def plan_retraining(graph: Graph, view: GraphView, train: str) -> Plan:
    """The training graph as a service: new rows come in, the model they give goes out (studio.md 4.3)."""
    graph = without_disabled(graph)
    _require_sound(graph)
    trainer = chosen_trainer(graph, train)
    spec = graph.spec(_module(graph, trainer.node))
    entrance = _entrance(graph, PortRef(trainer.node, _dataset_input(spec)))
    service = replace(
        graph, inputs=(GraphInput(INPUT, (entrance,)),), outputs=(GraphOutput(OUTPUT, trainer),)
    )
    return Plan(service, replace(view, name=f"{view.name} [Retraining Exp.]"), {}, (trainer.node,))


def chosen_trainer(graph: Graph, train: str = "") -> PortRef:
    """The output port of the trained model: of the node named, or of the only one that trains.

    Raises
    ------
    ProblemError
        G212 nothing trains, or the named node does not; G213 several do.
    """
    trainers = [ref for node in graph.nodes if (ref := _trained_port(graph, node)) is not None]
    names = [str(ref.node) for ref in trainers]
    if train:
        found = next((ref for ref in trainers if ref.node == train), None)
        if found is None:
            hint = close_name(train, names) or f"These do: {', '.join(names) or 'none'}."
            raise _problem("G212", f"'{train}' is no module that trains a model.", train, hint)
        return found
    if not trainers:
        raise _problem(
            "G212",
            "No module of the graph trains a model.",
            "nodes",
            "Add Train Model and Score Model; a graph that only transforms needs no web service set up: "
            "give it a web service input and output.",
        )
    if len(trainers) > 1:
        listed = ", ".join(f"'{name}'" for name in names)
        raise _problem(
            "G213",
            f"{len(trainers)} modules train a model: {listed}.",
            "nodes",
            "Name the one whose model is to be served: --train NODE.",
        )
    return trainers[0]


def _require_sound(graph: Graph) -> None:
    """No links into nothing and no loops: what follows walks along them."""
    faults = [
        problem for problem in graph_problems(graph) if problem.code in ("G001", "G002", "G003", "G004")
    ]
    if faults:
        raise ProblemError(faults)


def _trained_port(graph: Graph, node: Node) -> PortRef | None:
    if not isinstance(node, ModuleNode):
        return None
    spec = graph.spec(node)
    port = next((port for port in spec.outputs if port.type in TRAINED), None)
    return PortRef(node.id, port.name) if port is not None and _dataset_input(spec) else None


def _scorer(graph: Graph, trainer: PortRef) -> NodeId:
    """The first module that scores with the model; a second one is a second branch."""
    fed = {edge.target.node for edge in graph.edges if edge.source == trainer}
    scorers = [
        node
        for node in graph.topological()
        if node in fed and graph.spec(_module(graph, node)).family in SCORERS
    ]
    if not scorers:
        raise _problem(
            "G212",
            f"No module scores with the model of '{trainer.node}'.",
            f"nodes.{trainer.node}",
            "Link its output to Score Model, and run the experiment.",
        )
    return scorers[0]


@dataclass
class _Builder:
    """Gathers the nodes and links of the predictive graph, from the scorer backward and then forward."""

    training: Graph
    view: GraphView
    apply: ModuleSpec | None
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    edges: dict[PortRef, Edge] = field(default_factory=dict)  # by target
    modules: dict[Digest, ModuleSpec] = field(default_factory=dict)
    promoted: dict[NodeId, PortRef] = field(default_factory=dict)
    positions: dict[NodeId, Position] = field(default_factory=dict)
    _sources: dict[PortRef, PortRef] = field(default_factory=dict)  # of training -> of the predictive graph

    def __post_init__(self) -> None:
        self._entering = {edge.target: edge for edge in self.training.edges}
        self.positions.update(self.view.positions)

    def graph(self, output: PortRef) -> Graph:
        """All that was gathered, in the order of the training graph, with its web service ports."""
        place = {node.id: index for index, node in enumerate(self.training.nodes)}
        nodes = sorted(self.nodes.values(), key=lambda node: place.get(node.id, -1))
        order = tuple(pair for pair in self.training.order if set(pair) <= self.nodes.keys())
        graph = replace(
            self.training,
            nodes=tuple(nodes),
            edges=tuple(self.edges.values()),
            modules={**self.training.modules, **self.modules},
            order=order,
            inputs=(),
            outputs=(),
        )
        scorer = graph.spec(_module(graph, output.node))
        entrance = _entrance(graph, PortRef(output.node, _dataset_input(scorer)))
        return with_used_modules(
            replace(graph, inputs=(GraphInput(INPUT, (entrance,)),), outputs=(GraphOutput(OUTPUT, output),))
        )

    def keep_whole(self, node: NodeId) -> None:
        """A module with all that it needs."""
        found = _module(self.training, node)
        if node in self.nodes:
            return
        self.nodes[node] = found
        for port in self.training.spec(found).inputs:
            edge = self._entering.get(PortRef(node, port.name))
            if edge is not None:
                self.edges[edge.target] = replace(edge, source=self._source(edge.source, edge.target))

    def keep_what_follows(self, scorer: NodeId) -> None:
        """Modules behind the scorer that need nothing but what is kept, and do not only judge."""
        behind = {scorer}
        for name in self.training.topological():
            entering = [edge for edge in self.training.edges if edge.target.node == name]
            node = self.training.node(name)
            if not isinstance(node, ModuleNode) or self.training.spec(node).family in JUDGES:
                continue
            if name in self.nodes or not any(edge.source.node in behind for edge in entering):
                continue
            if all(edge.source.node in behind or self._is_plain_data(edge.source.node) for edge in entering):
                behind.add(name)
                self.keep_whole(name)

    def _is_plain_data(self, node: NodeId) -> bool:
        return isinstance(self.training.node(node), DataNode) or node in self.nodes

    def _source(self, source: PortRef, target: PortRef) -> PortRef:
        """Where the predictive graph takes from what training took from ``source``."""
        if source not in self._sources:
            self._sources[source] = self._found_source(source, target)
        return self._sources[source]

    def _found_source(self, source: PortRef, target: PortRef) -> PortRef:
        node = self.training.node(source.node)
        if isinstance(node, DataNode) or node is None:
            if node is not None:
                self.nodes[node.id] = node
            return source
        spec = self.training.spec(node)
        made = output_port(self.training, node, source.port)
        if made is not None and _dataset_input(spec) and made.type in (*TRAINED, "ITransform"):
            return self._saved(source, made.type, target.node)
        entering = self._entering.get(PortRef(node.id, _dataset_input(spec)))
        if spec.family == SPLIT_DATA and entering is not None:
            return self._source(entering.source, target)
        transform = next((port.name for port in spec.outputs if port.type == "ITransform"), None)
        is_data = source.port == _first_dataset_output(self.training, node.id)
        if transform is not None and entering is not None and is_data:
            return self._applied(node, PortRef(node.id, transform), entering)
        self.keep_whole(node.id)
        return source

    def _saved(self, source: PortRef, type: str, beside: NodeId) -> PortRef:
        """A data node for what training made; it gets its content when the plan is carried out."""
        known = next((name for name, made in self.promoted.items() if made == source), None)
        if known is None:
            known = free_id(
                self._all(), f"{source.node} [{'transform' if type == 'ITransform' else 'model'}]"
            )
            self.nodes[known] = DataNode(known, DatasetVersion(str(known)), type)
            self.promoted[known] = source
            place = self.view.positions.get(beside)
            if place is not None:
                self.positions[known] = Position(place.x + _BESIDE.x, place.y + _BESIDE.y)
        return PortRef(known, "data")

    def _applied(self, node: ModuleNode, transform: PortRef, entering: Edge) -> PortRef:
        """Apply Transformation under the id of the module that fitted it."""
        if self.apply is None:
            raise _problem(
                "G217", "The palette has no Apply Transformation.", f"nodes.{node.id}", "Install that module."
            )
        digest = spec_digest(self.apply)
        self.modules[digest] = self.apply
        self.nodes[node.id] = ModuleNode(node.id, digest, {}, node.title)
        saved = self._saved(transform, "ITransform", node.id)
        takes = next(port.name for port in self.apply.inputs if "ITransform" in port.accepts)
        data = PortRef(node.id, _dataset_input(self.apply))
        self.edges[PortRef(node.id, takes)] = Edge(saved, PortRef(node.id, takes))
        self.edges[data] = Edge(self._source(entering.source, data), data)
        return PortRef(node.id, self.apply.outputs[0].name)

    def _all(self) -> Graph:
        return replace(self.training, nodes=(*self.training.nodes, *self.nodes.values()))


def _entrance(graph: Graph, port: PortRef) -> PortRef:
    """Where a web service input belongs: the first consumer of the dataset that flows into ``port``.

    The way goes back along the first table of each module.
    """
    entering = {edge.target: edge.source for edge in graph.edges}
    while (source := entering.get(port)) is not None:
        node = graph.node(source.node)
        upstream = _dataset_input(graph.spec(node)) if isinstance(node, ModuleNode) else ""
        if not upstream or PortRef(source.node, upstream) not in entering:
            break
        port = PortRef(source.node, upstream)
    return port


def _dataset_input(spec: ModuleSpec) -> str:
    """The first input that takes a table, or nothing."""
    return next((port.name for port in spec.inputs if "Dataset" in port.accepts), "")


def _first_dataset_output(graph: Graph, node: NodeId) -> str:
    spec = graph.spec(_module(graph, node))
    return next((port.name for port in spec.outputs if port.type == "Dataset"), "")


def _module(graph: Graph, node: NodeId) -> ModuleNode:
    found = graph.node(node)
    assert isinstance(found, ModuleNode), node
    return found


def _problem(code: str, message: str, where: str, fix: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, fix))
