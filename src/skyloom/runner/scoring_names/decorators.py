"""``@input_schema`` and ``@output_schema`` of inference-schema (services.md 5)."""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict, List

from skyloom.runner.scoring_names.parameter_types import AbstractParameterType

_INPUTS, _OUTPUT, _INNER = "__skyloom_inputs__", "__skyloom_output__", "__skyloom_inner__"
Function = Callable[..., Any]


class _Input:
    def __init__(self, type: AbstractParameterType, converts: bool, optional: bool) -> None:
        self.type, self.converts, self.optional = type, converts, optional


def input_schema(
    param_name: str,
    param_type: AbstractParameterType,
    convert_to_provided_type: bool = True,
    optional: bool = False,
) -> Callable[[Function], Function]:
    """Declare an argument of ``run``: what comes is turned into what the sample is."""
    if not isinstance(param_type, AbstractParameterType):
        raise TypeError(f"the type of {param_name!r} is {type(param_type).__name__} and no parameter type")

    def decorated(function: Function) -> Function:
        @functools.wraps(function)
        def call(*given: Any, **named: Any) -> Any:
            if convert_to_provided_type and named.get(param_name) is not None:
                named[param_name] = param_type.deserialize_input(named[param_name])
            return function(*given, **named)

        known = getattr(function, _INPUTS, {})
        item = _Input(param_type, convert_to_provided_type, optional)
        setattr(call, _INPUTS, {param_name: item, **known})
        setattr(call, _INNER, getattr(function, _INNER, function))
        return call

    return decorated


def output_schema(output_type: AbstractParameterType) -> Callable[[Function], Function]:
    """Declare what ``run`` returns; it is described, and not changed."""
    if not isinstance(output_type, AbstractParameterType):
        raise TypeError(f"the type of the output is {type(output_type).__name__} and no parameter type")

    def decorated(function: Function) -> Function:
        @functools.wraps(function)
        def call(*given: Any, **named: Any) -> Any:
            return function(*given, **named)

        setattr(call, _OUTPUT, output_type)
        setattr(call, _INNER, getattr(function, _INNER, function))
        return call

    return decorated


def inner(function: Function) -> Function:
    """What was decorated."""
    found: Function = getattr(function, _INNER, function)
    return found


def is_decorated(function: Function) -> bool:
    return hasattr(function, _INPUTS) or hasattr(function, _OUTPUT)


def declared_inputs(function: Function) -> List[str]:
    """Arguments that have a schema, in the order of their decorators."""
    return list(getattr(function, _INPUTS, {}))


def input_schema_of(function: Function) -> Dict[str, Any]:
    """A JSON Schema of the arguments as one object, with an example."""
    known: Dict[str, _Input] = getattr(function, _INPUTS, {})
    parts = {name: item.type.input_to_swagger() for name, item in known.items()}
    schema: Dict[str, Any] = {
        "type": "object",
        "properties": parts,
        "example": {name: part.get("example") for name, part in parts.items()},
    }
    required = [name for name, item in known.items() if not item.optional]
    if required:
        schema["required"] = required
    return schema


def output_schema_of(function: Function) -> Dict[str, Any]:
    """A JSON Schema of what is returned; an empty one where nothing is declared."""
    found = getattr(function, _OUTPUT, None)
    return {} if found is None else dict(found.input_to_swagger())
