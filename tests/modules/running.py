"""Modules run as the runner runs them: values checked and completed, ``run`` found by the entry's target."""

from __future__ import annotations

import importlib
from typing import Any

import pandas as pd
import pytest

from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.parameter import complete_values, is_shown, value_faults
from skyloom.core.problem import ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from skyloom.modules.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def spec_of(name: str) -> ModuleSpec:
    spec = CATALOGUE.find(name)
    assert spec is not None, name
    return spec


def run(name: str, inputs: Any, values: dict[str, Any] | None = None) -> list[Any]:
    """The outputs in port order; ``inputs`` is one frame or table, or a list of them in port order."""
    spec = spec_of(name)
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    ports = [port.name for port in spec.inputs]
    content = {port: None for port in ports}
    content.update(zip(ports, map(as_table, given)))
    complete = checked_values(spec, values or {})
    assert isinstance(spec.entry, FunctionEntry)
    module, _, function = spec.entry.target.partition(":")
    made = getattr(importlib.import_module(module), function)(content, complete)
    assert list(made) == [port.name for port in spec.outputs]
    return list(made.values())


def checked_values(spec: ModuleSpec, values: dict[str, Any]) -> dict[str, Any]:
    """What the engine would hand over; a value that it would refuse fails the test."""
    assert set(values) <= {parameter.name for parameter in spec.parameters}
    faults = [
        fault
        for parameter in spec.parameters
        if is_shown(spec.parameters, parameter, values)
        for fault in value_faults(parameter, values.get(parameter.name, parameter.default))
    ]
    assert not faults
    return complete_values(spec.parameters, values)


def as_table(content: Any) -> Any:
    return table_from_frame(content) if isinstance(content, pd.DataFrame) else content


def frame(content: Any) -> Any:
    return frame_from_table(content, load_objects=True) if isinstance(content, Table) else content


def rows(content: Any) -> list[tuple[Any, ...]]:
    """The rows as plain values, missing as None."""
    values = frame(content)
    plain = values.astype(object).where(values.notna(), None)
    return [tuple(row) for row in plain.itertuples(index=False)]


def problems_of(name: str, inputs: Any, values: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """Code, message and fix of everything that the module finds wrong."""
    with pytest.raises(ProblemError) as caught:
        run(name, inputs, values)
    return [(problem.code, problem.message, problem.fix) for problem in caught.value.problems]


def code_of(name: str, inputs: Any, values: dict[str, Any] | None = None) -> str:
    return problems_of(name, inputs, values)[0][0]
