"""Environment: packages, Python and variables for steps, as the old SDK's tree. Source: sdk.md 9."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from skyloom.core.identity import Json
from skyloom.core.image_wish import DEFAULT_CPU_IMAGE
from skyloom.core.image_wish import DEFAULT_GPU_IMAGE as DEFAULT_GPU_IMAGE
from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.curated_environments import curated_packages, is_curated
from skyloom.sdk.environment_wish import image_of
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.permissive import Section

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

DEFAULT_NAME = "default-environment"
_FILE = "azureml_environment.json"


class Environment(Section):
    """A named environment. It becomes one of ours when a step is compiled (environment_wish.py)."""

    def __init__(self, name: str, **_: Any) -> None:
        super().__init__(
            name=name,
            version=None,
            python=Section(
                conda_dependencies=None,
                user_managed_dependencies=False,
                interpreter_path="python",
                conda_dependencies_file=None,
                base_conda_environment=None,
            ),
            docker=Section(
                enabled=False,
                base_image=DEFAULT_CPU_IMAGE,
                base_dockerfile=None,
                base_image_registry=Section(address=None, username=None, password=None),
                gpu_support=False,
                shared_volumes=True,
                shm_size=None,
                arguments=[],
                platform=Section(os="Linux", architecture="amd64"),
            ),
            spark=Section(packages=[], repositories=[], precache_packages=True),
            r=None,
            environment_variables={},
            inferencing_stack_version=None,
        )

    @staticmethod
    def from_conda_specification(name: str, file_path: str) -> Environment:
        """Packages from a conda file."""
        made = Environment(name)
        made.python.conda_dependencies = CondaDependencies(file_path)  # type: ignore[attr-defined]
        return made

    @staticmethod
    def from_pip_requirements(name: str, file_path: str, pip_version: str | None = None) -> Environment:
        """Packages from a requirements file."""
        made = Environment(name)
        dependencies = CondaDependencies.create(pip_packages=[])
        with open(file_path, encoding="utf-8") as file:
            dependencies.set_pip_requirements(file)
        made.python.conda_dependencies = dependencies  # type: ignore[attr-defined]
        return made

    @staticmethod
    def from_docker_image(
        name: str,
        image: str,
        container_registry: Any = None,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
        **_: Any,
    ) -> Environment:
        """Steps run in the image; packages of the conda or requirements file, if one is given, are added."""
        made = _with_packages(name, conda_specification, pip_requirements)
        made.python.user_managed_dependencies = not (conda_specification or pip_requirements)  # type: ignore[attr-defined]
        made.docker.base_image = image  # type: ignore[attr-defined]
        return made

    @staticmethod
    def from_dockerfile(
        name: str,
        dockerfile: str,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
        **_: Any,
    ) -> Environment:
        """As ``from_docker_image``, for a Dockerfile's text or path; it is built without a context."""
        made = _with_packages(name, conda_specification, pip_requirements)
        made.python.user_managed_dependencies = not (conda_specification or pip_requirements)  # type: ignore[attr-defined]
        made.docker.base_dockerfile = dockerfile  # type: ignore[attr-defined]
        return made

    @staticmethod
    def from_existing_conda_environment(name: str, conda_environment_name: str) -> Environment | None:
        """The packages of a conda environment of this machine; None when there is none of that name."""
        conda = shutil.which("conda")
        words = [conda or "", "env", "export", "--no-builds", "--name", conda_environment_name]
        told = subprocess.run(words, capture_output=True, text=True, check=False) if conda else None
        if told is None or told.returncode != 0:
            print(f"There is no conda environment '{conda_environment_name}' on this machine.")
            return None
        import yaml  # only for files: an import of the SDK stays light

        made = Environment(name)
        tree = yaml.safe_load(told.stdout)
        made.python.conda_dependencies = CondaDependencies(_underlying_structure=tree)  # type: ignore[attr-defined]
        return made

    @staticmethod
    def load_from_directory(path: str) -> Environment:
        """What ``save_to_directory`` wrote.

        Raises
        ------
        UserErrorException
            There is no environment in that folder.
        """
        try:
            with open(os.path.join(path, _FILE), encoding="utf-8") as file:
                body = json.load(file)
        except (OSError, ValueError) as error:
            raise UserErrorException(f"There is no environment in '{path}': {error}.") from error
        made: Any = from_kept(str(body["name"]), 0, body)
        made.version = body.get("version")
        found: Environment = made
        return found

    def save_to_directory(self, path: str, overwrite: bool = False) -> None:
        """Write the definition and its conda file into a folder.

        Raises
        ------
        UserErrorException
            One is there already and is not to be overwritten.
        """
        target = os.path.join(path, _FILE)
        if os.path.exists(target) and not overwrite:
            raise UserErrorException(f"'{target}' is there already; give overwrite=True.")
        os.makedirs(path, exist_ok=True)
        tree: Any = self
        with open(target, "w", encoding="utf-8") as file:
            json.dump({"name": tree.name, "version": tree.version, **as_json(self)}, file, indent=2)
        if tree.python.conda_dependencies is not None:
            tree.python.conda_dependencies.save(os.path.join(path, "conda_dependencies.yml"))

    def build(self, workspace: Workspace) -> Any:
        """Build it now, as the first step that wants it would; ``wait_for_completion`` waits for that."""
        return workspace._environment_build(self)

    def build_local(self, workspace: Workspace, **_: Any) -> None:
        """Build it now and wait, with the log on the screen."""
        self.build(workspace).wait_for_completion(show_output=True)

    def clone(self, new_name: str) -> Environment:
        made = copy.deepcopy(self)
        made.name = new_name
        return made

    def register(self, workspace: Workspace) -> Environment:
        """Keep it with the workspace; a new version if it changed."""
        known = _registered(workspace)
        versions = known.setdefault(str(getattr(self, "name")), [])  # noqa: B009
        body = as_json(self)
        if not versions or versions[-1] != body:
            versions.append(body)
            workspace._change(environments=known)  # type: ignore[arg-type]
        return from_kept(str(getattr(self, "name")), len(versions), body)  # noqa: B009

    @staticmethod
    def get(
        workspace: Workspace, name: str, version: str | None = None, label: str | None = None
    ) -> Environment:
        """A registered environment; curated names (AzureML-...) are our own default.

        Raises
        ------
        Exception
            There is none of that name and version.
        """
        versions = _registered(workspace).get(name)
        if versions is None and is_curated(name):
            return _curated(name)
        number = int(version) if version and version.isdecimal() else len(versions or ())
        if not versions or not 0 < number <= len(versions):
            raise Exception(
                f"Error retrieving the environment definition: there is no '{name}' {version or ''}."
            )
        return from_kept(name, number, versions[number - 1])

    @staticmethod
    def list(workspace: Workspace) -> dict[str, Environment]:
        return {
            name: from_kept(name, len(versions), versions[-1])
            for name, versions in _registered(workspace).items()
        }


