"""The palette held to what graphs of the old product say: tests/vectors/modules.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter, value_faults
from skyloom.modules.catalogue import load_catalogue

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "modules.json").read_text(encoding="utf-8"))
CATALOGUE = load_catalogue()
KNOWN = {module["name"]: module for module in VECTORS["modules"]}
PRESENT = [name for name in KNOWN if CATALOGUE.find(name) is not None]
EACH = pytest.mark.parametrize("name", PRESENT)
SWEEP = ("string", "json")  # how a list of numbers to try may be held


def _spec(name: str) -> ModuleSpec:
    spec = CATALOGUE.find(name)
    assert spec is not None
    return spec


def _parameters(name: str) -> list[tuple[dict[str, Any], Parameter]]:
    spec = _spec(name)
    pairs = []
    for expected in KNOWN[name]["parameters"]:
        parameter = spec.parameter(expected["name"])
        assert parameter is not None, expected["name"]
        pairs.append((expected, parameter))
    return pairs


@pytest.mark.parametrize("name", sorted({*VECTORS["palette"], *KNOWN}))
def test_every_module_is_there_or_said_to_be_pending(name: str) -> None:
    assert CATALOGUE.find(name) is not None or name in VECTORS["pending"]


@EACH
def test_name_family_and_version(name: str) -> None:
    spec = _spec(name)
    assert (spec.name, spec.family, spec.version) == (name, KNOWN[name]["family"], KNOWN[name]["version"])
    assert CATALOGUE.find(spec.family) is spec


@pytest.mark.parametrize("name", list(VECTORS["families"]))
def test_families_of_modules_whose_parameters_are_not_published(name: str) -> None:
    found = CATALOGUE.find(VECTORS["families"][name])
    assert (found is None and name in VECTORS["pending"]) or (found is not None and found.name == name)


@EACH
def test_ports_and_their_order(name: str) -> None:
    spec = _spec(name)
    assert [port.name for port in spec.inputs] == [port["name"] for port in KNOWN[name]["inputs"]]
    assert [port.name for port in spec.outputs] == [port["name"] for port in KNOWN[name]["outputs"]]
    for port, expected in zip(spec.inputs, KNOWN[name]["inputs"]):
        assert port.required is not expected.get("optional", False), port.name
        if expected["type"] in ("Dataset", "Zip", "ITransform"):
            assert expected["type"] in port.accepts, port.name
    for made, expected in zip(spec.outputs, KNOWN[name]["outputs"]):
        if expected["type"] in ("Dataset", "ITransform"):
            assert made.type == expected["type"], made.name


@EACH
def test_parameters_and_their_types(name: str) -> None:
    for expected, parameter in _parameters(name):
        wanted = SWEEP if expected["type"] == "sweep" else (expected["type"],)
        assert parameter.type in wanted, parameter.name


@EACH
def test_defaults(name: str) -> None:
    for expected, parameter in _parameters(name):
        if "default" in expected and expected["type"] != "sweep":
            assert parameter.default == expected["default"], parameter.name
            assert isinstance(parameter.default, bool) is isinstance(expected["default"], bool)


@EACH
def test_choices_of_both_generations_are_offered(name: str) -> None:
    for expected, parameter in _parameters(name):
        assert set(expected.get("choices", ())) <= set(parameter.choices), parameter.name


@EACH
def test_bounds_are_the_same_and_their_values_allowed(name: str) -> None:
    for expected, parameter in _parameters(name):
        least, greatest = expected.get("minimum"), expected.get("maximum")
        if least == "positive":
            assert parameter.minimum is not None and 0 < parameter.minimum < 1e-30, parameter.name
            assert list(value_faults(parameter, 0.0))
        elif least is not None:
            assert parameter.minimum == least, parameter.name
        if greatest is not None:
            assert parameter.maximum == greatest, parameter.name
        for bound in (least, greatest):
            if isinstance(bound, (int, float)):
                value = int(bound) if parameter.type == "int" else float(bound)
                assert not list(value_faults(parameter, value)), parameter.name
