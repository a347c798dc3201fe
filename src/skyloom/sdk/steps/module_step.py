"""ModuleStep: a published module as a step. Source: sdk.md 12."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.sdk.module import Module, ModuleVersion
from skyloom.sdk.pipeline_data import InputPortBinding
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.port_defs import InputPortDef, OutputPortDef
from skyloom.sdk.steps.pipeline_step import data_of
from skyloom.sdk.steps.python_script import SourceStep


class ModuleStep(SourceStep):
    """Runs a version of a module with data for each of its ports.

    Raises
    ------
    ValueError
        No module, no such version, or a port that has no data or is none.
    """

    def __init__(
        self,
        module: Module | None = None,
        version: str | None = None,
        module_version: ModuleVersion | None = None,
        inputs_map: Mapping[str, Any] | None = None,
        outputs_map: Mapping[str, Any] | None = None,
        compute_target: Any = None,
        runconfig: Any = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        arguments: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        name: str | None = None,
        allow_reuse: bool = True,
        **_: Any,
    ) -> None:
        found = module_version or (module.resolve(version) if module is not None else None)
        if found is None:
            what = f"version '{version}' of '{module.name}'" if module is not None else "module"
            raise ValueError(f"ModuleStep needs a module or a module_version; there is no such {what}.")
        interface = found.interface
        optional = {port.name for port in interface["inputs"] if port.is_optional}
        title = name or (module.name if module is not None else found.script_name)
        _check_ports(title, "input", [port.name for port in interface["inputs"]], inputs_map or {}, optional)
        _check_ports(title, "output", [port.name for port in interface["outputs"]], outputs_map or {}, set())
        inputs = {port: _bound(port, data) for port, data in (inputs_map or {}).items()}
        outputs = dict(outputs_map or {})
        for port, data in outputs.items():
            data._data.input_name = data._data.output_name  # other steps go on calling it so
            data._data.output_name = port  # this one knows its output by the module's word
        values: dict[str, Any] = {**interface["params"], **(params or {})}
        unknown = sorted(set(values) - set(interface["params"]))
        if unknown and interface["params"]:
            raise ValueError(f"ModuleStep '{title}': the module has no parameter '{unknown[0]}'.")
        data_by_port = {**inputs, **outputs}
        given = arguments if arguments is not None else found.words
        super().__init__(
            title,
            [found.script_name, *(_word(one, data_by_port, values) for one in given)],
            list(inputs.values()),
            list(outputs.values()),
            compute_target,
            runconfig if runconfig is not None else found.run_config(),
            None,
            allow_reuse,
            found.version,
            values,
            runconfig_pipeline_params,
        )
        self.module_version = found
        self.snapshot = found.snapshot


def _check_ports(
    title: str, kind: str, ports: Sequence[str], given: Mapping[str, Any], optional: set[str]
) -> None:
    lost = [port for port in ports if port not in given and port not in optional]
    if lost:
        raise ValueError(f"ModuleStep '{title}': the {kind} '{lost[0]}' is not in {kind}s_map.")
    unknown = [port for port in given if port not in ports]
    if unknown:
        raise ValueError(f"ModuleStep '{title}': the module has no {kind} '{unknown[0]}'.")


def _bound(port: str, data: Any) -> InputPortBinding:
    """The data as an input of the port's name."""
    if isinstance(data, InputPortBinding):
        made = copy.copy(data)
        made.name = port
        return made
    return InputPortBinding(port, data)


def _word(argument: Any, data: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Ports and parameters in place of their names; data that is mapped, as its port."""
    if isinstance(argument, (InputPortDef, OutputPortDef)):
        argument = {"port": argument.name}
    if isinstance(argument, Mapping):
        if "port" in argument:
            return data.get(argument["port"], "")
        value = values.get(argument["parameter"], "")
        return value if isinstance(value, PipelineParameter) else str(value)
    for one in data.values():
        meant = one.bind_object if isinstance(one, InputPortBinding) else one
        if argument is meant or (data_of(argument) is not None and data_of(argument) is data_of(meant)):
            return one
    return argument