def _with_packages(name: str, conda_specification: str | None, pip_requirements: str | None) -> Environment:
    if conda_specification and pip_requirements:
        raise UserErrorException("Give a conda specification or pip requirements, not both.")
    if conda_specification:
        return Environment.from_conda_specification(name, conda_specification)
    if pip_requirements:
        return Environment.from_pip_requirements(name, pip_requirements)
    return Environment(name)


def _curated(name: str) -> Environment:
    made = Environment(name)
    packages = curated_packages(name)
    if packages:
        dependencies = CondaDependencies.create(pip_packages=packages)
        made.python.conda_dependencies = dependencies  # type: ignore[attr-defined]
    return made


def as_json(environment: Environment) -> dict[str, Any]:
    """What of an environment decides its packages and variables."""
    tree: Any = environment
    dependencies = tree.python.conda_dependencies
    image = image_of(environment)
    return {
        "dependencies": dependencies.as_dict() if dependencies is not None else None,
        "variables": {str(name): str(value) for name, value in (tree.environment_variables or {}).items()},
        "image": (image.image if image is not None else "") or tree.docker.base_image,
        "user_managed": bool(tree.python.user_managed_dependencies),
        **({"dockerfile": image.dockerfile} if image is not None and image.dockerfile else {}),
    }


def from_kept(name: str, version: int, body: dict[str, Any]) -> Environment:
    """The inverse of ``as_json``."""
    made: Any = Environment(name)
    made.version = str(version)
    if body.get("dependencies") is not None:
        made.python.conda_dependencies = CondaDependencies(_underlying_structure=body["dependencies"])
    made.environment_variables = dict(body.get("variables") or {})
    made.docker.base_image = body.get("image")
    made.docker.base_dockerfile = body.get("dockerfile")
    made.python.user_managed_dependencies = bool(body.get("user_managed"))
    found: Environment = made
    return found


def _registered(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    kept: Json = workspace._api.facts().get("environments")
    return kept if isinstance(kept, dict) else {}  # type: ignore[return-value]
