from __future__ import annotations

import json

import pytest

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Foreign
from skyloom.core.graph import DataNode, ModuleNode, PortRef
from skyloom.core.graph_problems import graph_problems, is_placeholder
from skyloom.core.graph_view import Position
from skyloom.core.identity import NodeId
from skyloom.core.parameter import ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.modules.catalogue import ModuleCatalogue, load_catalogue
from skyloom.studio.classic_graph import disables_updates
from skyloom.studio.foreign_file import read_foreign
from skyloom.studio.foreign_graph import ForeignGraph, import_report, resolved
from tests.studio.classic_files import GUID, OWN, ClassicFile, income_file

CATALOGUE = load_catalogue()
DATA = f"{OWN}.aabbccddeeff00112233445566778899.v1"
BUNDLE = f"{OWN}.99887766554433221100ffeeddccbbaa.v1"


def read(file: ClassicFile, catalogue: ModuleCatalogue = CATALOGUE) -> ForeignGraph:
    return read_foreign(file.foreign, catalogue)


def module(found: ForeignGraph, node: str) -> ModuleNode:
    made = found.graph.node(node)
    assert isinstance(made, ModuleNode)
    return made


def test_modules_are_found_by_family_whatever_their_workspace_and_batch() -> None:
    file = ClassicFile()
    file.module("a", "select", batch=1)
    file.module("b", "split", batch=99999)
    file.modules[1]["ModuleId"] = f"{OWN}.70530644-C97A-4AB6-85F7-88BF30A8BE5F.v1-default-7"
    found = read(file)
    assert [found.graph.spec(module(found, node)).name for node in "ab"] == [
        "Select Columns in Dataset",
        "Split Data",
    ]


def test_column_pickers_read_encoded_and_plain_and_lose_their_ui_member() -> None:
    found = read(income_file())
    rule = {"ruleType": "ColumnNames", "columns": ["age", "income"], "exclude": False}
    assert module(found, f"{GUID}-5").values == {"Select Columns": {"isFilter": True, "rules": [rule]}}
    assert module(found, f"{GUID}-7").values["Columns to be cleaned"] == {
        "isFilter": True,
        "rules": [{**rule, "columns": ["age"]}],
    }


def test_values_become_the_type_of_their_parameter_and_mode_children_come_along() -> None:
    found = read(income_file())
    clean, split = module(found, f"{GUID}-7").values, module(found, "8a8b8c8d").values
    assert clean["Minimum missing value ratio"] == 0.0 and clean["Cleaning mode"] == "Replace with mean"
    assert clean["Generate missing value indicator column"] is False
    assert split["Fraction of rows in the first output dataset"] == 0.75
    assert split["Stratified split"] == "False"  # a mode whose choices are words
    assert split["Random seed"] == ParameterRef("Seed")


def test_a_global_parameter_gets_the_type_of_what_it_feeds() -> None:
    (seed,) = read(income_file()).graph.parameters
    assert (seed.name, seed.type, seed.default, seed.required) == ("Seed", "int", 12, False)
    assert (seed.minimum, seed.maximum) == (0, 4294967295)


def test_a_linked_parameter_that_nothing_describes_is_required() -> None:
    file = income_file()
    file.parameters.clear()
    (seed,) = read(file).graph.parameters
    assert (seed.name, seed.type, seed.default, seed.required) == ("Seed", "int", None, True)


def test_the_clipboard_form_links_by_value() -> None:
    file = income_file()
    for one in file.modules[2]["ModuleParameters"]:
        if one["Name"] == "Random seed":
            one |= {"ValueType": "GraphParameterName", "Value": "Seed", "LinkedGlobalParameter": None}
    assert module(read(file), "8a8b8c8d").values["Random seed"] == ParameterRef("Seed")


@pytest.mark.parametrize("name", ["R Script", "Python Script"])
def test_python_text_is_taken_under_either_name_with_its_line_ends(name: str) -> None:
    file = income_file()
    file.modules[3]["ModuleParameters"][0]["Name"] = name
    assert module(read(file), "script").values[name] == "def azureml_main(a, b=None):\r\n    return a,\r\n"


def test_ports_go_by_name_and_else_by_position() -> None:
    file = income_file()
    file.link("script:Python Device", "odd:In")  # ours is called otherwise; a second link into a port
    file.edges[-1]["DestinationInputPortId"] = f"{GUID}-7:Dataset"
    file.edges.pop(0)
    found = read(file)
    edges = {str(edge.target): str(edge.source) for edge in found.graph.edges}
    assert edges[f"{GUID}-7.Dataset"] == "script.Result Dataset2"


def test_assets_become_data_nodes_of_the_type_that_their_ports_take() -> None:
    found = read(income_file())
    data = {node.id: node for node in found.graph.nodes if isinstance(node, DataNode)}
    assert {name: node.type for name, node in data.items()} == {DATA: "Dataset", BUNDLE: "Zip"}
    assert data[NodeId(DATA)].data == DatasetVersion(DATA)
    assert PortRef(NodeId(f"{GUID}-5"), "Dataset") in {
        edge.target for edge in found.graph.edges if edge.source == PortRef(NodeId(DATA), "data")
    }


