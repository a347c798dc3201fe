"""AdlaStep: its words, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.graph import ModuleNode
from skyloom.core.identity import digest_of
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.sdk.compile import compile_steps
from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.adla import AdlaStep
from skyloom.sdk.workspace import Workspace


def test_ports_and_parameters_become_words_by_name(ws: Workspace) -> None:
    data = DataReference(ws.get_default_datastore(), "log", "data/log.tsv")
    out = PipelineData("out")
    params = {"least": 10, "mark": PipelineParameter("colour", "red")}
    step = AdlaStep("q.usql", inputs=[data], outputs=[out], params=params, compute_target="lake")
    graph = compile_steps([step], lambda one: digest_of("src"), "workspaceblobstore").graph
    node = graph.node("q.usql")
    assert isinstance(node, ModuleNode) and node.compute == "lake"
    entry = graph.spec(node).entry
    assert isinstance(entry, CommandEntry) and entry.language == "usql"
    assert entry.argv == (
        "q.usql", "--input", "log", PathOf("log"), "--output", "out", PathOf("out"),
        "--parameter", "least", ParameterRef("least"), "--parameter", "mark", ParameterRef("colour"),
    )  # fmt: skip


def test_a_name_stands_for_one_thing(ws: Workspace) -> None:
    data = DataReference(ws.get_default_datastore(), "log", "data/log.tsv")
    with pytest.raises(ValueError, match="names a parameter, and an input or output"):
        AdlaStep("q.usql", inputs=[data], params={"log": 1})
    with pytest.raises(ValueError, match="names an input and an output"):
        AdlaStep("q.usql", inputs=[data], outputs=[PipelineData("log")])


def test_a_script_that_is_not_there_is_told_when_the_pipeline_is_built(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="script not found at"):
        Pipeline(ws, [AdlaStep("q.usql", source_directory=str(tmp_path))]).validate()
    with pytest.raises(ValueError, match="script_name"):
        AdlaStep("")
