"""Run configurations as files: ``.azureml/NAME.runconfig``, YAML in the old keys. Source: sdk.md 9."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.environment import Environment
from skyloom.sdk.exceptions import UserErrorException

_FOLDERS = (".azureml", "aml_config", "")
_ENDING = ".runconfig"
# attribute of a RunConfiguration -> key of the file
_PLAIN = {
    "script": "script",
    "arguments": "arguments",
    "command": "command",
    "target": "target",
    "framework": "framework",
    "communicator": "communicator",
    "node_count": "nodeCount",
    "max_run_duration_seconds": "maxRunDurationSeconds",
    "environment_variables": "environmentVariables",
}
_SECTIONS = {
    "mpi": {"process_count_per_node": "processCountPerNode", "node_count": "nodeCount"},
    "tensorflow": {"worker_count": "workerCount", "parameter_server_count": "parameterServerCount"},
    "docker": {"use_docker": "useDocker", "arguments": "arguments", "shm_size": "shmSize"},
}


def load_into(config: Any, path: str, name: str | None) -> None:
    """Read a file, or the file NAME of a project folder.

    Raises
    ------
    UserErrorException
        There is no such file, or it is none.
    """
    import yaml  # only for files: an import of the SDK stays light

    file = _found(path, name)
    with open(file, encoding="utf-8") as source:
        tree = yaml.safe_load(source)
    if not isinstance(tree, dict):
        raise UserErrorException(f"'{file}' is no run configuration.")
    for attribute, key in _PLAIN.items():
        if tree.get(key) is not None:
            setattr(config, attribute, tree[key])
    for section, keys in _SECTIONS.items():
        told = tree.get(section)
        for attribute, key in keys.items():
            if isinstance(told, dict) and told.get(key) is not None:
                setattr(getattr(config, section), attribute, told[key])
    if isinstance(tree.get("environment"), dict):
        config.environment = _environment(tree["environment"], os.path.dirname(file))


def save(config: Any, path: str | None, name: str | None, separate_environment_yaml: bool) -> str:
    """Write ``.azureml/NAME.runconfig`` below a folder, or the file itself; its path."""
    import yaml  # as above

    wanted = path or "."
    file = wanted if wanted.endswith((_ENDING, ".yml", ".yaml")) else _place(wanted, name)
    os.makedirs(os.path.dirname(os.path.abspath(file)), exist_ok=True)
    tree: dict[str, Any] = {key: getattr(config, attribute) for attribute, key in _PLAIN.items()}
    tree["arguments"] = [str(one) for one in tree["arguments"] or ()]
    for section, keys in _SECTIONS.items():
        told = getattr(config, section)
        tree[section] = {key: getattr(told, attribute, None) for attribute, key in keys.items()}
    environment = config.environment
    dependencies = environment.python.conda_dependencies
    python: dict[str, Any] = {"userManagedDependencies": environment.python.user_managed_dependencies}
    if dependencies is not None and separate_environment_yaml:
        python["condaDependenciesFile"] = "conda_dependencies.yml"
        dependencies.save(os.path.join(os.path.dirname(file), "conda_dependencies.yml"))
    elif dependencies is not None:
        python["condaDependencies"] = dependencies.as_dict()
    tree["environment"] = {
        "name": environment.name,
        "version": environment.version,
        "python": python,
        "environmentVariables": dict(environment.environment_variables or {}),
        "docker": {
            "baseImage": environment.docker.base_image,
            "baseDockerfile": environment.docker.base_dockerfile,
            "enabled": environment.docker.enabled,
        },
    }
    with open(file, "w", encoding="utf-8") as target:
        yaml.safe_dump(tree, target, sort_keys=False)
    return file


def _environment(tree: Mapping[str, Any], folder: str) -> Environment:
    made: Any = Environment(str(tree.get("name") or "default-environment"))
    made.version = tree.get("version")
    made.environment_variables = dict(tree.get("environmentVariables") or {})
    python, docker = tree.get("python") or {}, tree.get("docker") or {}
    made.python.user_managed_dependencies = bool(python.get("userManagedDependencies"))
    if python.get("condaDependencies"):
        made.python.conda_dependencies = CondaDependencies(_underlying_structure=python["condaDependencies"])
    elif python.get("condaDependenciesFile"):
        named = str(python["condaDependenciesFile"])
        places = (os.path.join(folder, named), os.path.join(folder, "..", named), named)
        file = next((one for one in places if os.path.isfile(one)), named)
        made.python.conda_dependencies = CondaDependencies(file)
    if docker.get("baseImage"):
        made.docker.base_image = docker["baseImage"]
    made.docker.base_dockerfile = docker.get("baseDockerfile")
    made.docker.enabled = bool(docker.get("enabled"))
    found: Environment = made
    return found


def _found(path: str, name: str | None) -> str:
    if os.path.isfile(path):
        return path
    named = f"{name}{_ENDING}" if name else ""
    for folder in _FOLDERS:
        place = os.path.join(path, folder)
        names = [named] if named else sorted(one for one in _listed(place) if one.endswith(_ENDING))
        for one in names:
            if os.path.isfile(os.path.join(place, one)):
                return os.path.join(place, one)
    raise UserErrorException(f"There is no run configuration {name or ''} at '{path}'.")


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")
    except OSError:
        return []


def _place(folder: str, name: str | None) -> str:
    below = "aml_config" if os.path.isdir(os.path.join(folder, "aml_config")) else ".azureml"
    return os.path.join(folder, below, f"{name or 'default'}{_ENDING}")
