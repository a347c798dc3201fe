from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.conda_wish import CondaWish, read_conda_wish
from skyloom.core.data_reference import DataReference as Place
from skyloom.core.environment import NEAREST
from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems
from skyloom.core.identity import digest_of
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.core.serialize import graph_digest
from skyloom.sdk.compile import compile_steps
from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.pipeline import Pipeline, StepSequence
from skyloom.sdk.pipeline_data import OutputPortBinding, PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig import CondaDependencies, RunConfiguration
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import CommandStep, PythonScriptStep
from skyloom.sdk.workspace import Workspace
from tests.core.samples import SampleCatalogue


@pytest.fixture
def source(tmp_path: Path) -> str:
    folder = tmp_path / "src"
    folder.mkdir()
    for name in ("train.py", "compare.py"):
        (folder / name).write_text("pass")
    return os.fspath(folder)


def graph_of(*steps: PipelineStep) -> Graph:
    return compile_steps(steps, lambda step: digest_of("src"), "workspaceblobstore").graph


def entry_of(graph: Graph, node: str) -> CommandEntry:
    found = graph.node(node)
    assert isinstance(found, ModuleNode)
    entry = graph.spec(found).entry
    assert isinstance(entry, CommandEntry)
    return entry


def test_edges_follow_from_data_and_words_become_paths(ws: Workspace, source: str) -> None:
    news = DataReference(ws.get_default_datastore(), "test_data", "20newsgroups/20news.pkl")
    processed = PipelineData("processed")
    train = PythonScriptStep(
        "train.py", arguments=["--in", news, "--out", processed, 3], inputs=[news], outputs=[processed]
    )
    size = PipelineParameter("size", 10)
    compare = PythonScriptStep("compare.py", arguments=[processed, "--n", size], inputs=[processed])
    graph = graph_of(train, compare)
    assert list(graph_problems(graph)) == []
    assert [str(edge.target) for edge in graph.edges] == ["train.py.test_data", "compare.py.processed"]
    assert entry_of(graph, "train.py").argv == (
        "train.py", "--in", PathOf("test_data"), "--out", PathOf("processed"), "3",
    )  # fmt: skip
    assert entry_of(graph, "compare.py").argv[-1] == ParameterRef("size")
    data = graph.node("test_data")
    assert isinstance(data, DataNode) and data.data == Place("workspaceblobstore", "20newsgroups/20news.pkl")
    assert [(p.name, p.default) for p in graph.parameters] == [("size", 10)]


def test_the_document_reads_as_the_same_graph(ws: Workspace, source: str) -> None:
    out = PipelineData("out")
    first = PythonScriptStep("train.py", arguments=[out], outputs=[out], source_directory=source)
    second = CommandStep("ls -l", name="second", source_directory=source)
    second.run_after(first)
    compiled = compile_steps([first, second], lambda step: digest_of("x"), "workspacefilestore")
    graph, view = graph_from_document(compiled.document("name"), SampleCatalogue())
    assert graph_digest(graph) == graph_digest(compiled.graph) and view.name == "name"


def test_an_input_with_the_name_of_an_output_is_renamed(ws: Workspace) -> None:
    before = PipelineData("x")
    PythonScriptStep("train.py", outputs=[before])
    after = PipelineData("x")
    step = PythonScriptStep("compare.py", arguments=[before, after], inputs=[before], outputs=[after])
    assert before.producer is not None
    entry = entry_of(graph_of(before.producer, step), "compare.py")
    assert entry.argv == ("compare.py", PathOf("INPUT_x"), PathOf("x"))


def test_rules_of_steps_are_kept(ws: Workspace) -> None:
    data = PipelineData("data")
    with pytest.raises(ValueError, match="list it in inputs or outputs"):
        PythonScriptStep("train.py", arguments=[data])
    PythonScriptStep("train.py", outputs=[data])
    with pytest.raises(ValueError, match=r"is an output of step 'train.py' already"):
        PythonScriptStep("compare.py", outputs=[data])
    with pytest.raises(ValueError, match="more than once"):
        PythonScriptStep("compare.py", inputs=[data, data])
    with pytest.raises(ValueError, match="only letters"):
        PipelineData("no-dash")
    with pytest.raises(ValueError, match="cannot be an input"):
        PythonScriptStep("compare.py", inputs=["text"])
    with pytest.raises(ValueError, match="script_name"):
        PythonScriptStep(None)  # type: ignore[arg-type]
    assert OutputPortBinding("o", output_name="other").output_name == "other"


