from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.graph import DataNode, Graph, GraphInput, GraphOutput, ModuleNode, PortRef
from skyloom.core.graph_edits import (
    add_data,
    add_module,
    connect,
    disconnect,
    free_id,
    link_parameter,
    remove_node,
    replace_module,
    set_input,
    set_output,
    set_title,
    set_value,
    with_newest_modules,
)
from skyloom.core.graph_problems import graph_problems
from skyloom.core.identity import NodeId
from skyloom.core.module import InputPort, OutputPort
from skyloom.core.parameter import Parameter, ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.core.serialize import graph_digest
from tests.core.samples import SCRIPT, SPLIT, SQL, studio_story


def ref(node: str, port: str) -> PortRef:
    return PortRef(NodeId(node), port)


def values(graph: Graph, node: str) -> Any:
    found = graph.node(node)
    assert isinstance(found, ModuleNode)
    return found.values


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(ProblemError) as told:
        work()
    return told.value.problem.code


def test_a_removed_node_takes_links_service_ports_and_its_definition_along() -> None:
    graph = remove_node(studio_story(), NodeId("join"))
    assert {node.id for node in graph.nodes} == {"pima", "hello.zip", "prep"}
    assert not any("join" in str(edge) for edge in graph.edges)
    assert graph.outputs == () and len(graph.inputs) == 1
    assert [spec.name for spec in graph.modules.values()] == [SCRIPT.name]


def test_a_new_link_takes_the_place_of_the_one_that_entered_the_port() -> None:
    graph = add_data(studio_story(), DataNode(NodeId("more"), DatasetVersion("More")))
    graph = connect(graph, ref("more", "data"), ref("join", "Table1"))
    entering = [edge.source for edge in graph.edges if edge.target == ref("join", "Table1")]
    assert entering == [ref("more", "data")]
    assert len(disconnect(graph, ref("join", "Table1")).edges) == len(graph.edges) - 1


def test_one_output_may_feed_many_inputs() -> None:
    graph = connect(studio_story(), ref("prep", "Result Dataset"), ref("join", "Table2"))
    assert sum(edge.source == ref("prep", "Result Dataset") for edge in graph.edges) == 2


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        (("nobody", "x"), ("join", "Table2"), "G001"),
        (("prep", "Nothing"), ("join", "Table2"), "G002"),
        (("prep", "Result Dataset"), ("join", "Table9"), "G002"),
        (("prep", "Result Dataset"), ("pima", "data"), "G002"),
        (("hello.zip", "data"), ("join", "Table2"), "G005"),
        (("join", "Results dataset"), ("prep", "Dataset2"), "G003"),
        (("prep", "Result Dataset"), ("prep", "Dataset2"), "G003"),
    ],
)
def test_a_link_that_cannot_be_is_refused(
    source: tuple[str, str], target: tuple[str, str], code: str
) -> None:
    assert refused(lambda: connect(studio_story(), ref(*source), ref(*target))) == code


def test_a_value_is_set_and_none_brings_the_default_back() -> None:
    graph = set_value(studio_story(), NodeId("join"), "SQL Query Script", "select 1")
    assert values(graph, "join") == {"SQL Query Script": "select 1"}
    assert values(set_value(graph, NodeId("join"), "SQL Query Script", None), "join") == {}
    assert refused(lambda: set_value(graph, NodeId("join"), "SQL Query", "x")) == "G009"
    assert refused(lambda: set_value(graph, NodeId("pima"), "x", "x")) == "G002"


def test_titles_do_not_change_what_runs() -> None:
    graph = studio_story()
    assert graph_digest(set_title(graph, NodeId("join"), "Both")) == graph_digest(graph)


def test_service_ports_of_one_name_give_way() -> None:
    graph = set_input(studio_story(), GraphInput("input1", (ref("join", "Table2"),)))
    graph = set_output(graph, GraphOutput("output1", ref("prep", "Result Dataset2")))
    assert [port.targets for port in graph.inputs] == [(ref("join", "Table2"),)]
    assert [port.source for port in graph.outputs] == [ref("prep", "Result Dataset2")]


def _split() -> Graph:
    labelled = replace(
        SPLIT, parameters=(*SPLIT.parameters, Parameter("Seed 2", "int", 5, label="Random seed"))
    )
    graph = add_module(Graph(), NodeId("a"), labelled, {"Random seed": 7})
    return add_module(graph, NodeId("b"), SPLIT, {})


