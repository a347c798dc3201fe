"""Pipelines, schedules and run configurations as files. Source: sdk.md 9, 16."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.pipeline_yaml import PipelineFile
from skyloom.sdk.runconfig import CondaDependencies, RunConfiguration
from skyloom.sdk.schedule import Schedule, ScheduleRecurrence
from skyloom.sdk.steps.adla import AdlaStep
from skyloom.sdk.steps.data_transfer import DataTransferStep
from skyloom.sdk.workspace import Workspace

TEXT = """
pipeline:
    description: From a file
    parameters:
        Iterations: {type: int, default: 40}
        Where: {type: datapath, default: {datastore: workspaceblobstore, path_on_datastore: in}}
        Nodes: {type: int, default: 2}
    data_references:
        Raw: {datastore: workspaceblobstore, path_on_datastore: raw/a.csv}
        Copy: {datastore: workspacefilestore, path_on_datastore: copy}
    default_compute: pool
    steps:
        Prepare:
            type: PythonScriptStep
            name: prepare
            script_name: prepare.py
            source_directory: src
            allow_reuse: false
            runconfig: .azureml/mine.runconfig
            runconfig_parameters: {NodeCount: {source: Nodes}}
            parameters: {N: {source: Iterations}, M: 7}
            inputs:
                raw: {source: Raw, bind_mode: download, path_on_compute: here}
                where: {source: Where}
            outputs: {clean: {destination: Clean, datastore: workspaceblobstore}}
            arguments: [--raw, input:raw, --out, output:clean, --n, parameter:N, --plain, 1]
        Count:
            type: AdlaStep
            script_name: count.usql
            source_directory: src
            compute: lake
            inputs: {rows: {source: Clean}}
            outputs: {counts: {destination: Counts}}
            parameters: {least: 3}
        Move:
            type: DataTransferStep
            source_data_reference: Raw
            destination_data_reference: Copy
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "prepare.py").write_text("pass")
    (tmp_path / "src" / "count.usql").write_text("@a = EXTRACT x int FROM '@@rows@@' USING Extractors.Csv();")
    config: Any = RunConfiguration()
    config.environment_variables = {"A": "1"}
    config.save(os.fspath(tmp_path), "mine")
    (tmp_path / "pipeline.yml").write_text(TEXT)
    return tmp_path / "pipeline.yml"


def test_a_file_becomes_steps_with_their_data_and_values(ws: Workspace, file: Path) -> None:
    prepare, count, move = PipelineFile(ws, os.fspath(file)).steps
    assert isinstance(count, AdlaStep) and isinstance(move, DataTransferStep)
    assert [str(one) for one in prepare.arguments] == [
        "prepare.py", "--raw", "$AZUREML_DATAREFERENCE_raw", "--out", "$AZUREML_DATAREFERENCE_clean",
        "--n", "$AML_PARAMETER_Iterations", "--plain", "1",
    ]  # fmt: skip
    assert {one.name for one in prepare.parameters()} == {"Iterations", "Nodes"}
    assert [one.name for one in prepare.data_parameters()] == ["Where"]
    assert count.predecessors() == [prepare]
    assert count.compute_target == "lake"
    pipeline = Pipeline.load_yaml(ws, os.fspath(file))
    assert pipeline.description == "From a file" and len(pipeline.steps) == 3
    node = pipeline.graph.node("prepare")
    assert node is not None and node.allow_reuse is False  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("pipeline:", "other:"), "does not hold the key 'pipeline'"),
        (("steps:", "stairs:"), "has no steps"),
        (("source: Raw", "source: Row"), "reads 'Row', and there is: Raw"),
        (("source: Iterations", "source: Times"), "no parameter 'Times'"),
        (("input:raw", "input:row"), "'input:row' names what the step does not have"),
        (("type: AdlaStep", "type: OtherStep"), "types are PythonScriptStep"),
        (("type: int, default: 40", "type: list, default: 40"), "types are int"),
    ],
)
def test_what_leads_nowhere_is_told(ws: Workspace, file: Path, change: tuple[str, str], words: str) -> None:
    file.write_text(TEXT.replace(*change, 1))
    with pytest.raises(ValueError, match=words):
        Pipeline.load_yaml(ws, os.fspath(file))


def test_a_schedule_reads_as_the_arguments_of_create(ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "schedule.yml"
    file.write_text(
        "Schedule:\n  description: d\n  recurrence: {frequency: Week, interval: 1, week_days: [Monday],"
        " time_zone: PacificStandardTime, time_of_day: '10:30'}\n  pipeline_parameters: {a: 1}\n"
        "  wait_timeout: 60\n"
    )
    read = Schedule.load_yaml(ws, os.fspath(file))
    recurrence = read.pop("recurrence")
    assert isinstance(recurrence, ScheduleRecurrence) and recurrence.time_of_day == "10:30"
    assert read == {"description": "d", "pipeline_parameters": {"a": 1}, "wait_timeout": 60}
    file.write_text(
        "Schedule: {datastore_name: workspaceblobstore, path_on_datastore: in, polling_interval: 2}"
    )
    watch = Schedule.load_yaml(ws, os.fspath(file))
    assert (watch["datastore"].name, watch["path_on_datastore"], watch["polling_interval"]) == (
        "workspaceblobstore", "in", 2,
    )  # fmt: skip
    file.write_text("Schedule: {recurrence: {frequency: Week, interval: 0}}")
    with pytest.raises(ValueError, match="interval"):
        Schedule.load_yaml(ws, os.fspath(file))


@pytest.mark.parametrize("is_separate", [True, False])
def test_a_run_configuration_reads_back_as_it_was_saved(tmp_path: Path, is_separate: bool) -> None:
    config: Any = RunConfiguration(script="a.py", arguments=["--x", 1])
    config.target = "pool"
    config.environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["numpy"])
    config.environment.environment_variables = {"A": "b"}
    config.mpi.process_count_per_node = 3
    config.save(os.fspath(tmp_path), "mine", separate_environment_yaml=is_separate)
    for path in (tmp_path, tmp_path / ".azureml" / "mine.runconfig"):
        again: Any = RunConfiguration.load(os.fspath(path))
        assert (again.script, again.arguments, again.target) == ("a.py", ["--x", "1"], "pool")
        assert list(again.environment.python.conda_dependencies.pip_packages) == ["numpy"]
        assert again.environment.environment_variables == {"A": "b"}
        assert again.mpi.process_count_per_node == 3
    with pytest.raises(UserErrorException, match="no run configuration other"):
        RunConfiguration.load(os.fspath(tmp_path), "other")
