"""Twin: the module of our palette that stands for a module of another product, found by its family.

Ports go by name and, where names differ, by position; values are text and become typed (studio.md 2.1, 5).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from skyloom.core.graph import ModuleNode
from skyloom.core.graph_file import Catalogue
from skyloom.core.identity import Json
from skyloom.core.module import ModuleSpec, PlaceholderEntry
from skyloom.core.parameter import Parameter, ParameterRef, Value, parse_text, value_faults

# what older versions of a family called a parameter (studio.md 2.1)
OLD_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "Cols with all MV": "Cols with all missing values",
        "MV indicator column": "Generate missing value indicator column",
        "For missing values": "Cleaning mode",
    }
)
OLD_VALUES: Mapping[str, Json] = MappingProxyType(
    {
        "KeepColumns": "Propagate",
        "RemoveColumns": "Remove",
        "DoNotGenerate": False,
        "GenerateIndicatorColumn": True,
    }
)


@dataclass(frozen=True)
class Twin:
    """A module in place of a placeholder: what its ports and values are called, and what is left over."""

    spec: ModuleSpec
    values: Mapping[str, Value]
    inputs: Mapping[str, str]  # the foreign name -> ours, for those that have one
    outputs: Mapping[str, str]
    notes: tuple[str, ...] = ()


def find_spec(placeholder: ModuleSpec, catalogue: Catalogue) -> ModuleSpec | None:
    """By family, never by batch number; by display name where the file has no family."""
    entry = placeholder.entry
    assert isinstance(entry, PlaceholderEntry)
    for key in (placeholder.family, entry.module, placeholder.name):
        found = catalogue.find(key) if key else None
        if found is not None:
            return found
    return None


def twin_of(node: ModuleNode, placeholder: ModuleSpec, catalogue: Catalogue) -> Twin | None:
    """The twin of a placeholder node, where the palette has one."""
    spec = find_spec(placeholder, catalogue)
    if spec is None:
        return None
    inputs = matched([port.name for port in placeholder.inputs], [port.name for port in spec.inputs])
    outputs = matched([port.name for port in placeholder.outputs], [port.name for port in spec.outputs])
    values, notes = _values(node, spec)
    for side, ports, names in (
        ("input", placeholder.inputs, inputs),
        ("output", placeholder.outputs, outputs),
    ):
        notes += [f"{side} port '{port.name}' has no twin" for port in ports if port.name not in names]
    return Twin(spec, values, inputs, outputs, tuple(notes))


def matched(foreign: Sequence[str], ours: Sequence[str]) -> dict[str, str]:
    """Foreign names with ours: the same name, the same but for case and blanks, then the same position.

    >>> matched(["dataset1", "Python Device"], ["Dataset1", "Result Dataset2"])
    {'dataset1': 'Dataset1', 'Python Device': 'Result Dataset2'}
    """
    found = {name: name for name in foreign if name in ours}
    folded = {_folded(name): name for name in reversed(ours)}
    for name in foreign:
        near = folded.get(_folded(name))
        if name not in found and near is not None and near not in found.values():
            found[name] = near
    for name, same_place in zip(foreign, ours):
        if name not in found and same_place not in found.values():
            found[name] = same_place
    return {name: found[name] for name in foreign if name in found}


def parameter_named(spec: ModuleSpec, name: str) -> Parameter | None:
    """A parameter by its wire name, an older one, its label, or either in other case."""
    exact = spec.parameter(name) or spec.parameter(OLD_PARAMETERS.get(name, ""))
    if exact is not None:
        return exact
    folded = _folded(name)
    return next((p for p in spec.parameters if folded in (_folded(p.name), _folded(p.label or p.name))), None)


def typed_value(parameter: Parameter, text: str) -> Json:
    """Text of a graph as the parameter's own type; text that does not read stays text.

    >>> typed_value(Parameter("Rate", "float"), "1E-07")
    1e-07
    >>> typed_value(Parameter("Column", "columns"), "%7B%22rules%22%3A%5B%5D%2C%22ui%22%3A1%7D")
    {'rules': []}
    """
    if text in OLD_VALUES and parameter.name in OLD_PARAMETERS.values():
        return OLD_VALUES[text]
    match parameter.type:
        case "choice":
            folded = {_letters(choice): choice for choice in reversed(parameter.choices)}
            return text if text in parameter.choices else folded.get(_letters(text), text)
        case "columns":
            return _selector(text)
        case "json":
            try:
                value: Json = json.loads(text)
            except (ValueError, RecursionError):
                return text
            return value
        case _:
            return parse_text(parameter, text)


def _values(node: ModuleNode, spec: ModuleSpec) -> tuple[dict[str, Value], list[str]]:
    values: dict[str, Value] = {}
    notes: list[str] = []
    for name, raw in node.values.items():
        parameter = parameter_named(spec, name)
        if parameter is None:
            notes.append(f"parameter '{name}' has no twin")
            continue
        if isinstance(raw, ParameterRef):
            values[parameter.name] = raw
            continue
        if raw is None or (raw == "" and parameter.type not in ("string", "script", "path", "secret")):
            continue
        value = typed_value(parameter, raw) if isinstance(raw, str) else raw
        values[parameter.name] = value
        notes += [message for message, _ in value_faults(parameter, value)]
    return values, notes


def _selector(text: str) -> Json:
    """A column picker's value, URL-encoded or plain; its member ``ui`` says nothing about columns."""
    plain = text.strip()
    if plain.startswith("%"):
        plain = unquote(plain)
    try:
        value: Json = json.loads(plain)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        return {key: part for key, part in value.items() if key != "ui"}
    return value


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