def test_a_parameter_becomes_one_of_the_web_service_and_keeps_its_value_as_default() -> None:
    graph = link_parameter(_split(), NodeId("a"), "Random seed")
    (made,) = graph.parameters
    assert (made.name, made.type, made.default, made.required, made.minimum) == (
        "Random seed",
        "int",
        7,
        False,
        0,
    )
    assert values(graph, "a") == {"Random seed": ParameterRef("Random seed")}
    graph = link_parameter(graph, NodeId("a"), "Seed 2")
    graph = link_parameter(graph, NodeId("b"), "Random seed")
    assert [one.name for one in graph.parameters] == ["Random seed", "Random seed1", "Random seed2"]


def test_parameters_of_one_type_may_share_one_of_the_web_service() -> None:
    graph = link_parameter(_split(), NodeId("a"), "Random seed")
    graph = link_parameter(graph, NodeId("b"), "Random seed", "Random seed")
    assert values(graph, "b") == {"Random seed": ParameterRef("Random seed")}
    assert refused(lambda: link_parameter(graph, NodeId("b"), "Fraction of rows", "Random seed")) == "G216"
    assert refused(lambda: link_parameter(graph, NodeId("b"), "Random seed", "Nobody")) == "G011"
    assert refused(lambda: link_parameter(graph, NodeId("b"), "Nothing")) == "G009"


def test_a_parameter_without_a_value_is_required_of_every_call() -> None:
    graph = add_module(Graph(), NodeId("s"), SCRIPT, {})
    (made,) = link_parameter(graph, NodeId("s"), "Python Script").parameters
    assert made.required and made.default is None


def test_a_newer_definition_keeps_what_fits_and_drops_the_rest() -> None:
    newer = replace(
        SQL, version="2", inputs=(InputPort("Table1"), InputPort("Table2", ("Zip",), required=False)),
        parameters=(Parameter("Query", "script"),),
    )  # fmt: skip
    graph = connect(studio_story(), ref("prep", "Result Dataset"), ref("join", "Table2"))
    graph = with_newest_modules(graph, lambda spec: newer if spec.name == SQL.name else None)
    entering = {edge.target.port for edge in graph.edges if edge.target.node == "join"}
    assert entering == {"Table1"}  # Table2 takes something else now
    assert values(graph, "join") == {}
    assert {spec.version for spec in graph.modules.values() if spec.name == SQL.name} == {"2"}
    assert [port.source for port in graph.outputs] == [ref("join", "Results dataset")]


def test_further_outputs_of_a_node_outlive_a_newer_definition() -> None:
    own = SCRIPT.with_outputs((OutputPort("model", "Object"),))
    graph = replace_module(studio_story(), NodeId("prep"), own)
    newer = replace(SCRIPT, version="2")
    graph = with_newest_modules(graph, lambda spec: newer if spec.name == SCRIPT.name else None)
    prep = graph.node("prep")
    assert isinstance(prep, ModuleNode)
    assert [port.name for port in graph.spec(prep).outputs][-1] == "model"
    assert graph.spec(prep).version == "2"


def test_ids_are_counted_up_until_one_is_free() -> None:
    graph = add_module(studio_story(), NodeId("join 2"), SQL, {})
    assert (free_id(graph, "join"), free_id(graph, "new")) == ("join 3", "new")


@given(st.data())
def test_any_row_of_edits_leaves_a_graph_without_dangling_ends_and_the_first_untouched(data: Any) -> None:
    first = graph = studio_story()
    before = graph_digest(first)
    for number in range(data.draw(st.integers(1, 8))):
        nodes = [node.id for node in graph.nodes]
        match data.draw(st.sampled_from(["add", "remove", "link", "unlink"])):
            case "add":
                spec = data.draw(st.sampled_from([SCRIPT, SQL, SPLIT]))
                graph = add_module(graph, NodeId(f"new {number}"), spec, {})
            case "remove" if nodes:
                graph = remove_node(graph, data.draw(st.sampled_from(nodes)))
            case "link" if nodes:
                source, target = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(nodes))
                try:
                    graph = connect(graph, ref(source, "Result Dataset"), ref(target, "Dataset1"))
                except ProblemError:
                    pass
            case "unlink" if graph.edges:
                graph = disconnect(graph, data.draw(st.sampled_from(graph.edges)).target)
    codes = {problem.code for problem in graph_problems(graph)}
    assert codes <= {"G006", "G010", "G013"}  # empty ports and missing values, nothing broken
    assert graph_digest(first) == before
