"""Datasets among the inputs, outputs and arguments of steps: the rules of sdk.md 7 and 12, and the graph."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skyloom.core.data_reference import DEFINITION_STORE, PARAMETER_STORE
from skyloom.core.data_reference import DataReference as Place
from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems, value_problems
from skyloom.core.identity import digest_of
from skyloom.core.module import InputPort, OutputPort, PathOf, TransferEntry
from skyloom.core.plan import plan_run
from skyloom.core.serialize import graph_digest
from skyloom.sdk.compile import compile_steps
from skyloom.sdk.data_reference import SqlDataReference
from skyloom.sdk.datapath import DataPath, DataPathComputeBinding
from skyloom.sdk.dataset import Dataset
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.datastore import Datastore
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.file_dataset import FileDataset
from skyloom.sdk.output_dataset_config import OutputFileDatasetConfig
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.data_transfer import DataTransferStep
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import PythonScriptStep
from skyloom.sdk.workspace import Workspace
from tests.core.samples import SampleCatalogue


@pytest.fixture
def files(ws: Workspace) -> FileDataset:
    return Dataset.File.from_files((ws.get_default_datastore(), "in"), validate=False)


def compiled(*steps: PipelineStep) -> Any:
    return compile_steps(steps, lambda step: digest_of("src"), "workspaceblobstore")


def graph_of(*steps: PipelineStep) -> Graph:
    made = compiled(*steps)
    graph: Graph = made.graph
    assert list(graph_problems(graph)) == []
    read, _ = graph_from_document(made.document("x"), SampleCatalogue())
    assert graph_digest(read) == graph_digest(graph)
    return graph


def ports(graph: Graph, node: str) -> tuple[tuple[InputPort, ...], tuple[OutputPort, ...]]:
    found = graph.node(node)
    assert isinstance(found, ModuleNode)
    spec = graph.spec(found)
    return spec.inputs, spec.outputs


def test_a_dataset_among_the_arguments_is_an_input(files: FileDataset) -> None:
    step = PythonScriptStep("a.py", arguments=["--in", files.as_named_input("data").as_mount()])
    graph = graph_of(step)
    (port,), _ = ports(graph, "a.py")
    assert (port.name, port.dataset, port.reading) == ("data", "mount", "")
    node = graph.node("data")
    assert isinstance(node, DataNode) and node.data == Place(DEFINITION_STORE, files.id)
    module = graph.node("a.py")
    assert isinstance(module, ModuleNode)
    assert graph.spec(module).entry.argv[-1] == PathOf("data")  # type: ignore[union-attr]


def test_a_raw_dataset_is_refused(files: FileDataset) -> None:
    for given in ({"inputs": [files]}, {"arguments": [files]}):
        with pytest.raises(ValueError, match="as_named_input"):
            PythonScriptStep("a.py", **given)  # type: ignore[arg-type]


def test_an_output_among_the_arguments_is_an_output_and_its_copies_are_the_same(ws: Workspace) -> None:
    """Rules 3 and 4, trap 7: register_on_complete and as_upload give copies that stay linked."""
    out = OutputFileDatasetConfig("out", (ws.get_default_datastore(), "to/{run-id}"))
    make = PythonScriptStep("a.py", "make", arguments=[out.as_upload().register_on_complete("made")])
    use = PythonScriptStep("a.py", "use", arguments=[out.as_input("given")])
    assert use.predecessors() == [make]
    graph = graph_of(make, use)
    _, (made,) = ports(graph, "make")
    assert (made.name, made.path, made.prepared) == ("out", "to/{run-id}", True)
    assert json.loads(made.register)["name"] == "made"
    (given,), _ = ports(graph, "use")
    assert (given.name, given.dataset) == ("given", "mount")
    assert [(str(edge.source), str(edge.target)) for edge in graph.edges] == [("make.out", "use.given")]


def test_outputs_without_a_name_have_one_that_stays() -> None:
    def names() -> tuple[str, str]:
        out = OutputFileDatasetConfig()
        make = PythonScriptStep("a.py", "make", outputs=[out])
        given = out.as_input()
        PythonScriptStep("a.py", "use", inputs=[given])
        return make.outputs[0].output_name, given.name

    assert names() == names() and names()[0].startswith("output_")


def test_where_an_output_goes_without_a_destination(ws: Workspace) -> None:
    ws.set_default_datastore("workspacefilestore")  # always the blob store, whatever the default (sdk.md 7)
    _, (made,) = ports(graph_of(PythonScriptStep("a.py", outputs=[OutputFileDatasetConfig("o")])), "a.py")
    assert (made.datastore, made.path) == ("workspaceblobstore", "dataset/{run-id}/{output-name}")


def test_tables_of_outputs_carry_their_reading() -> None:
    out = OutputFileDatasetConfig("out")
    make = PythonScriptStep("a.py", "make", outputs=[out])
    first, second = out.read_delimited_files(separator=";").keep_columns(["a"]).random_split(0.5, seed=1)
    use = PythonScriptStep("a.py", "use", inputs=[first.as_input(), second.as_input()])
    (one, two), _ = ports(graph_of(make, use), "use")
    assert (one.name, two.name, one.dataset) == ("input_out_1", "input_out_2", "direct")
    reading = json.loads(one.reading)
    assert reading["reading"]["separator"] == ";" and reading["steps"][0] == ["keep", ["a"]]
    assert one.reading != two.reading


def test_a_pipeline_data_is_read_as_a_dataset_only_if_it_was_given_as_one() -> None:
    bare = PipelineData("bare")
    PythonScriptStep("a.py", "make", outputs=[bare])
    with pytest.raises(ValueError, match=r"as_dataset\(\).*outputs of step 'make'"):
        PythonScriptStep("a.py", "use", inputs=[bare.as_dataset()])
    good = PipelineData("good").as_dataset()
    make = PythonScriptStep("a.py", "make", outputs=[good.register("kept")])
    named = good.parse_delimited_files().as_named_input("table")
    use = PythonScriptStep("a.py", "use", inputs=[good.as_named_input("files").as_mount(), named])
    graph = graph_of(make, use)
    inputs, _ = ports(graph, "use")
    assert [(port.name, port.dataset) for port in inputs] == [("files", "mount"), ("table", "direct")]
    _, (made,) = ports(graph, "make")
    assert json.loads(made.register)["name"] == "kept" and not made.prepared


def test_data_parameters_are_places_by_the_plan(ws: Workspace, files: FileDataset) -> None:
    store = ws.get_default_datastore()
    place = PipelineParameter("place", DataPath(store, "one"))
    bound = (place, DataPathComputeBinding("mount"))
    chosen = DatasetConsumptionConfig("chosen", PipelineParameter("set", files)).as_mount()
    step = PythonScriptStep("a.py", arguments=[bound, chosen], inputs=[bound, chosen])
    graph = graph_of(step)
    assert {parameter.name for parameter in graph.parameters} == {"place", "set"}

    def places(**values: Any) -> dict[str, Any]:
        nodes = plan_run(graph, values).graph.nodes
        return {node.id: node.data for node in nodes if isinstance(node, DataNode)}

    assert graph.node("place").data == Place(PARAMETER_STORE, "place")  # type: ignore[union-attr]
    assert places() == {"place": Place(store.name, "one"), "set": Place(DEFINITION_STORE, files.id)}
    given = {"DataStoreName": "workspacefilestore", "RelativePath": "two/"}  # as the old REST body has it
    assert places(place=given)["place"] == Place("workspacefilestore", "two")
    assert [problem.code for problem in value_problems(graph, {"place": "two"})] == ["P245"]
    assert list(value_problems(graph, {"set": {"SavedDataSetReference": {"Id": "x"}}})) == []


def test_parameters_take_their_own_kind(ws: Workspace, files: FileDataset) -> None:
    store = ws.get_default_datastore()
    table = Dataset.Tabular.from_delimited_files((store, "in"), validate=False)
    assert PipelineParameter("p", files).check(files) == {"dataset": files.id}
    with pytest.raises(TypeError, match="TabularDataset"):
        PipelineParameter("p", files).check(table)
    with pytest.raises(Exception, match="is a str"):
        PipelineParameter("p", DataPath(store, "x")).check("y")
    with pytest.raises(ValueError, match="default value"):
        PipelineParameter("p", [1])
    with pytest.raises(UserErrorException, match="as mount"):
        DatasetConsumptionConfig("x", PipelineParameter("p", table)).as_mount()


def test_a_transfer_is_a_node_without_a_box(ws: Workspace) -> None:
    blobs = ws.get_default_datastore()
    files = Datastore(ws, "workspacefilestore")
    step = DataTransferStep("copy", blobs.path("a"), files.path("b"), source_reference_type="directory")
    use = PythonScriptStep("a.py", arguments=[step.get_output()], inputs=[step.get_output()])
    assert use.predecessors() == [step]
    graph = graph_of(step, use)
    node = graph.node("copy")
    assert isinstance(node, ModuleNode) and graph.spec(node).entry == TransferEntry("folder", None)
    _, (made,) = ports(graph, "copy")
    assert (made.name, made.datastore, made.path) == ("_data_transfer_output", files.name, "b")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source_reference_type": "folder"}, "'file' or 'directory'"),
        ({"source_data_reference": None}, "needs source_data_reference"),
        ({"destination_data_reference": "x"}, "str cannot be a destination"),
    ],
)
def test_a_transfer_that_cannot_be(ws: Workspace, change: dict[str, Any], words: str) -> None:
    place = ws.get_default_datastore().path("a")
    given = {"source_data_reference": place, "destination_data_reference": place, **change}
    with pytest.raises(ValueError, match=words):
        DataTransferStep("copy", **given)


def test_a_table_is_a_source_and_nothing_else(ws: Workspace) -> None:
    shop = Datastore.register_azure_postgre_sql(ws, "shop", "h", "d", "u", "secret")
    table = SqlDataReference(shop, "t", sql_table='my.odd"name')
    assert table.definition["reading"]["query"] == 'SELECT * FROM "my"."odd""name"'
    for wrong in (table.as_mount, table.as_download, table.path):
        with pytest.raises(NotImplementedError):
            wrong()
    with pytest.raises(ValueError, match="not into them"):
        DataTransferStep("copy", ws.get_default_datastore().path("a"), table)
    with pytest.raises(ValueError, match="DataTransferStep alone"):
        graph_of(PythonScriptStep("a.py", inputs=[table]))
    with pytest.raises(UserErrorException, match="either"):
        SqlDataReference(shop, "t")
