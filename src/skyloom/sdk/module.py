"""Module and ModuleVersion: a script with ports that is published once and used in many pipelines.

Source: sdk.md 12. A version keeps its snapshot by content; it is an entry of the registry.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from skyloom.core.identity import Digest, Json
from skyloom.core.registry import Entry
from skyloom.sdk.environment import as_json, from_kept
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.port_defs import InputPortDef, OutputPortDef
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.snapshot import take_snapshot
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

MODULES, VERSIONS = "modules", "moduleversions"
_ONLY_PYTHON = "Publish a Python script with publish_python_script."


class ModuleVersion:
    """One published script of a module."""

    def __init__(self, workspace: Workspace, entry: Entry) -> None:
        self.workspace = workspace
        self._entry = entry

    @property
    def version(self) -> str:
        return str(self._entry.body["version"])

    @property
    def module_version_id(self) -> str:
        return str(self._entry.body["id"])

    id = module_version_id

    @property
    def module_id(self) -> str:
        return self._entry.name

    @property
    def description(self) -> str:
        return str(self._entry.body.get("description") or "")

    @property
    def status(self) -> str:
        return str(self._entry.body.get("status") or "Active")

    @property
    def interface(self) -> dict[str, Any]:
        """Names of inputs, outputs and parameters."""
        body: Any = self._entry.body
        return {
            "inputs": [
                InputPortDef(one["name"], is_optional=bool(one.get("optional"))) for one in body["inputs"]
            ],
            "outputs": [OutputPortDef(one["name"]) for one in body["outputs"]],
            "params": dict(body["params"]),
        }

    def enable(self) -> None:
        self._set("Active")

    def disable(self) -> None:
        self._set("Disabled")

    def deprecate(self) -> None:
        self._set("Deprecated")

    def _set(self, status: str) -> None:
        api = self.workspace._api
        body: dict[str, Json] = {"status": status}
        self._entry = api.change_entry(VERSIONS, self._entry.name, self._entry.version, body)

    @property
    def snapshot(self) -> Digest:
        return Digest(str(self._entry.body["snapshot"]))

    @property
    def script_name(self) -> str:
        return str(self._entry.body["script"])

    @property
    def words(self) -> list[Any]:
        """Arguments as published: text, or ``{"port": name}``, ``{"parameter": name}``."""
        found: Any = self._entry.body["arguments"]
        return list(found)

    def run_config(self) -> RunConfiguration:
        """With the environment that was published."""
        config: Any = RunConfiguration()
        kept: Any = self._entry.body.get("environment")
        if kept:
            config.environment = from_kept("module", 1, kept)
        made: RunConfiguration = config
        return made

    def __repr__(self) -> str:
        return f"ModuleVersion({self.module_id!r}, version={self.version!r}, status={self.status!r})"


class ModuleVersionDescriptor:
    """Version and id of a ModuleVersion."""

    def __init__(self, version: str, module_version_id: str) -> None:
        self.version = version
        self.module_version_id = module_version_id

    def __repr__(self) -> str:
        return f"ModuleVersionDescriptor({self.version!r}, {self.module_version_id!r})"


class Module:
    """A module by name; ``create`` and ``get`` make it."""

    def __init__(self, workspace: Workspace, entry: Entry) -> None:
        self.workspace = workspace
        self._entry = entry

    @staticmethod
    def create(workspace: Workspace, name: str, description: str, **_: Any) -> Module:
        """Make a module without versions.

        Raises
        ------
        UserErrorException
            There is one of that name.
        """
        if _named(workspace, name) is not None:
            raise UserErrorException(f"A module named '{name}' exists already; Module.get finds it.")
        body: dict[str, Json] = {"id": str(uuid.uuid4()), "name": name, "description": description}
        return Module(workspace, workspace._api.add_entry(MODULES, name, body))

    @staticmethod
    def get(workspace: Workspace, module_id: str | None = None, name: str | None = None, **_: Any) -> Module:
        """The module of that id or name.

        Raises
        ------
        UserErrorException
            Not exactly one of the two is given, or there is none.
        """
        if (module_id is None) == (name is None):
            raise UserErrorException("Module.get takes either module_id or name.")
        for entry in workspace._api.entries(MODULES):
            if entry.body.get("id") == module_id or (name and entry.body.get("name") == name):
                return Module(workspace, entry)
        raise UserErrorException(f"There is no module '{module_id or name}'.")

    @staticmethod
    def list(workspace: Workspace, **_: Any) -> Iterable[Module]:
        """Every module."""
        return [Module(workspace, entry) for entry in workspace._api.entries(MODULES)]

    @property
    def id(self) -> str:
        return str(self._entry.body["id"])

    @property
    def name(self) -> str:
        return str(self._entry.body["name"])

    @property
    def description(self) -> str:
        return str(self._entry.body.get("description") or "")

    @property
    def status(self) -> str:
        return str(self._entry.body.get("status") or "Active")

    @property
    def default_version(self) -> str | None:
        found = self._entry.body.get("default")
        return str(found) if found is not None else None

    @property
    def module_version_list(self) -> Sequence[ModuleVersionDescriptor]:
        return [ModuleVersionDescriptor(one.version, one.module_version_id) for one in self._versions()]

    def versions(self) -> dict[str, ModuleVersion]:
        """Every version by its text."""
        return {one.version: one for one in self._versions()}

    get_versions = versions

    def _versions(self) -> Sequence[ModuleVersion]:
        return [ModuleVersion(self.workspace, one) for one in self.workspace._api.entries(VERSIONS, self.id)]

    def publish_python_script(
        self,
        script_name: str,
        description: str,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        create_sequencing_ports: bool = True,
        version: str | None = None,
        is_default: bool = False,
        source_directory: str | None = None,
        hash_paths: Any = None,
        category: str | None = None,
        arguments: Sequence[Any] | None = None,
        runconfig: Any = None,
        **_: Any,
    ) -> ModuleVersion:
        """Keep the source and its interface as a version.

        Raises
        ------
        Exception
            There is that version already.
        ValueError
            The script is not there, or an argument names a port that is none.
        """
        folder = source_directory or "."
        if not os.path.isfile(os.path.join(folder, script_name)):
            raise ValueError(f"Script not found at: {os.path.join(folder, script_name)}.")
        known = self.versions()
        number = version if version is not None else str(len(known) + 1)
        if number in known:
            raise Exception(f"Version {number} of module '{self.name}' exists already.")
        api = self.workspace._api
        snapshot = take_snapshot(folder)
        snapshot.send(api)
        ports = [*(inputs or ()), *(outputs or ())]
        values = {name: _default(value) for name, value in (params or {}).items()}
        environment = getattr(runconfig, "environment", None)
        entry = api.add_entry(
            VERSIONS,
            self.id,
            {
                "id": str(uuid.uuid4()),
                "version": number,
                "description": description,
                "category": category,
                "script": script_name,
                "snapshot": snapshot.digest,
                "inputs": [one.as_json() for one in inputs or ()],
                "outputs": [one.as_json() for one in outputs or ()],
                "params": values,
                "arguments": [_word(one, ports) for one in arguments or ()],
                "environment": as_json(environment) if environment is not None else None,
            },
            [snapshot.digest],
        )
        if is_default:
            self.set_default_version(number)
        return ModuleVersion(self.workspace, entry)

    def publish(self, *_: Any, **__: Any) -> NoReturn:
        refuse("Module.publish", _ONLY_PYTHON)

    def publish_adla_script(self, *_: Any, **__: Any) -> NoReturn:
        refuse("Module.publish_adla_script", _ONLY_PYTHON)

    def publish_azure_batch(self, *_: Any, **__: Any) -> NoReturn:
        refuse("Module.publish_azure_batch", _ONLY_PYTHON)

    def resolve(self, version: str | None = None) -> ModuleVersion | None:
        """That very version; without one the default, the highest number that is not disabled, the newest."""
        known = self.versions()
        if version is not None:
            return known.get(str(version))
        if self.default_version in known:
            return known[str(self.default_version)]
        active = [one for one in known.values() if one.status != "Disabled"]
        numbered = [one for one in active if all(part.isdecimal() for part in one.version.split("."))]
        if numbered:
            return max(numbered, key=lambda one: [int(part) for part in one.version.split(".")])
        return active[-1] if active else None

    def set_default_version(self, version_id: str) -> None:
        """Make a version the one that is meant without one."""
        if str(version_id) not in self.versions():
            raise UserErrorException(f"Module '{self.name}' has no version '{version_id}'.")
        self._set(default=str(version_id))

    def get_default(self) -> ModuleVersion | None:
        return self.resolve(self.default_version) if self.default_version else None

    def get_default_version(self) -> str | None:
        return self.default_version

    def enable(self) -> None:
        self._set(status="Active")

    def disable(self) -> None:
        self._set(status="Disabled")

    def deprecate(self) -> None:
        self._set(status="Deprecated")

    def set_name(self, name: str) -> None:
        self._set(name=name)

    def set_description(self, description: str) -> None:
        self._set(description=description)

    def _set(self, **facts: Json) -> None:
        api = self.workspace._api
        self._entry = api.change_entry(MODULES, self._entry.name, self._entry.version, facts)

    def __repr__(self) -> str:
        return f"Module(Name: {self.name}, Id: {self.id}, Status: {self.status})"


def _named(workspace: Workspace, name: str) -> Entry | None:
    return next((one for one in workspace._api.entries(MODULES) if one.body.get("name") == name), None)


def _word(argument: Any, ports: Sequence[Any]) -> Json:
    if isinstance(argument, (InputPortDef, OutputPortDef)):
        if argument not in ports:
            raise ValueError(f"The argument {argument!r} is a port that is neither an input nor an output.")
        return {"port": argument.name}
    if isinstance(argument, PipelineParameter):
        return {"parameter": argument.name}
    return str(argument)


def _default(value: Any) -> Json:
    found: Json = value.default_value if isinstance(value, PipelineParameter) else value
    return found
