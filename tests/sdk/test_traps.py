"""The traps of sdk.md 21 that need no run; those that do are in tests/stories/test_traps.py."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.graph import ModuleNode
from skyloom.core.identity import digest_of
from skyloom.core.image_wish import DEFAULT_CPU_IMAGE
from skyloom.sdk.compile import PYTHON, REQUIREMENTS, compile_steps
from skyloom.sdk.compute import AmlCompute, ComputeTarget
from skyloom.sdk.compute_outside import DataFactoryCompute
from skyloom.sdk.dataset import Dataset
from skyloom.sdk.datastore import Datastore
from skyloom.sdk.environment import Environment
from skyloom.sdk.exceptions import ComputeTargetException, UserErrorException, WebserviceException
from skyloom.sdk.model import Model
from skyloom.sdk.output_dataset_config import OutputFileDatasetConfig
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig import CondaDependencies, RunConfiguration
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import PythonScriptStep
from skyloom.sdk.workspace import Workspace


@pytest.fixture
def source(tmp_path: Path) -> str:
    folder = tmp_path / "src"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "train.py").write_text("pass")
    return os.fspath(folder)


def node_of(step: PipelineStep) -> ModuleNode:
    graph = compile_steps([step], lambda one: digest_of("src"), "workspaceblobstore").graph
    return next(node for node in graph.nodes if isinstance(node, ModuleNode))


def test_constructors_look_up_and_raise_what_is_caught(ws: Workspace) -> None:
    """Trap 4; HttpOperationError is there whether msrest is installed or not."""
    from azureml.core import Workspace as _Old  # noqa: F401 - offers the name
    from msrest.exceptions import HttpOperationError

    with pytest.raises(ComputeTargetException, match="ComputeTargetNotFound") as missing:
        ComputeTarget(workspace=ws, name="none")
    assert "ComputeTargetNotFound" in missing.value.message
    for kind in (HttpOperationError, UserErrorException):
        with pytest.raises(kind):
            Datastore(ws, "none")
    with pytest.raises(WebserviceException, match="ModelNotFound"):
        Model(ws, "none")


def test_numbers_may_come_as_text_and_lists_as_other_things(ws: Workspace, source: str) -> None:
    """Trap 6."""
    pool = AmlCompute.provisioning_configuration(vm_size="x", min_nodes="0", max_nodes="4")
    made = ComputeTarget.create(ws, "pool", pool)
    assert isinstance(made, AmlCompute) and vars(made.scale_settings)["maximum_node_count"] == 4
    for arguments in (("--x", 1), {"--x"}, iter(["--x"])):
        step = PythonScriptStep("sub/train.py", arguments=arguments, source_directory=source)
        assert step.arguments[1] == "--x"
    assert PipelineParameter("n", 10).check(True) is True


def test_copies_of_an_output_stay_linked_to_the_step_that_makes_it(ws: Workspace, source: str) -> None:
    """Trap 7."""
    made = OutputFileDatasetConfig("made", destination=(ws.get_default_datastore(), "x/{run-id}"))
    copies = made.as_upload(overwrite=True).register_on_complete("kept")
    first = PythonScriptStep("sub/train.py", name="a", arguments=[copies], source_directory=source)
    second = PythonScriptStep(
        "sub/train.py", name="b", arguments=[made.as_input("i")], source_directory=source
    )
    assert second.predecessors() == [first]
    assert Pipeline(ws, [second]).steps == [second, first]


def test_mappings_of_a_workspace_are_looked_up_when_asked(ws: Workspace) -> None:
    """Trap 8."""
    assert not ws.datasets and not ws.models and not ws.compute_targets
    assert "late" not in ws.datasets and ws.datasets.get("late") is None
    with pytest.raises(KeyError):
        ws.datasets["late"]
    known = ws.datasets
    store = ws.get_default_datastore()
    Dataset.File.from_files((store, "nothing"), validate=False).register(ws, "late")
    assert "late" in known and known and list(known) == ["late"]


def test_both_default_datastores_are_in_every_workspace(ws: Workspace) -> None:
    """Trap 9."""
    assert set(ws.datastores) >= {"workspaceblobstore", "workspacefilestore"}
    assert ws.get_default_datastore().datastore_type == "AzureBlob"


def test_environments_take_what_is_set_on_them_later(source: str) -> None:
    """Trap 11; what is not known is told and taken."""
    config: Any = RunConfiguration()
    config.environment.docker.enabled = True
    config.environment.docker.base_image = DEFAULT_CPU_IMAGE
    config.environment.python.user_managed_dependencies = False
    config.environment.spark.precache_packages = False
    config.environment.python.conda_dependencies = CondaDependencies.create(conda_packages=["scikit-learn"])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        config.environment.docker.something_of_another_year = 1
    assert "something_of_another_year" in str(told[0].message)
    step = PythonScriptStep("sub/train.py", runconfig=config, source_directory=source)
    assert "scikit-learn" in str(node_of(step).values[REQUIREMENTS])


def test_the_sdk_itself_is_not_installed_and_an_old_python_is_told(source: str) -> None:
    """Traps 12 and 22."""
    environment: Any = Environment("old")
    environment.python.conda_dependencies = CondaDependencies.create(
        python_version="3.6.2",
        pip_packages=["azureml-sdk[automl,notebooks]~=1.0", "azureml-dataprep", "pandas"],
    )
    config: Any = RunConfiguration()
    config.environment = environment
    step = PythonScriptStep("sub/train.py", runconfig=config, source_directory=source)
    values = node_of(step).values
    assert str(values[REQUIREMENTS]).splitlines()[1:] == ["pandas"]
    assert values[PYTHON] == "3.6.2"


def test_source_directories_are_of_the_working_directory(
    ws: Workspace, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trap 15."""
    monkeypatch.chdir(os.path.dirname(source))
    assert Pipeline(ws, [PythonScriptStep("sub/train.py", source_directory="./src")]).steps
    with pytest.raises(ValueError, match=r"Step \[other.py\]: script not found"):
        Pipeline(ws, [PythonScriptStep("other.py", source_directory="./src")])


def test_lookups_give_exactly_the_class(ws: Workspace) -> None:
    """Trap 18."""
    ComputeTarget.create(ws, "pool", AmlCompute.provisioning_configuration(vm_size="x"))
    ComputeTarget.create(ws, "factory", DataFactoryCompute.provisioning_configuration())
    assert type(ComputeTarget(ws, "pool")) is AmlCompute
    assert type(ws.compute_targets["factory"]) is DataFactoryCompute
    assert ws.compute_targets["factory"].type == "DataFactory"


def test_names_keep_their_spaces_and_scripts_their_folders(source: str) -> None:
    """Trap 21."""
    made = PipelineData("made")
    step = PythonScriptStep(
        "sub/train.py", name="Train ", outputs=[made], arguments=[made], source_directory=source
    )
    assert node_of(step).title == "Train " and step.script_name == "sub/train.py"