def test_steps_are_found_behind_data_lists_and_sequences(ws: Workspace, source: str) -> None:
    def step(name: str, **more: Any) -> PythonScriptStep:
        return PythonScriptStep("train.py", name=name, source_directory=source, **more)

    data = PipelineData("data")
    first = step("first", outputs=[data])
    second = step("second", inputs=[data])
    assert {s.name for s in Pipeline(ws, steps=[second]).steps} == {"first", "second"}
    assert [s.name for s in Pipeline(ws, steps=[second], resolve_closure=False).steps] == ["second"]
    assert [s.name for s in Pipeline(ws, steps=[[data]]).steps] == ["first"]
    a, b, c, d = (step(name) for name in "abcd")
    graph = Pipeline(ws, steps=StepSequence([a, [b, c], d])).graph
    assert set(graph.order) == {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")}
    assert first in second.predecessors()
    with pytest.raises(NotImplementedError):
        Pipeline(ws, steps=["text"])
    with pytest.raises(ValueError, match="no argument 'colour'"):
        Pipeline(ws, steps=[a], colour=1)


def test_a_missing_script_names_its_step(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Step \[lost\]: script not found"):
        Pipeline(ws, [PythonScriptStep("no.py", name="lost", source_directory=os.fspath(tmp_path))])


def test_two_steps_of_one_name_are_two_nodes(ws: Workspace, source: str) -> None:
    graph = graph_of(PythonScriptStep("train.py"), PythonScriptStep("train.py", arguments=["2"]))
    assert [node.id for node in graph.nodes] == ["train.py", "train.py (2)"]
    assert [node.title for node in graph.nodes] == ["train.py", "train.py"]


def test_parameters_have_one_default_and_values_of_its_kind(ws: Workspace, source: str) -> None:
    one, other = PipelineParameter("n", 1), PipelineParameter("n", 2)
    steps = [PythonScriptStep("train.py", arguments=[p], source_directory=source) for p in (one, other)]
    with pytest.raises(Exception, match="Two parameters are called 'n'"):
        Pipeline(ws, steps)
    assert PipelineParameter("f", 0.5).check(2) == 2
    assert one.check(True) is True
    with pytest.raises(Exception, match="is a str"):
        one.check("2")
    with pytest.raises(ValueError, match="default value"):
        PipelineParameter("n", [1])
    pipeline = Pipeline(ws, [steps[0]])
    with pytest.raises(Exception, match="not a parameter of the pipeline; it has: n"):
        pipeline.submit("exp", pipeline_parameters={"m": 1})


def test_an_environment_becomes_requirements_and_the_sdk_is_dropped(ws: Workspace) -> None:
    """sdk.md 21, traps 11, 12 and 22."""
    config = RunConfiguration()
    environment: Any = config
    environment.environment.docker.enabled = True
    environment.environment.python.conda_dependencies = CondaDependencies.create(
        pip_packages=["azureml-sdk[notebooks]", "lightgbm"],
        conda_packages=["numpy=1.16"],
        python_version="3.6.2",
    )
    environment.environment.environment_variables = {"A": 1}
    with pytest.warns(UserWarning, match="no effect"):
        environment.environment.docker.unheard_of = 3
    step = PythonScriptStep("train.py", runconfig=config)
    compiled = compile_steps([step], lambda step: digest_of("x"), "workspaceblobstore")
    node = compiled.graph.node("train.py")
    assert isinstance(node, ModuleNode)
    assert isinstance(node.values["Requirements"], str)
    lines = node.values["Requirements"].splitlines()
    assert [lines[0], *lines[-2:]] == [NEAREST, "lightgbm", "numpy==1.16.*"]
    assert read_conda_wish("\n".join(lines)) == CondaWish(("numpy=1.16",), ("anaconda", "conda-forge"))
    assert node.values["Python Version"] == "3.6.2"
    assert entry_of(compiled.graph, "train.py").variables == (("A", "1"),)
    assert compiled.dropped == {"train.py": ("azureml-sdk[notebooks]",)}


def test_a_command_is_split_or_given_to_the_shell() -> None:
    assert CommandStep("python train.py --n '1 2'").arguments == ["python", "train.py", "--n", "1 2"]
    assert CommandStep("cat a | wc -l").arguments == ["sh", "-c", "cat a | wc -l"]
    assert CommandStep(["python train.py", 1]).arguments == ["python", "train.py", 1]
    assert CommandStep("ls").name == "CommandStep_ls"
    with pytest.raises(ValueError, match="needs a command"):
        CommandStep()
