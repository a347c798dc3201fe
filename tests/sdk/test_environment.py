from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skyloom.core.conda_wish import CondaWish, read_conda_wish
from skyloom.core.graph import ModuleNode
from skyloom.core.identity import digest_of
from skyloom.core.image_wish import ImageWish, read_image_wish
from skyloom.sdk.compile import Compiled, compile_steps
from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.environment import Environment
from skyloom.sdk.environment_wish import step_environment
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.python_script import PythonScriptStep
from skyloom.sdk.workspace import Workspace


def compiled(config: RunConfiguration) -> Compiled:
    step = PythonScriptStep("train.py", name="s", runconfig=config)
    return compile_steps([step], lambda step: digest_of("x"), "workspaceblobstore")


def test_versions_of_an_environment_are_kept(ws: Workspace) -> None:
    made: Any = Environment("mine")
    made.python.conda_dependencies = CondaDependencies.create(pip_packages=["lightgbm"])
    assert made.register(ws).version == made.register(ws).version == "1"
    made.python.conda_dependencies.add_pip_package("six")
    assert made.register(ws).version == "2"
    first: Any = Environment.get(ws, "mine", version="1")
    assert list(first.python.conda_dependencies.pip_packages) == ["lightgbm"]
    assert list(ws.environments) == ["mine"]
    with pytest.raises(Exception, match="no 'other'"):
        Environment.get(ws, "other")


def test_files_become_environments(tmp_path: Path) -> None:
    conda, pip = tmp_path / "conda.yml", tmp_path / "requirements.txt"
    conda.write_text("dependencies:\n- python=3.6.2\n- scikit-learn=0.20\n- pip:\n  - six==1.12\n")
    pip.write_text("# comment\nsix==1.12\n")
    one = step_environment(Environment.from_conda_specification("c", str(conda)))
    assert (set(one.requirements), one.python) == ({"six==1.12", "scikit-learn==0.20.*"}, "3.6.2")
    for made in (
        Environment.from_pip_requirements("p", str(pip)),
        Environment.from_docker_image("p", "image", pip_requirements=str(pip)),
        Environment.from_dockerfile("p", "FROM x", pip_requirements=str(pip)),
    ):
        assert step_environment(made).requirements == ("six==1.12",)
    with pytest.raises(UserErrorException, match="not both"):
        Environment.from_dockerfile("p", "FROM x", str(conda), str(pip))


def test_channels_travel_with_conda_packages(ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "conda.yml"
    file.write_text(
        "channels: [pytorch, conda-forge]\ndependencies: [python=3.9, mkl, pytorch::gdal=3, {pip: [six]}]\n"
    )
    made: Any = Environment.from_conda_specification("c", str(file))
    dependencies = made.python.conda_dependencies
    assert dependencies.conda_channels == ["pytorch", "conda-forge"]
    dependencies.add_channel("bioconda")
    dependencies.remove_channel("conda-forge")
    dependencies.add_channel("conda-forge")
    wish = CondaWish(("mkl", "pytorch::gdal=3"), ("pytorch", "bioconda", "conda-forge"))
    found = step_environment(made.register(ws))
    assert (found.conda, found.python, found.dropped) == (wish, "3.9", ())
    assert read_conda_wish(found.text()) == wish and found.text().splitlines()[-2:] == ["six", "gdal==3.*"]
    dependencies.remove_conda_package("pytorch::gdal")
    assert step_environment(made).conda is None and step_environment(made).dropped == ("mkl",)


def test_images_are_told_apart_from_the_defaults(ws: Workspace, tmp_path: Path) -> None:
    assert step_environment(Environment("plain")).image is None
    file = tmp_path / "Dockerfile"
    file.write_text("FROM a\nRUN b\n")
    for given in (str(file), file.read_text()):
        found = step_environment(Environment.from_dockerfile("d", given))
        assert found.image == ImageWish(dockerfile="FROM a\nRUN b\n", is_only=True)
        assert read_image_wish(found.text()) == ImageWish(dockerfile="FROM a\nRUN b", is_only=True)
    made: Any = Environment.from_docker_image("i", "mine:1")
    made.docker.base_image_registry.address = "reg.example"
    kept = made.register(ws)
    assert step_environment(kept).image == ImageWish("reg.example/mine:1", is_only=True)
    made.python.conda_dependencies = CondaDependencies.create(pip_packages=["six"])
    assert step_environment(made).requirements == ()  # the image brings every package
    made.python.user_managed_dependencies = False
    assert "six" in step_environment(made).text().splitlines()


def test_an_environment_is_written_and_read(tmp_path: Path) -> None:
    made: Any = Environment("mine")
    made.python.conda_dependencies = CondaDependencies.create(pip_packages=["six"])
    made.environment_variables = {"A": "b"}
    made.save_to_directory(str(tmp_path / "env"))
    found: Any = Environment.load_from_directory(str(tmp_path / "env"))
    assert (found.name, found.environment_variables) == ("mine", {"A": "b"})
    assert step_environment(found) == step_environment(made)
    assert "six" in (tmp_path / "env" / "conda_dependencies.yml").read_text()
    with pytest.raises(UserErrorException, match="overwrite"):
        made.save_to_directory(str(tmp_path / "env"))
    made.save_to_directory(str(tmp_path / "env"), overwrite=True)
    with pytest.raises(UserErrorException, match="no environment"):
        Environment.load_from_directory(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("AzureML-Minimal", set()),
        ("AzureML-sklearn-0.24-ubuntu18.04-py37-cpu", set()),
        ("AzureML-PyTorch-1.6-CPU", {"torch==1.6.*", "torchvision"}),
        ("AzureML-TensorFlow-2.3-CPU", {"tensorflow==2.3.*"}),
        ("AzureML-xgboost", {"xgboost", "pandas"}),
    ],
)
def test_curated_names_are_sets_of_packages(ws: Workspace, name: str, packages: set[str]) -> None:
    found = set(step_environment(Environment.get(ws, name)).requirements)
    assert packages <= found if packages else not found


def test_what_has_no_effect_is_said(ws: Workspace) -> None:
    config: Any = RunConfiguration(
        conda_dependencies=CondaDependencies.create(python_version="3.6.2", pip_packages=["azureml-sdk"])
    )
    assert compiled(RunConfiguration()).notes == {"s": ()}
    config.node_count = 4
    config.environment.docker.base_image = "my.registry/image"
    told = " / ".join(compiled(config).notes["s"])
    assert "node_count=4" in told and "my.registry/image" in told and "Python 3.6.2" in told
    node = compiled(config).graph.node("s")
    assert isinstance(node, ModuleNode)
    assert node.values["Python Version"] == "3.6.2"  # of its time are old names of libraries (sdk.md 21)
    assert read_image_wish(str(node.values["Requirements"])) == ImageWish("my.registry/image")
    config.environment.docker.base_image = None
    node = compiled(config).graph.node("s")
    assert isinstance(node, ModuleNode)
    assert "Requirements" not in node.values  # so it runs in the default environment, which has its own
