from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from skyloom.client.experiment_files import decoded, encoded
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Experiment, ExperimentId, Foreign
from skyloom.core.graph import DataNode, Graph, GraphInput, ModuleNode, PortRef
from skyloom.core.graph_edits import (
    add_module,
    connect,
    disconnect,
    remove_node,
    replace_node,
    set_input,
    set_value,
)
from skyloom.core.graph_view import GraphView, Position
from skyloom.core.identity import NodeId
from skyloom.core.parameter import ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.core.serialize import graph_digest
from skyloom.studio.classic_export import exported
from skyloom.studio.foreign_file import read_foreign
from tests.studio.classic_files import GUID, ClassicFile, income_file
from tests.studio.random_files import CATALOGUE, classic_files
from tests.studio.test_classic_graph import BUNDLE, DATA

FIRST = NodeId(f"{GUID}-5")


def imported(foreign: Foreign) -> Experiment:
    read = read_foreign(foreign, CATALOGUE)
    new = ExperimentId("x")
    return Experiment(new, new, read.graph, read.view, foreign=read.foreign)


def written(experiment: Experiment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exported(experiment, None, CATALOGUE).text)
    return found


def again(experiment: Experiment) -> Experiment:
    """What an import of the export gives."""
    return imported(exported(experiment, None, CATALOGUE))


def edited(change: Any, file: ClassicFile | None = None) -> tuple[Experiment, dict[str, Any], dict[str, Any]]:
    """The edited experiment, its file before and after."""
    file = file or income_file()
    before = imported(file.foreign)
    after = replace(before, graph=change(before.graph))
    return after, file.value, written(after)


@settings(deadline=None)
@given(classic_files())
def test_an_unedited_import_is_its_file_again(file: ClassicFile) -> None:
    assert exported(imported(file.foreign), None, CATALOGUE) == file.foreign


@settings(deadline=None)
@given(classic_files())
def test_a_new_title_changes_nothing_but_the_description(file: ClassicFile) -> None:
    experiment = imported(file.foreign)
    view = replace(experiment.view, name=f"{experiment.view.name}, renamed")
    value = written(replace(experiment, view=view))
    assert value.pop("Description") == view.name
    expected = file.value
    del expected["Description"]
    assert value == expected


@settings(deadline=None)
@given(classic_files())
def test_the_export_of_an_edit_imports_as_the_edited_graph(file: ClassicFile) -> None:
    experiment = imported(file.foreign)
    first = next(node for node in experiment.graph.nodes if isinstance(node, ModuleNode))
    graph = remove_node(experiment.graph, first.id)
    if not any(isinstance(node, ModuleNode) for node in graph.nodes):
        return
    found = again(replace(experiment, graph=graph)).graph
    modules = [node for node in graph.nodes if isinstance(node, ModuleNode)]
    assert [node for node in found.nodes if isinstance(node, ModuleNode)] == modules
    assert set(found.edges) == set(graph.edges)
    assert found.outputs == graph.outputs
    assert {one.name for one in found.parameters} == {one.name for one in graph.parameters}


@settings(deadline=None)
@given(classic_files())
def test_every_graph_can_be_written_from_nothing(file: ClassicFile) -> None:
    experiment = replace(imported(file.foreign), foreign=None)
    graph, found = experiment.graph, again(experiment).graph
    assert {node.id for node in found.nodes} >= {n.id for n in graph.nodes if isinstance(n, ModuleNode)}
    assert set(found.edges) == set(graph.edges)
    assert found.outputs == graph.outputs


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_the_bytes_of_a_file_come_back_with_their_mark_and_line_ends(encoding: str) -> None:
    text = income_file().text.replace("\n", "\r\n") + "\r\n"
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    content = (mark + text).encode(encoding)
    experiment = imported(decoded(content))
    assert encoded(exported(experiment, None, CATALOGUE)) == content


def test_binding_data_is_no_edit() -> None:
    file = income_file()
    experiment = imported(file.foreign)
    node = experiment.graph.node(DATA)
    assert isinstance(node, DataNode)
    graph = replace_node(experiment.graph, replace(node, data=DatasetVersion("adult", 2)))
    assert exported(replace(experiment, graph=graph), None, CATALOGUE).text == file.text


def test_a_changed_value_is_written_as_the_old_product_wrote_it_and_nothing_else_changes() -> None:
    def change(graph: Graph) -> Graph:
        graph = set_value(graph, FIRST, "Select Columns", ["age"])
        graph = set_value(graph, NodeId("8a8b8c8d"), "Randomized split", False)
        return set_value(graph, NodeId("8a8b8c8d"), "Stratified split", None)

    after, before, value = edited(change)
    parameters = value["Graph"]["ModuleNodes"][2]["ModuleParameters"]
    assert [one["Value"] for one in parameters if one["Name"] == "Randomized split"] == ["False"]
    assert "Stratified split" not in [one["Name"] for one in parameters]
    assert value["Graph"]["ModuleNodes"][0]["ModuleParameters"][0]["Value"] == "%5B%22age%22%5D"
    assert graph_digest(again(after).graph) == graph_digest(after.graph)
    assert value["NodeStatuses"] == before["NodeStatuses"]
    assert value["Graph"]["EdgesInternal"] == before["Graph"]["EdgesInternal"]


