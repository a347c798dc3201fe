"""The file form of graphs round-trips exactly, whatever the graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.data_reference import DataReference, DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, ModuleNode, PortRef
from skyloom.core.graph_document import document_of
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_view import GraphView, Position
from skyloom.core.identity import NodeId
from skyloom.core.module import OutputPort
from skyloom.core.parameter import Parameter, ParameterRef
from skyloom.core.serialize import graph_digest, graph_from_json, graph_to_json, spec_digest

from .samples import SCRIPT, SPLIT, SQL, SampleCatalogue

names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8).filter(
    str.strip
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A graph whose edges run from earlier to later nodes, in the order that a file would list them."""
    ids = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    nodes: list[DataNode | ModuleNode] = []
    edges: list[Edge] = []
    modules = {}
    order = []
    for place, name in enumerate(ids):
        node = NodeId(name)
        if draw(st.booleans()):
            data = draw(
                st.builds(DatasetVersion, names, st.integers(0, 3)) | st.builds(DataReference, names, names)
            )
            nodes.append(
                DataNode(node, data, draw(st.sampled_from(["Dataset", "Zip"])), draw(st.text(max_size=4)))
            )
            continue
        spec = draw(st.sampled_from([SCRIPT, SQL, SPLIT]))
        if spec is SCRIPT and draw(st.booleans()):
            spec = spec.with_outputs((OutputPort("model", "Object"),))
        modules[spec_digest(spec)] = spec
        values = {
            p.name: draw(json_values | st.builds(ParameterRef, names))
            for p in spec.parameters
            if draw(st.booleans())
        }
        nodes.append(
            ModuleNode(
                node,
                spec_digest(spec),
                values,
                allow_reuse=draw(st.booleans()),
                is_disabled=draw(st.booleans()),
            )
        )
        for port in spec.inputs:
            if place and draw(st.booleans()):
                source = draw(st.sampled_from(nodes[:-1]))
                outputs = modules[source.module].outputs if isinstance(source, ModuleNode) else ()
                out = draw(st.sampled_from([o.name for o in outputs])) if outputs else "data"
                edges.append(Edge(PortRef(source.id, out), PortRef(node, port.name)))
        if place and draw(st.booleans()):
            order.append((draw(st.sampled_from(nodes[:-1])).id, node))
    parameters = tuple(
        Parameter(name, "json", draw(json_values)) for name in draw(st.lists(names, unique=True, max_size=2))
    )
    return Graph(tuple(nodes), tuple(edges), modules, parameters, order=tuple(order))


views = st.builds(GraphView, st.text(max_size=5), st.text(max_size=5))


@given(graphs(), views)
def test_a_graph_comes_back_from_its_file_form_unchanged(graph: Graph, view: GraphView) -> None:
    document = document_of(graph, view, SampleCatalogue())
    assert graph_from_document(document, SampleCatalogue()) == (graph, view)


@given(graphs())
def test_a_graph_comes_back_from_storage_unchanged(graph: Graph) -> None:
    assert graph_from_json(graph_to_json(graph)) == graph


@given(graphs())
def test_every_node_stands_behind_all_it_depends_on(graph: Graph) -> None:
    order = graph.topological()
    place = {node: index for index, node in enumerate(order)}
    assert sorted(order) == sorted(node.id for node in graph.nodes)
    assert all(
        place[before] < place[node] for node, befores in graph.predecessors().items() for before in befores
    )


@given(graphs(), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_nodes(graph: Graph, random: object) -> None:
    nodes = list(graph.nodes)
    random.shuffle(nodes)  # type: ignore[attr-defined]
    shuffled = Graph(tuple(nodes), graph.edges, graph.modules, graph.parameters, order=graph.order)
    assert graph_digest(shuffled) == graph_digest(graph)


def test_node_ids_may_hold_dots() -> None:
    graph = Graph(
        (
            DataNode(NodeId("a"), DatasetVersion("x")),
            DataNode(NodeId("a.data"), DatasetVersion("y")),
            ModuleNode(NodeId("sql"), spec_digest(SQL), {"SQL Query Script": "select 1"}),
        ),
        (
            Edge(PortRef(NodeId("a"), "data"), PortRef(NodeId("sql"), "Table1")),
            Edge(PortRef(NodeId("a.data"), "data"), PortRef(NodeId("sql"), "Table2")),
        ),
        {spec_digest(SQL): SQL},
    )
    document = document_of(graph, GraphView(), SampleCatalogue())
    assert graph_from_document(document, SampleCatalogue())[0] == graph


def test_positions_and_comments_are_kept_beside_the_graph() -> None:
    graph = Graph((DataNode(NodeId("a"), DatasetVersion("x")),))
    view = GraphView("n", "", {NodeId("a"): Position(1.5, 2)}, {NodeId("a"): "why"})
    assert graph_from_document(document_of(graph, view, SampleCatalogue()), SampleCatalogue()) == (
        graph,
        view,
    )


def test_a_module_that_the_palette_lacks_travels_inside_the_file() -> None:
    lone = SampleCatalogue(SQL)
    graph = Graph((ModuleNode(NodeId("cut"), spec_digest(SPLIT)),), (), {spec_digest(SPLIT): SPLIT})
    document = document_of(graph, GraphView(), lone)
    assert "Split Data" in document["modules"]  # type: ignore[operator]
    assert graph_from_document(document, lone)[0] == graph
