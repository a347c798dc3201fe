"""Both faces are told in the same words: the two stories of the core model."""

from dataclasses import replace

import pytest

from skyloom.core.graph import Graph
from skyloom.core.graph_document import document_of
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import NodeId
from skyloom.core.plan import plan_run
from skyloom.core.serialize import graph_digest, graph_from_json, graph_to_json

from .samples import SampleCatalogue, sdk_story, studio_story

STORIES = pytest.mark.parametrize("graph", [studio_story(), sdk_story()], ids=["studio", "sdk"])


@STORIES
def test_a_story_has_no_problems(graph: Graph) -> None:
    assert list(graph_problems(graph)) == []


@STORIES
def test_a_story_survives_storage(graph: Graph) -> None:
    again = graph_from_json(graph_to_json(graph))
    assert again == graph
    assert graph_digest(again) == graph_digest(graph)


@STORIES
def test_a_story_survives_the_file_form(graph: Graph) -> None:
    view = GraphView("A story", "told twice", {}, {graph.nodes[0].id: "look here"})
    document = document_of(graph, view, SampleCatalogue())
    assert graph_from_document(document, SampleCatalogue()) == (graph, view)


def test_the_studio_story_runs_script_before_sql() -> None:
    assert plan_run(studio_story(), {}).order == ("prep", "join")


def test_a_pipeline_parameter_reaches_the_step_that_names_it() -> None:
    plan = plan_run(sdk_story(), {"pipeline_arg": 3})
    assert plan.values[NodeId("compare")] == {"pipeline_arg": 3}
    assert plan_run(sdk_story(), {}).values[NodeId("compare")] == {"pipeline_arg": 10}


def test_a_loop_of_order_is_told_with_its_nodes() -> None:
    graph = replace(sdk_story(), order=((NodeId("compare"), NodeId("train")),))
    problems = [problem for problem in graph_problems(graph) if problem.code == "G003"]
    assert "train" in problems[0].message
    assert "compare" in problems[0].message


def test_titles_do_not_change_the_digest_of_a_graph() -> None:
    graph = studio_story()
    untitled = replace(graph, nodes=tuple(replace(node, title="") for node in graph.nodes))
    assert graph != untitled
    assert graph_digest(graph) == graph_digest(untitled)