def test_a_removed_module_takes_its_links_along_and_a_new_one_comes_with_its_own() -> None:
    def change(graph: Graph) -> Graph:
        graph = remove_node(graph, NodeId("odd"))
        spec = CATALOGUE.find("Remove Duplicate Rows")
        assert spec is not None
        graph = add_module(graph, NodeId("once"), spec, {"Retain first duplicate row": True})
        return connect(
            graph, PortRef(NodeId("script"), "Result Dataset2"), PortRef(NodeId("once"), spec.inputs[0].name)
        )

    after, _, value = edited(change)
    assert [one["Id"] for one in value["Graph"]["ModuleNodes"]][-1] == "once"
    assert (
        value["Graph"]["EdgesInternal"][-1]["SourceOutputPortId"] == "script:Python Device"
    )  # the file's name
    assert graph_digest(again(after).graph) == graph_digest(after.graph)


def test_a_dataset_taken_from_a_port_and_given_to_another_is_written_there() -> None:
    target = PortRef(NodeId("script"), "Dataset2")

    def change(graph: Graph) -> Graph:
        graph = disconnect(graph, PortRef(NodeId("script"), "Script Bundle"))
        return connect(graph, PortRef(NodeId(DATA), "data"), target)

    after, _, value = edited(change)
    ports = {one["Name"]: one for one in value["Graph"]["ModuleNodes"][3]["InputPortsInternal"]}
    assert (ports["Dataset2"]["DataSourceId"], ports["Script Bundle"]["DataSourceId"]) == (DATA, None)
    found = again(after).graph
    assert found.node(BUNDLE) is None and set(found.edges) == set(after.graph.edges)


def test_new_service_ports_and_parameters_are_written() -> None:
    def change(graph: Graph) -> Graph:
        graph = set_input(graph, GraphInput("second", (PortRef(NodeId("script"), "Dataset2"),)))
        seed = graph.parameters[0]
        graph = replace(
            graph, parameters=(replace(seed, default=3), replace(seed, name="Share", type="float"))
        )
        name = "Fraction of rows in the first output dataset"
        return set_value(graph, NodeId("8a8b8c8d"), name, ParameterRef("Share"))

    after, before, value = edited(change)
    assert value["WebService"]["Inputs"][0] == before["WebService"]["Inputs"][0]
    assert value["WebService"]["Inputs"][1]["PortId"] == "script:Dataset2"
    assert [one["Value"] for one in value["WebService"]["Parameters"]] == ["3", "12"]
    found = again(after).graph
    assert found.inputs == after.graph.inputs
    assert [(p.name, p.type, p.default) for p in found.parameters] == [
        ("Seed", "int", 3),
        ("Share", "float", 12.0),
    ]


def test_a_moved_box_is_moved_in_the_client_data_and_keeps_its_size() -> None:
    experiment = imported(income_file().foreign)
    positions = {**experiment.view.positions, FIRST: Position(1, 2.5), NodeId("odd"): Position(0, 0)}
    moved = replace(experiment, view=replace(experiment.view, positions=positions))
    data = written(moved)["Graph"]["SerializedClientData"]
    assert f"<NodePosition Node='{FIRST}' Position='1,2.5,200,200'/>" in data
    assert again(moved).view == moved.view


def test_positions_are_added_where_the_file_has_none() -> None:
    file = income_file()
    value = file.value
    value["Graph"]["SerializedClientData"] = "<DataV1><Meta/><NodePositions/></DataV1>"
    experiment = imported(Foreign("classic", json.dumps(value)))
    view = replace(experiment.view, positions={NodeId("odd"): Position(5, 6)})
    assert again(replace(experiment, view=view)).view == view


def test_a_classic_graph_is_no_web_service_definition() -> None:
    with pytest.raises(ProblemError) as told:
        exported(imported(income_file().foreign), "arm", CATALOGUE)
    assert told.value.problem.code == "G215"


def test_an_experiment_made_here_is_written_with_families_a_name_and_places() -> None:
    spec = CATALOGUE.find("Split Data")
    assert spec is not None
    graph = add_module(Graph(), NodeId("split"), spec, {"Random seed": 5})
    view = GraphView("Mine", "all", {NodeId("split"): Position(3, 4)})
    new = ExperimentId("x")
    value = written(Experiment(new, new, graph, view))
    (module,) = value["Graph"]["ModuleNodes"]
    assert module["ModuleId"].split(".")[1] == spec.family
    assert (value["Description"], value["Summary"]) == ("Mine", "all")
    assert again(Experiment(new, new, graph, view)).view == view


def test_a_changed_reuse_is_written_and_nothing_else() -> None:
    def change(graph: Graph) -> Graph:
        node = graph.node(FIRST)
        assert isinstance(node, ModuleNode)
        return replace_node(graph, replace(node, allow_reuse=False))

    _, before, after = edited(change)
    [changed] = [one for one in after["Graph"]["ModuleNodes"] if one["Id"] == FIRST]
    assert changed["UsePreviousResults"] is False
    changed["UsePreviousResults"] = True
    assert after == before
