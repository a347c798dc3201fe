"""CondaDependencies: packages as the old SDK wrote them down. Source: sdk.md 9."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from skyloom.core.conda_packages import USUAL_PYTHON

PYTHON = USUAL_PYTHON
CHANNELS = ("anaconda", "conda-forge")


class CondaDependencies:
    """A conda file as a tree: channels, conda packages, pip packages, a Python version."""

    DEFAULT_NAME = "project_environment"

    def __init__(
        self,
        conda_dependencies_file_path: str | None = None,
        _underlying_structure: dict[str, Any] | None = None,
    ) -> None:
        self._conda: list[str] = []
        self._pip: list[str] = []
        self._channels: list[str] = []
        self._options: list[str] = []
        self._python = PYTHON
        if conda_dependencies_file_path:
            import yaml  # only for files: an import of the SDK stays light

            with open(conda_dependencies_file_path, encoding="utf-8") as file:
                _underlying_structure = yaml.safe_load(file)
        if _underlying_structure:
            self._read(_underlying_structure)

    @staticmethod
    def create(
        pip_indexurl: str | None = None,
        pip_packages: Sequence[str] | None = None,
        conda_packages: Sequence[str] | None = None,
        python_version: str = PYTHON,
        pin_sdk_version: bool = True,
    ) -> CondaDependencies:
        """Packages by name; without pip packages there is ``azureml-defaults``, as there was."""
        made = CondaDependencies()
        made._python = python_version
        made._channels = list(CHANNELS)
        made._pip = list(["azureml-defaults"] if pip_packages is None else pip_packages)
        made._conda = list(conda_packages or ())
        if pip_indexurl:
            made._options.append(f"--index-url {pip_indexurl}")
        return made

    def add_conda_package(self, conda_package: str) -> None:
        _put(self._conda, conda_package)

    def remove_conda_package(self, conda_package: str) -> None:
        _drop(self._conda, conda_package)

    def add_pip_package(self, pip_package: str) -> None:
        _put(self._pip, pip_package)

    def remove_pip_package(self, pip_package: str) -> None:
        _drop(self._pip, pip_package)

    def add_channel(self, channel: str) -> None:
        _put(self._channels, channel)

    def remove_channel(self, channel: str) -> None:
        _drop(self._channels, channel)

    def set_python_version(self, version: str) -> None:
        self._python = version

    def set_pip_requirements(self, pip_requirements: Iterable[str]) -> None:
        """Take these lines in place of all pip packages."""
        self._pip = [line.strip() for line in pip_requirements if line.strip() and not line.startswith("#")]

    @property
    def conda_packages(self) -> Iterable[str]:
        return list(self._conda)

    @property
    def pip_packages(self) -> Iterable[str]:
        return list(self._pip)

    @property
    def pip_options(self) -> Iterable[str]:
        return list(self._options)

    @property
    def conda_channels(self) -> Iterable[str]:
        return list(self._channels)

    @property
    def python_version(self) -> str:
        return self._python

    def get_python_version(self) -> str:
        return self._python

    def as_dict(self) -> dict[str, Any]:
        """The tree of the conda file."""
        dependencies: list[Any] = [f"python={self._python}"]
        if self._pip or self._options:
            dependencies.append({"pip": [*self._options, *self._pip]})
        return {
            "name": self.DEFAULT_NAME,
            "dependencies": [*dependencies, *self._conda],
            "channels": list(self._channels),
        }

    def serialize_to_string(self) -> str:
        import yaml  # as above

        return str(yaml.safe_dump(self.as_dict(), sort_keys=False))

    def save(self, path: str | None = None) -> str:
        target = path or "conda_dependencies.yml"
        with open(target, "w", encoding="utf-8") as file:
            file.write(self.serialize_to_string())
        return target

    def save_to_file(self, base_directory: str, conda_file_path: str | None = None) -> str:
        name = conda_file_path or "conda_dependencies.yml"
        self.save(os.path.join(base_directory, name))
        return name

    def _read(self, tree: dict[str, Any]) -> None:
        self._channels = [str(one) for one in tree.get("channels") or ()]
        for one in tree.get("dependencies") or ():
            if isinstance(one, dict):
                for line in one.get("pip") or ():
                    (self._options if str(line).startswith("-") else self._pip).append(str(line))
            elif str(one).replace(" ", "").startswith("python="):
                self._python = str(one).split("=")[-1].strip()
            else:
                self._conda.append(str(one))


def _put(packages: list[str], package: str) -> None:
    _drop(packages, package)
    packages.append(package)


def _drop(packages: list[str], package: str) -> None:
    name = _name(package)
    packages[:] = [known for known in packages if _name(known) != name]


def _name(package: str) -> str:
    for mark in "[=<>!~; ":
        package = package.split(mark)[0]
    return package.strip().lower()
