"""A graph of steps written as YAML that ``Pipeline.load_yaml`` reads. Source: sdk.md 16, last line.

The old product wrote graphs of ModuleSteps alone. Here every step that runs a program is written: its source
is copied into a folder beside the file, and its packages into a run configuration there.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DEFINITION_STORE, PARAMETER_STORE, DataReference
from skyloom.core.data_value import place_of
from skyloom.core.environment import NEAREST
from skyloom.core.graph import DataNode, Graph, ModuleNode, PortRef
from skyloom.core.identity import Digest
from skyloom.core.module import CommandEntry, ModuleSpec, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.sdk.compile import PYTHON, REQUIREMENTS, RETRIES, TIMEOUT
from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.runconfig import RunConfiguration

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

_SETTINGS = (REQUIREMENTS, PYTHON, TIMEOUT, RETRIES)
_KINDS = {bool: "bool", int: "int", float: "float", str: "string"}


def save_graph(workspace: Workspace, graph: Graph, description: str, path: str | None, usual: str) -> str:
    """Write the file, and what belongs to it into ``NAME_files`` beside it; the path.

    Parameters
    ----------
    path
        A file, or a folder in which it is called as ``usual`` says.

    Raises
    ------
    UserErrorException
        A step runs no program (a transfer, a step of an engine outside), or reads a dataset.
    """
    import yaml  # only for files: an import of the SDK stays light

    file = path or f"{usual}.yml"
    if os.path.isdir(file):
        file = os.path.join(file, f"{usual}.yml")
    saved = _Saved(workspace, graph, os.path.splitext(file)[0] + "_files")
    body = {"pipeline": {"description": description, **saved.body()}}
    with open(file, "w", encoding="utf-8") as target:
        yaml.safe_dump(body, target, sort_keys=False)
    return file


class _Saved:
    def __init__(self, workspace: Workspace, graph: Graph, folder: str) -> None:
        self._workspace = workspace
        self._graph = graph
        self._folder = folder
        self._sources: dict[Digest, str] = {}
        self._steps = [node for node in graph.nodes if isinstance(node, ModuleNode)]
        self._keys = {node.id: f"step{place}" for place, node in enumerate(self._steps)}

    def body(self) -> dict[str, Any]:
        return {
            "parameters": {one.name: self._parameter(one.default) for one in self._graph.parameters},
            "data_references": {
                self._data_name(node): {
                    "datastore": node.data.datastore,
                    "path_on_datastore": node.data.path,
                }
                for node in self._graph.nodes
                if isinstance(node, DataNode)
                and isinstance(node.data, DataReference)
                and node.data.datastore not in (PARAMETER_STORE, DEFINITION_STORE)
            },
            "steps": {self._keys[node.id]: self._step(node) for node in self._steps},
        }

    def _parameter(self, default: Any) -> dict[str, Any]:
        place = place_of(default) if isinstance(default, dict) else None
        if place is None:
            return {"type": _KINDS.get(type(default), "string"), "default": default}
        if place.datastore == DEFINITION_STORE:
            raise UserErrorException("A parameter whose value is a dataset cannot be written to YAML.")
        return {
            "type": "datapath",
            "default": {"datastore": place.datastore, "path_on_datastore": place.path},
        }

    def _step(self, node: ModuleNode) -> dict[str, Any]:
        spec = self._graph.spec(node)
        entry = spec.entry
        if not isinstance(entry, CommandEntry) or entry.language == "usql":
            raise UserErrorException(
                f"Step '{node.title}' is a {spec.category}, which runs no program of its own, and cannot be "
                "written to YAML. Keep the Python code of the pipeline."
            )
        values = {name: _told(value) for name, value in node.values.items() if name not in _SETTINGS}
        words = [self._word(word, spec, values) for word in entry.argv]
        body: dict[str, Any] = {
            "type": "PythonScriptStep" if entry.language == "python" else "CommandStep",
            "name": node.title or str(node.id),
            "source_directory": self._source(entry.snapshot),
            "runconfig": self._runconfig(node, entry),
            "allow_reuse": node.allow_reuse,
            "parameters": values,
            "inputs": self._inputs(node, spec),
            "outputs": {
                port.name: {
                    "destination": self._made(PortRef(node.id, port.name)),
                    "datastore": port.datastore,
                    **({"as_dataset": True} if port.prepared else {}),
                }
                for port in spec.outputs
            },
        }
        if node.compute:
            body["compute"] = node.compute
        if entry.language == "python":
            body["script_name"], words = words[0], words[1:]
        return {**body, "arguments": words}

    def _inputs(self, node: ModuleNode, spec: ModuleSpec) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for edge in self._graph.edges:
            if edge.target.node != node.id:
                continue
            origin = self._graph.node(edge.source.node)
            port = spec.input(edge.target.port)
            if isinstance(origin, DataNode) and not isinstance(origin.data, DataReference):
                raise UserErrorException("A saved dataset of an experiment cannot be written to YAML.")
            place = origin.data if isinstance(origin, DataNode) else None
            if isinstance(place, DataReference) and place.datastore == DEFINITION_STORE:
                raise UserErrorException(
                    f"Step '{node.title}' reads a dataset, which cannot be written to YAML; register it and "
                    "name it under data_references by hand."
                )
            name = self._made(edge.source) if isinstance(origin, ModuleNode) else self._data_name(origin)
            found[edge.target.port] = {"source": name}
            if edge.staging.mode == "download":
                found[edge.target.port]["bind_mode"] = "download"
            assert port is not None
        return found

    def _data_name(self, node: Any) -> str:
        if node.data.datastore == PARAMETER_STORE:
            return str(node.data.path)
        return "".join(letter if letter.isalnum() else "_" for letter in str(node.id))

    def _made(self, port: PortRef) -> str:
        return f"{self._keys[port.node]}_{port.port}"

    def _word(self, word: Any, spec: ModuleSpec, values: dict[str, Any]) -> str:
        if isinstance(word, PathOf):
            is_output = spec.output(word.port) is not None
            return f"{'output' if is_output else 'input'}:{word.port}"
        if isinstance(word, ParameterRef):
            values.setdefault(word.name, {"source": word.name})
            return f"parameter:{word.name}"
        return str(word)

    def _source(self, snapshot: Digest) -> str:
        """The files of a snapshot, once for all steps that share it; the folder, as the file names it."""
        if snapshot not in self._sources:
            name = f"source{len(self._sources)}"
            target = os.path.join(self._folder, name)
            self._copy(snapshot, target)
            self._sources[snapshot] = os.path.join(os.path.basename(self._folder), name)
        return self._sources[snapshot]

    def _copy(self, snapshot: Digest, target: str) -> None:
        api = self._workspace._api
        os.makedirs(target, exist_ok=True)
        folder = api.folder(Artifact(snapshot, "snapshot", "Folder", "file", "application/json", 0))
        for file in folder.files:
            place = os.path.join(target, *file.path.split("/"))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            one = Artifact(file.digest, file.path, "File", "file", "application/octet-stream", file.size)
            shutil.copyfile(api.download(one, "raw"), place)
            os.chmod(place, 0o755 if file.executable else 0o644)

    def _runconfig(self, node: ModuleNode, entry: CommandEntry) -> str:
        """Packages, Python and variables of a step as a run configuration; its path as the file names it."""
        config: Any = RunConfiguration()
        asked = node.values.get(REQUIREMENTS)
        lines = [line for line in str(asked or "").splitlines() if line and line != NEAREST]
        if lines:
            python = node.values.get(PYTHON)
            made = CondaDependencies.create(pip_packages=lines)
            if isinstance(python, str) and python:
                made.set_python_version(python)
            config.environment.python.conda_dependencies = made
        config.environment_variables = {
            name: text for name, text in entry.variables if not name.startswith("SKYLOOM_")
        }
        name = f"{self._keys[node.id]}.runconfig"
        config.save(os.path.join(self._folder, name))
        return os.path.join(os.path.basename(self._folder), name)


def _told(value: Any) -> Any:
    return {"source": value.name} if isinstance(value, ParameterRef) else value