def test_one_asset_on_several_ports_is_one_node_and_models_and_transforms_have_their_types() -> None:
    file = ClassicFile()
    file.module("a", "apply", inputs=("Transformation", "Dataset"), outputs=("Transformed dataset",))
    file.module("b", "apply", inputs=("Transformation", "Dataset"), outputs=("Transformed dataset",))
    file.module("c", "unknown", inputs=("Model",), outputs=())
    for node in "ab":
        file.asset(node, "Transformation", "t.1", "TransformModuleId")
        file.asset(node, "Dataset", "d.1")
    file.asset("c", "Model", "m.1", "TrainedModelId")
    found = read(file)
    types = {node.id: node.type for node in found.graph.nodes if isinstance(node, DataNode)}
    assert types == {"t.1": "ITransform", "d.1": "Dataset", "m.1": "ILearner"}
    assert len(found.graph.edges) == 5


@pytest.mark.parametrize("quotes", ["'", '"'])
def test_positions_are_read_for_modules_and_data(quotes: str) -> None:
    file = income_file()
    file.quotes = quotes
    view = read(file).view
    assert view.positions[NodeId("8a8b8c8d")] == Position(421, 300)
    assert view.positions[NodeId(DATA)] == Position(10.5, 20)
    assert view.comments == {NodeId(f"{GUID}-5"): "keep two"}
    assert (view.name, view.summary) == ("Adult income", "Who earns\r\nmore")


def test_web_service_ports_are_read_in_the_new_form_and_in_the_old_one() -> None:
    new = read(income_file()).graph
    assert [(port.name, port.targets) for port in new.inputs] == [
        ("input1", (PortRef(NodeId(f"{GUID}-5"), "Dataset"),))
    ]
    assert [(port.name, str(port.source)) for port in new.outputs] == [("output1", "script.Result Dataset")]
    file = income_file()
    file.inputs, file.outputs = [], []
    file.publish_info = {
        "InputPortsForPublish": [f"{GUID}-5:Dataset"],
        "OutputPortsForPublish": ["script:Result Dataset", "odd:Out"],
    }
    old = read(file).graph
    assert (old.inputs, old.outputs[0]) == (new.inputs, new.outputs[0])
    assert old.outputs[1].name == "output2"


def test_an_unknown_module_stays_as_a_placeholder_that_keeps_its_fields_and_cannot_run() -> None:
    found = read(income_file())
    odd = module(found, "odd")
    spec = found.graph.spec(odd)
    assert is_placeholder(found.graph, odd)
    assert odd.values == {"Some setting": "5"}
    assert ([p.name for p in spec.inputs], [p.name for p in spec.outputs]) == (["In"], ["Out"])
    assert [p.code for p in graph_problems(found.graph) if p.where == "nodes.odd"] == ["G200"]
    assert {p.code for p in graph_problems(found.graph)} == {"G200"}


def test_a_placeholder_finds_its_twin_when_the_palette_gets_it_later() -> None:
    few = ModuleCatalogue(tuple(spec for spec in CATALOGUE.specs if spec.name != "Split Data"))
    before = read(income_file(), few)
    assert is_placeholder(before.graph, module(before, "8a8b8c8d"))
    now, notes = resolved(before.graph, CATALOGUE)
    assert now == read(income_file()).graph
    assert set(notes) == {"8a8b8c8d"}


def test_the_report_tells_what_has_no_twin_and_what_to_bind() -> None:
    file = income_file()
    file.modules[0]["ModuleParameters"].append({"Name": "Colour", "Value": "blue", "ValueType": "Literal"})
    file.modules[2]["ModuleParameters"][1]["Value"] = "three quarters"
    file.link("nobody:Out", "script:Dataset2")
    report = import_report(read(file), lambda wanted: wanted.name == BUNDLE)
    notes = {note.node: note for note in report.nodes}
    assert notes[NodeId(f"{GUID}-5")].notes == ("parameter 'Colour' has no twin",)
    assert "three quarters" in notes[NodeId("8a8b8c8d")].notes[0]
    assert [note.node for note in report.nodes if not note.has_twin] == ["odd"]
    assert {note.node: (note.found, note.feeds) for note in report.data} == {
        DATA: (False, (f"{GUID}-5.Dataset",)),
        BUNDLE: (True, ("script.Script Bundle",)),
    }
    assert report.notes == ("a link names the node 'nobody', which is not there",)
    assert not report.is_complete


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', "[" * 100_000, '{"Graph": {"ModuleNodes": 3}}'])
def test_what_is_no_export_is_refused_or_read_as_empty(text: str) -> None:
    try:
        found = read_foreign(Foreign("classic", text), CATALOGUE)
    except ProblemError as error:
        assert error.problem.code == "G210"
    else:
        assert found.graph.nodes == ()


@pytest.mark.parametrize("holder", ["ExperimentGraph", None])
def test_the_graph_may_stand_in_an_import_payload_or_alone(holder: str | None) -> None:
    value = income_file().value
    graph = value.pop("Graph")
    import json

    top = {**value, holder: graph} if holder else {**graph, "WebService": value["WebService"]}
    found = read_foreign(Foreign("classic", json.dumps(top)), CATALOGUE)
    assert found.graph == read(income_file()).graph


def test_use_previous_results_becomes_reuse() -> None:
    file = ClassicFile()
    file.module("a", "select")
    file.module("b", "split")
    file.modules[1]["UsePreviousResults"] = False
    found = read(file)
    assert [module(found, node).allow_reuse for node in "ab"] == [True, False]


@pytest.mark.parametrize("word", ["DisableNodesUpdate", "DisableNodeUpdate"])
def test_disabled_updates_are_told(word: str) -> None:
    value = ClassicFile().value
    assert disables_updates(json.dumps({**value, word: True}))
    assert not disables_updates(json.dumps({**value, word: False}))
