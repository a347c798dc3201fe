from __future__ import annotations

from typing import Any

import pytest

from skyloom.client.experiment_files import decoded
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Experiment, ExperimentId, Foreign
from skyloom.core.graph import DataNode, Edge, ModuleNode, PortRef
from skyloom.core.graph_problems import is_placeholder
from skyloom.core.identity import NodeId
from skyloom.core.parameter import ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.modules.catalogue import load_catalogue
from skyloom.studio.classic_export import exported
from skyloom.studio.foreign_file import read_foreign
from skyloom.studio.foreign_graph import ForeignGraph, import_report
from skyloom.studio.secret_redaction import REDACTED, redacted
from tests.studio.definitions import SECRETS, capitalised, definition, text_of

CATALOGUE = load_catalogue()


def read(value: Any) -> ForeignGraph:
    return read_foreign(Foreign("classic", text_of(value)), CATALOGUE)


def values(found: ForeignGraph, node: str) -> Any:
    made = found.graph.node(node)
    assert isinstance(made, ModuleNode)
    return made.values


def test_modules_resources_links_and_service_ports_are_read() -> None:
    found = read(definition())
    graph = found.graph
    assert found.foreign is not None and found.foreign.format == "arm"
    assert {n.id: n.type for n in graph.nodes if isinstance(n, DataNode)} == {
        "sample": "Dataset",
        "bundle": "Zip",
    }
    names = {n.id: graph.spec(n).name for n in graph.nodes if isinstance(n, ModuleNode)}
    assert names == {
        "choose": "Select Columns in Dataset",
        "script": "Execute Python Script",
        "split": "Split Data",
        "store": "Export to Nowhere",
    }
    assert [node.id for node in graph.nodes if is_placeholder(graph, node)] == ["store"]
    assert (found.view.name, found.view.summary) == ("Adult service", "who earns more")
    assert [str(port.source) for port in graph.outputs] == ["split.Results dataset1"]


def test_a_port_may_have_a_link_and_the_service_input() -> None:
    graph = read(definition()).graph
    target = PortRef(NodeId("choose"), "Dataset")
    assert Edge(PortRef(NodeId("sample"), "data"), target) in graph.edges
    assert [(port.name, port.targets) for port in graph.inputs] == [("input1", (target,))]


def test_values_are_literals_expressions_and_objects_with_a_value() -> None:
    found = read(definition())
    assert values(found, "script") == {
        "Python Script": "def azureml_main(a):\r\n    return a,",
        "Python Version": "Anaconda 4.0/Python 3.5",
    }
    assert values(found, "split")["Randomized split"] is True
    assert values(found, "split")["Random seed"] == ParameterRef("Seed")
    (seed,) = found.graph.parameters
    assert (seed.type, seed.default, seed.doc) == ("int", 42, "of the split")


def test_what_only_a_deployment_knows_and_what_is_secret_is_told_and_left_out() -> None:
    found = read(definition())
    assert values(found, "store") == {}
    assert sorted(found.graph_notes) == [
        "'store': the secret in 'Password' was not taken over; type it anew",
        "'store': the value of 'Account Key' is encrypted; type it anew",
        "'store': the value of 'Server' is known at deployment only; type it in",
    ]


def test_data_and_bundles_are_to_be_bound() -> None:
    report = import_report(read(definition()), lambda wanted: False)
    assert [(note.node, note.type, note.feeds, note.found) for note in report.data] == [
        ("sample", "Dataset", ("choose.Dataset",), False),
        ("bundle", "Zip", ("script.Script Bundle",), False),
    ]
    sample = read(definition()).graph.node("sample")
    assert isinstance(sample, DataNode)
    assert (sample.title, sample.data) == ("Adult sample", DatasetVersion("sample"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("spell", [lambda value: value, capitalised], ids=["camel", "capitalised"])
def test_spelling_of_keys_and_encoding_make_no_difference(spell: Any, encoding: str) -> None:
    foreign = decoded(text_of(spell(definition())).encode(encoding))
    found = read_foreign(foreign, CATALOGUE)
    assert found.graph == read(definition()).graph
    assert found.view == read(definition()).view


@pytest.mark.parametrize("part", ["resource", "properties"])
def test_a_resource_or_its_properties_alone_read_too(part: str) -> None:
    resource = definition()["resources"][0]
    found = read(resource if part == "resource" else resource["properties"])
    assert {node.id for node in found.graph.nodes} == {node.id for node in read(definition()).graph.nodes}


def test_live_keys_are_neither_kept_nor_exported() -> None:
    found = read(definition())
    assert found.foreign is not None
    new = ExperimentId("x")
    experiment = Experiment(new, new, found.graph, found.view, foreign=found.foreign)
    out = exported(experiment, None, CATALOGUE)
    assert out == found.foreign
    for secret in SECRETS:
        assert (
            secret not in out.text
            and secret not in repr(found.graph)
            and secret not in repr(found.graph_notes)
        )
    assert REDACTED in out.text and "[parameters('planId')]" in out.text
    assert "store.blob.invalid" in out.text  # the place stays, its signature goes


def test_a_definition_without_secrets_comes_back_letter_for_letter() -> None:
    value = definition()
    properties = value["resources"][0]["properties"]
    for part in ("keys", "storageAccount"):
        del properties[part]
    del value["parameters"]["adminPassword"], properties["package"]["nodes"]["store"]["parameters"]
    for asset in ("a-data", "a-zip"):
        properties["assets"][asset]["locationInfo"]["uri"] = "aml://datasource/x"
    found = read(value)
    assert found.foreign == Foreign("arm", text_of(value))


def test_an_edited_definition_is_written_as_a_classic_graph() -> None:
    found = read(definition())
    new = ExperimentId("x")
    from dataclasses import replace

    edited = Experiment(new, new, found.graph, replace(found.view, name="Other"), foreign=found.foreign)
    with pytest.raises(ProblemError) as told:
        exported(edited, "arm", CATALOGUE)
    assert told.value.problem.code == "G215"
    again = read_foreign(exported(edited, "classic", CATALOGUE), CATALOGUE)
    assert set(again.graph.edges) == set(found.graph.edges)
    assert again.graph.inputs == found.graph.inputs


def test_names_and_descriptions_are_not_mistaken_for_secrets() -> None:
    value: Any = {"name": "keys of the house", "parameters": [{"name": "Join key columns", "value": "a"}]}
    assert redacted(value) == value
    assert redacted({"credentials": {"type": "sql", "user": "sa"}, "accountKey": "[parameters('k')]"}) == {
        "credentials": {"type": "sql", "user": REDACTED},
        "accountKey": "[parameters('k')]",
    }
