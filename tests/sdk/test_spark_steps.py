"""DatabricksStep and SynapseSparkStep: their words, where their code is found, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.compute_secrets import TOKEN
from skyloom.core.graph import ModuleNode
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.sdk.compute import ComputeTarget
from skyloom.sdk.compute_outside import DatabricksCompute, SynapseCompute
from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.exceptions import ComputeTargetException
from skyloom.sdk.libraries import JarLibrary, MavenLibrary, PyPiLibrary
from skyloom.sdk.output_dataset_config import HDFSOutputDatasetConfig
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.databricks import DatabricksStep
from skyloom.sdk.steps.spark_step import PACKAGES
from skyloom.sdk.steps.synapse_spark import SynapseSparkStep
from skyloom.sdk.workspace import Workspace


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "nb").mkdir(parents=True)
    (folder / "nb" / "work.py").write_text("# Databricks notebook source\nprint(1)\n")
    (folder / "train.py").write_text("print(1)\n")
    monkeypatch.chdir(folder)
    return folder


def attach(ws: Workspace, **more: Any) -> DatabricksCompute:
    config = DatabricksCompute.attach_configuration(
        "group", more.pop("name", "bricks-ws"), None, "tok-12345", **more
    )
    made = ComputeTarget.attach(ws, "bricks", config)
    assert isinstance(made, DatabricksCompute)
    return made


def entry_of(ws: Workspace, step: Any) -> tuple[ModuleNode, CommandEntry]:
    graph = Pipeline(ws, [step]).graph
    (node,) = (one for one in graph.nodes if isinstance(one, ModuleNode))
    entry = graph.spec(node).entry
    assert isinstance(entry, CommandEntry)
    return node, entry


def threes(entry: CommandEntry, option: str) -> list[tuple[Any, Any]]:
    argv = entry.argv
    return [(name, value) for key, name, value in zip(argv[1::3], argv[2::3], argv[3::3]) if key == option]


def test_the_step_of_the_seeds_becomes_words(ws: Workspace, source: Path) -> None:
    store = ws.get_default_datastore()
    step = DatabricksStep(
        name="databricksmodule", inputs=[DataReference(store, "step_1_input", "a.csv")],
        outputs=[PipelineData("step_1_output", store)], num_workers=1, notebook_path="nb/work",
        notebook_params={"myparam": "testparam", "shared": PipelineParameter("shared", "x")},
        run_name="demo run name", compute_target=attach(ws), allow_reuse=False,
        spark_conf={"spark.executor.cores": "2", "spark.sql.session.timeZone": "UTC"},
        pypi_libraries=[PyPiLibrary("six==1.16")],
    )  # fmt: skip
    node, entry = entry_of(ws, step)
    assert entry.language == "spark" and entry.argv[0] == "work" and node.compute == "bricks"
    assert threes(entry, "--kind") == [("", "notebook")]
    assert threes(entry, "--input") == [("step_1_input", PathOf("step_1_input"))]
    assert threes(entry, "--output") == [("step_1_output", PathOf("step_1_output"))]
    assert threes(entry, "--parameter") == [
        ("myparam", ParameterRef("myparam")), ("shared", ParameterRef("shared"))
    ]  # fmt: skip
    cluster: dict[str, Any] = dict(threes(entry, "--cluster"))
    assert (cluster["cores"], cluster["engine"], cluster["compute"]) == ("1", "local", "bricks")
    assert cluster["run_name"] == "demo run name"
    assert json.loads(cluster["conf"]) == {"spark.executor.cores": "2"}
    assert threes(entry, "--session") == [("spark.sql.session.timeZone", "UTC")]
    assert str(node.values["Requirements"]).splitlines()[1:] == [*PACKAGES, "six==1.16"]


def test_the_address_of_a_compute_target_decides_where_steps_run(
    ws: Workspace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(ws, workspace_url="https://adb-12.3.azuredatabricks.net/")
    step = DatabricksStep(
        "d", num_workers=2, notebook_path="/Users/ann/nb", compute_target="bricks",
        maven_libraries=[MavenLibrary("a:b:1")],
    )  # fmt: skip
    node, entry = entry_of(ws, step)
    cluster: dict[str, Any] = dict(threes(entry, "--cluster"))
    assert cluster["engine"] == "remote" and entry.argv[0] == "/Users/ann/nb"
    assert json.loads(cluster["job"])["num_workers"] == 2
    assert node.environment == "current" and "Requirements" not in node.values
    assert not step.faults()
    monkeypatch.setenv("SKYLOOM_DATABRICKS", "local")
    with pytest.raises(ValueError, match="notebook not found at"):
        Pipeline(ws, [step])


def test_tokens_and_secrets_are_kept_apart_and_stay_until_the_target_goes(
    ws: Workspace, tmp_path: Path
) -> None:
    target = attach(ws)
    target.set_secrets("db", {"password": "hunter22"})
    api: Any = ws._api
    assert "tok-12345" not in str(api.facts()) and "hunter22" not in str(api.facts())
    assert api.secrets.of("bricks") == {TOKEN: "tok-12345", "db/password": "hunter22"}
    file = tmp_path / "home" / "secrets" / "computes.json"
    assert file.stat().st_mode & 0o077 == 0
    target.detach()
    assert api.secrets.of("bricks") == {} and "hunter22" not in file.read_text()


@pytest.mark.parametrize("path", ["nb/work", "nb/work.py", "./nb/work"])
def test_notebooks_are_found_with_and_without_their_ending(ws: Workspace, source: Path, path: str) -> None:
    entry_of(ws, DatabricksStep("d", num_workers=1, notebook_path=path))


def test_a_folder_may_stand_for_the_notebooks_of_the_workspace(
    ws: Workspace, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKYLOOM_DATABRICKS_NOTEBOOKS", str(source))
    _, entry = entry_of(ws, DatabricksStep("d", num_workers=1, notebook_path="/nb/work"))
    assert entry.argv[0] == "nb/work"


def test_words_of_scripts_and_jars_may_be_a_set(ws: Workspace, source: Path) -> None:
    step = DatabricksStep("d", num_workers=1, python_script_name="train.py", source_directory=".",
                          python_script_params={"b", "a"})  # fmt: skip
    assert threes(entry_of(ws, step)[1], "--argument") == [("", "a"), ("", "b")]
    (source / "x.jar").write_bytes(b"jar")
    jar = DatabricksStep("j", num_workers=1, main_class_name="com.Main", jar_params=["1"],
                         jar_libraries=[JarLibrary("x.jar"), JarLibrary("dbfs:/y.jar")])  # fmt: skip
    entry = entry_of(ws, jar)[1]
    assert threes(entry, "--jar") == [("", "_libraries/x.jar"), ("", "dbfs:/y.jar")]
    assert jar.added_files() == {"_libraries/x.jar": b"jar"}
    before = entry.snapshot
    (source / "x.jar").write_bytes(b"another")
    assert entry_of(ws, jar)[1].snapshot != before


def test_what_is_not_fetched_or_not_there_is_said_before_a_run(ws: Workspace, source: Path) -> None:
    maven = DatabricksStep(
        "d", num_workers=1, notebook_path="nb/work", maven_libraries=[MavenLibrary("a:b:1")]
    )
    assert [fault.code for fault in maven.faults()] == ["C125"]
    lost = DatabricksStep("j", num_workers=1, main_class_name="M", jar_libraries=[JarLibrary("none.jar")])
    assert [fault.code for fault in lost.faults()] == ["C126"]
    scripts = DatabricksStep("i", num_workers=1, notebook_path="nb/work", init_scripts=["dbfs:/a.sh"])
    Pipeline(ws, [scripts])
    assert scripts.notes == ["'init_scripts' has no effect on this machine"]


def test_a_pool_of_synapse_and_its_step(ws: Workspace, source: Path) -> None:
    with pytest.raises(ComputeTargetException, match="pool_name"):
        SynapseCompute.attach_configuration("service")
    pool = ComputeTarget.attach(ws, "pool", SynapseCompute.attach_configuration("service", pool_name="p"))
    assert type(ComputeTarget(ws, "pool")) is SynapseCompute
    out = HDFSOutputDatasetConfig("out", (ws.get_default_datastore(), "made"))
    step = SynapseSparkStep(
        "train.py", str(source), pool, "2g", 1, "1g", 2, 2, arguments=["--out", out], outputs=[out],
        conf={"spark.sql.ansi.enabled": True},
    )  # fmt: skip
    _, entry = entry_of(ws, step)
    cluster = dict(threes(entry, "--cluster"))
    assert (cluster["cores"], cluster["memory"], cluster["compute"]) == ("4", "2g", "pool")
    assert threes(entry, "--argument") == [("", "--out"), ("", PathOf("out"))]
    assert threes(entry, "--session") == [("spark.sql.ansi.enabled", "true")]
    with pytest.raises(ValueError, match="script not found"):
        Pipeline(ws, [SynapseSparkStep("none.py", str(source), pool, "1g", 1, "1g", 1, 1)])
