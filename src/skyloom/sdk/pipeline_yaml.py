"""Pipelines and schedules from YAML files. Source: sdk.md 16."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.sdk.data_reference import DataReference, SqlDataReference
from skyloom.sdk.datapath import DataPath, DataPathComputeBinding
from skyloom.sdk.dataset import Dataset
from skyloom.sdk.datastore import Datastore
from skyloom.sdk.pipeline_data import InputPortBinding, PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.adla import AdlaStep
from skyloom.sdk.steps.azure_batch import AzureBatchStep
from skyloom.sdk.steps.data_transfer import DataTransferStep
from skyloom.sdk.steps.databricks import DatabricksStep
from skyloom.sdk.steps.module_step import ModuleStep
from skyloom.sdk.steps.parallel_run import ParallelRunConfig, ParallelRunStep
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import CommandStep, PythonScriptStep

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

_KINDS = {"int": int, "string": str, "str": str, "bool": bool, "float": float}
_PLAIN_STEPS: dict[str, type[PipelineStep]] = {
    "PythonScriptStep": PythonScriptStep,
    "CommandStep": CommandStep,
    "AdlaStep": AdlaStep,
    "DatabricksStep": DatabricksStep,
    "AzureBatchStep": AzureBatchStep,
}
# keys of a step that are read here; others are the constructor's own and are handed on as they stand
_READ = frozenset(
    ("type", "name", "compute", "runconfig", "runconfig_parameters", "parameters", "inputs", "outputs",
     "arguments", "side_inputs", "parallel_run_config", "source_directory", "module_id", "module_name",
     "version")
)  # fmt: skip


def read_yaml(path: str, top: str) -> dict[str, Any]:
    """What stands below the one key of a file.

    Raises
    ------
    ValueError
        The file has no such key.
    """
    import yaml  # only for files: an import of the SDK stays light

    with open(path, encoding="utf-8") as file:
        read = yaml.safe_load(file)
    found = read.get(top) if isinstance(read, dict) else None
    if not isinstance(found, dict):
        raise ValueError(f"'{path}' does not hold the key '{top}'.")
    return found


class PipelineFile:
    """A file with a pipeline, read into steps.

    Paths in it are looked for beside the file, and then in the working directory.

    Raises
    ------
    ValueError
        ``pipeline`` or ``steps`` is missing, a step is of an unknown type, or a name leads nowhere.
    """

    def __init__(self, workspace: Workspace, path: str) -> None:
        self._workspace = workspace
        self._folder = os.path.dirname(os.path.abspath(path))
        body = read_yaml(path, "pipeline")
        if not isinstance(body.get("steps"), dict) or not body["steps"]:
            raise ValueError(f"'{path}' has no steps.")
        self.description = str(body.get("description") or body.get("name") or "")
        self._compute = body.get("default_compute")
        given = (body.get("parameters") or {}).items()
        self._parameters = {name: self._parameter(name, about or {}) for name, about in given}
        given = (body.get("data_references") or {}).items()
        self._sources: dict[str, Any] = {name: self._reference(name, about or {}) for name, about in given}
        steps: Mapping[str, Any] = body["steps"]
        self._made = {key: self._outputs(about or {}) for key, about in steps.items()}
        self.steps = [self._step(key, about or {}) for key, about in steps.items()]

    # --- what steps refer to -----------------------------------------------------------------------------

    def _parameter(self, name: str, about: Mapping[str, Any]) -> PipelineParameter:
        kind, default = about.get("type", "string"), about.get("default")
        if kind == "datapath":
            place = default or {}
            store = Datastore.get(self._workspace, str(place.get("datastore")))
            return PipelineParameter(name, DataPath(store, str(place.get("path_on_datastore") or "")))
        if kind not in _KINDS:
            known = ", ".join((*_KINDS, "datapath"))
            raise ValueError(f"Parameter '{name}' is of type {kind!r}; types are {known}.")
        return PipelineParameter(name, _KINDS[kind](default) if default is not None else _KINDS[kind]())

    def _reference(self, name: str, about: Mapping[str, Any]) -> Any:
        if about.get("dataset_id") or about.get("dataset_name"):
            found = (
                Dataset.get_by_id(self._workspace, str(about["dataset_id"]))
                if about.get("dataset_id")
                else Dataset.get_by_name(self._workspace, str(about["dataset_name"]))
            )
            return found.as_named_input(name)
        store = Datastore.get(self._workspace, str(about.get("datastore")))
        sql = {key: about[key] for key in about if key.startswith("sql_")}
        if sql:
            return SqlDataReference(store, name, **sql)
        return DataReference(store, name, about.get("path_on_datastore"))

    def _outputs(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Of one step, by port; what each goes to is a source for the others."""
        made: dict[str, Any] = {}
        for port, output in (about.get("outputs") or {}).items():
            told = output or {}
            name = str(told.get("destination") or port)
            store = told.get("datastore")
            data = PipelineData(
                name,
                Datastore.get(self._workspace, str(store)) if store else None,
                port,
                told.get("bind_mode") or "mount",
                told.get("path_on_compute"),
                told.get("overwrite"),
            )
            made[port] = self._sources[name] = data.as_dataset() if told.get("as_dataset") else data
        return made

    def _input(self, step: str, port: str, about: Mapping[str, Any]) -> Any:
        name = str(about.get("source"))
        mode, path, overwrite = about.get("bind_mode"), about.get("path_on_compute"), about.get("overwrite")
        if name in self._parameters:
            binding = DataPathComputeBinding(mode or "mount", path, bool(overwrite))
            return (self._parameters[name], binding)
        if name not in self._sources:
            known = ", ".join((*self._sources, *self._parameters)) or "nothing"
            raise ValueError(f"Step '{step}': input '{port}' reads '{name}', and there is: {known}.")
        source = self._sources[name]
        if hasattr(source, "as_named_input"):
            return source.as_named_input(port)
        if isinstance(source, (DataReference, PipelineData)) and not isinstance(source, SqlDataReference):
            return InputPortBinding(port, source, mode or "mount", path, overwrite)
        return source

    # --- steps ---------------------------------------------------------------------------------------------

    def _step(self, key: str, about: Mapping[str, Any]) -> PipelineStep:
        kind, name = str(about.get("type")), str(about.get("name") or key)
        inputs = {
            port: self._input(name, port, told or {}) for port, told in (about.get("inputs") or {}).items()
        }
        sides = {
            port: self._input(name, port, told or {})
            for port, told in (about.get("side_inputs") or {}).items()
        }
        outputs = self._made[key]
        values = {one: self._value(name, told) for one, told in (about.get("parameters") or {}).items()}
        words = self._words(name, about.get("arguments") or (), {**inputs, **sides}, outputs, values)
        more = {one: told for one, told in about.items() if one not in _READ}
        compute = about.get("compute") or self._compute
        if kind == "DataTransferStep":
            return self._transfer(name, about, more, compute)
        if kind == "ParallelRunStep":
            config = ParallelRunConfig.load_yaml(
                self._workspace, self._path(about.get("parallel_run_config"))
            )
            config.compute_target = compute if config.compute_target is None else config.compute_target
            config.source_directory = self._path(config.source_directory or about.get("source_directory"))
            output = next(iter(outputs.values()), None)
            return ParallelRunStep(
                name, config, list(inputs.values()), output, list(sides.values()), words, **more
            )
        common: dict[str, Any] = {"name": name, "compute_target": compute}
        if about.get("runconfig"):
            common["runconfig"] = RunConfiguration.load(self._path(about["runconfig"]))
        if about.get("runconfig_parameters"):
            told = about["runconfig_parameters"].items()
            common["runconfig_pipeline_params"] = {one: self._value(name, value) for one, value in told}
        if kind == "ModuleStep":
            from skyloom.sdk.module import Module

            module = Module.get(self._workspace, about.get("module_id"), about.get("module_name"))
            return ModuleStep(
                module=module, version=about.get("version"), inputs_map=inputs, outputs_map=outputs,
                arguments=words or None, params=values, **common, **more,
            )  # fmt: skip
        make: Callable[..., PipelineStep] | None = _PLAIN_STEPS.get(kind)
        if make is None:
            known = ", ".join((*_PLAIN_STEPS, "DataTransferStep", "ModuleStep", "ParallelRunStep"))
            raise ValueError(f"Step '{name}' is of type {kind!r}; types are {known}.")
        if kind not in ("AdlaStep", "DatabricksStep"):
            common["arguments"] = words
        if kind == "CommandStep":
            common["command"] = [*common.pop("arguments")]
        if kind not in ("AzureBatchStep", "DatabricksStep"):
            common["params"] = values
        elif kind == "DatabricksStep" and values:
            common["notebook_params"] = values
        if about.get("source_directory"):
            common["source_directory"] = self._path(about["source_directory"])
        if about.get("version"):
            common["version"] = str(about["version"])
        return make(inputs=list(inputs.values()), outputs=list(outputs.values()), **common, **more)

    def _transfer(
        self, name: str, about: Mapping[str, Any], more: Mapping[str, Any], compute: Any
    ) -> DataTransferStep:
        def named(which: str) -> Any:
            told = about.get(which) or more.get(which)
            wanted = str(told.get("source") if isinstance(told, Mapping) else told)
            if wanted not in self._sources:
                raise ValueError(f"Step '{name}': {which} names '{wanted}', which is not there.")
            return self._sources[wanted]

        own = {one: told for one, told in more.items() if not one.endswith("_data_reference")}
        return DataTransferStep(
            name, named("source_data_reference"), named("destination_data_reference"), compute, **own
        )

    def _words(
        self,
        step: str,
        words: Sequence[Any],
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> list[Any]:
        """Arguments, with ``input:x``, ``output:x`` and ``parameter:x`` in place."""
        known = {"input": inputs, "side_input": inputs, "output": outputs, "parameter": values}
        found: list[Any] = []
        for word in words:
            kind, colon, name = word.partition(":") if isinstance(word, str) else ("", "", "")
            if not colon or kind not in known:
                found.append(word)
            elif name not in known[kind]:
                raise ValueError(f"Step '{step}': the argument '{word}' names what the step does not have.")
            else:
                found.append(known[kind][name])
        return found

    def _value(self, step: str, told: Any) -> Any:
        """A value of a step: itself, or the parameter that ``source`` names."""
        if not isinstance(told, Mapping):
            return told
        name = str(told.get("source"))
        if name not in self._parameters:
            raise ValueError(f"Step '{step}': there is no parameter '{name}' of the pipeline.")
        return self._parameters[name]

    def _path(self, path: Any) -> str:
        beside = os.path.join(self._folder, str(path or "."))
        return beside if os.path.exists(beside) else str(path)
