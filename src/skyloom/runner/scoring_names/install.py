"""Put the modules of this folder under the names that old score scripts import."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Dict

from skyloom.runner.scoring_names import decorators, parameter_types, raw_http

_TYPES = "inference_schema.parameter_types"
_RAW = ("azureml_inference_server_http.api", "azureml.contrib.services")


def install() -> None:
    """Offer the names; a package of the same name in the environment gives way to them."""
    _offer("inference_schema", {})
    _offer(
        "inference_schema.schema_decorators",
        {"input_schema": decorators.input_schema, "output_schema": decorators.output_schema},
    )
    _offer(
        "inference_schema.schema_util",
        {
            "get_input_schema": decorators.input_schema_of,
            "get_output_schema": decorators.output_schema_of,
            "is_schema_decorated": decorators.is_decorated,
        },
    )
    _offer(_TYPES, {})
    for file, name in (
        ("abstract_parameter_type", "AbstractParameterType"),
        ("numpy_parameter_type", "NumpyParameterType"),
        ("pandas_parameter_type", "PandasParameterType"),
        ("spark_parameter_type", "SparkParameterType"),
        ("standard_py_parameter_type", "StandardPythonParameterType"),
    ):
        _offer(f"{_TYPES}.{file}", {name: getattr(parameter_types, name)})
    request = {"AMLRequest": raw_http.AMLRequest, "rawhttp": raw_http.rawhttp}
    for package in _RAW:
        if package.startswith("azureml_"):
            _offer(package.partition(".")[0], {})
        _offer(package, {})
        _offer(f"{package}.aml_request", request)
        _offer(f"{package}.aml_response", {"AMLResponse": raw_http.AMLResponse})


def _offer(name: str, members: Dict[str, Any]) -> None:
    module = ModuleType(name)
    module.__path__ = []
    module.__dict__.update(members)
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], last, module)
