"""A graph written as a program builds the same graph again, whatever it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.graph import Graph, GraphInput, GraphOutput, ModuleNode, PortRef
from skyloom.core.graph_document import document_of
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_program import program_of
from skyloom.core.graph_view import GraphView
from skyloom.core.serialize import graph_digest
from skyloom.sdk.graph import Graph as Built

from .samples import SampleCatalogue, sdk_story, studio_story
from .test_graph_file import graphs, names, views


def built(document: Any) -> Any:
    """What the program of a document builds; it runs nothing, for it is not the main program."""
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(program_of(document), "exported.py", "exec"), space)
    assert isinstance(space["graph"], Built)
    return space["graph"].document()


@st.composite
def with_service_ports(draw: st.DrawFn) -> Graph:
    graph = draw(graphs())
    ends = [
        PortRef(node.id, port.name)
        for node in graph.nodes
        if isinstance(node, ModuleNode)
        for port in graph.spec(node).inputs
    ]
    outputs = [
        PortRef(node.id, port.name)
        for node in graph.nodes
        if isinstance(node, ModuleNode)
        for port in graph.spec(node).outputs
    ]
    is_served = draw(st.booleans())
    if ends and is_served:
        chosen = draw(st.lists(st.sampled_from(ends), min_size=1, max_size=2, unique=True))
        inputs = (GraphInput(draw(names), tuple(chosen), draw(st.sampled_from(["Dataset", "Zip"]))),)
        ports = (GraphOutput(draw(names), draw(st.sampled_from(outputs))),)
        return replace(graph, inputs=inputs, outputs=ports)
    return graph


@given(with_service_ports(), views)
def test_a_graph_comes_back_from_its_program_form_the_same(graph: Graph, view: GraphView) -> None:
    document = document_of(graph, view, SampleCatalogue())
    again = built(document)
    read, seen = graph_from_document(again, SampleCatalogue())
    assert graph_digest(read) == graph_digest(graph)
    assert (again.get("nodes"), seen) == (document.get("nodes"), view)


@given(st.text(max_size=60))
def test_no_text_of_a_graph_becomes_code(text: str) -> None:
    values = {"Python Script": text, "other": f"{text}\n{text}"}
    node = {"module": text or "m", "parameters": values, "comment": text, "title": text}
    document: dict[str, Any] = {"schema_version": 1, "name": text, "nodes": {text or "n": node}}
    (found,) = built(document)["nodes"].values()
    assert found["parameters"] == values
    assert found.get("comment", "") == text


def test_the_stories_of_both_faces_come_back() -> None:
    for graph in (studio_story(), sdk_story()):
        document = document_of(graph, GraphView("Story"), SampleCatalogue())
        read, _ = graph_from_document(built(document), SampleCatalogue())
        assert graph_digest(read) == graph_digest(graph)


def test_a_program_reads_as_a_person_would_write_it() -> None:
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": "Iris",
        "parameters": {"Seed": {"type": "int", "default": 7}},
        "nodes": {
            "split-data": {
                "module": "Split Data",
                "inputs": {"Dataset": "script"},
                "parameters": {"Random seed": {"$parameter": "Seed"}},
                "position": [10, 20],
            },
            "script": {
                "module": "Execute Python Script",
                "parameters": {"Python Script": 'def azureml_main(a):\n    print("x\\t")\n    return a,\n'},
                "inputs": {"Dataset1": "iris"},
            },
            "iris": {"dataset": "Iris"},
        },
        "outputs": {"output1": "split-data.Results dataset2"},
    }
    program = program_of(document)
    assert built(document) == {**document, "nodes": built(document)["nodes"]}
    body = program.split("import Graph\n\n")[1].split("\nif __name__")[0]
    assert (
        body
        == '''graph = Graph("Iris")
seed = graph.parameter("Seed", "int", default=7)

iris = graph.dataset("Iris", id="iris")

script_script = """\\
def azureml_main(a):
    print("x\\\\t")
    return a,
"""
script = graph.module(
    "Execute Python Script",
    id="script",
    parameters={"Python Script": script_script},
    inputs={"Dataset1": iris},
)

split_data = graph.module(
    "Split Data",
    id="split-data",
    parameters={"Random seed": seed},
    inputs={"Dataset": script},
    position=[10, 20],
)
graph.output("output1", split_data["Results dataset2"])
'''
    )


def test_a_draft_with_a_loop_is_written_too() -> None:
    nodes = {
        "a": {"module": "M", "inputs": {"Dataset": "b"}},
        "b": {"module": "M", "inputs": {"Dataset": "a"}},
    }
    assert built({"schema_version": 1, "nodes": nodes})["nodes"] == nodes
