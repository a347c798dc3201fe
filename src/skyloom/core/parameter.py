"""Parameters of modules and graphs, the values given to them, and what makes a value valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from skyloom.core.identity import Json

ParameterType = Literal[
    "string", "int", "float", "bool", "choice", "columns", "script", "secret", "path", "json"
]


@dataclass(frozen=True)
class Parameter:
    """One setting of a module, under Studio's wire name.

    ``shown_when`` puts it on a branch of another parameter's mode: ``("Splitting mode", ("Split Rows",))``.
    A value on a hidden branch neither counts nor is checked (studio.md 4.2).
    """

    name: str
    type: ParameterType = "string"
    default: Json = None
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    shown_when: tuple[str, tuple[Json, ...]] | None = None
    affects_result: bool = True  # False: left out of the fingerprint
    label: str = ""
    doc: str = ""


@dataclass(frozen=True)
class ParameterRef:
    """A value taken from a parameter of the whole graph when a run is submitted."""

    name: str


Value = Json | ParameterRef


def is_shown(parameters: Sequence[Parameter], parameter: Parameter, values: Mapping[str, Value]) -> bool:
    """Whether the parameter is on the active branch of its parents' modes."""
    if parameter.shown_when is None:
        return True
    parent_name, shown_values = parameter.shown_when
    parent = next(p for p in parameters if p.name == parent_name)
    value = values.get(parent_name, parent.default)
    if isinstance(value, ParameterRef):
        return True  # known only at submission: assume shown
    return value in shown_values and is_shown(parameters, parent, values)


def complete_values(parameters: Sequence[Parameter], values: Mapping[str, Json]) -> dict[str, Json]:
    """Values of every shown parameter, defaults filled in, hidden ones left out."""
    return {p.name: values.get(p.name, p.default) for p in parameters if is_shown(parameters, p, values)}


def value_faults(parameter: Parameter, value: Json) -> Iterator[tuple[str, str]]:
    """Each reason the value does not suit, as (what is wrong, what to do)."""
    name = f"'{parameter.name}'"
    if value is None or (value == "" and parameter.required):
        if parameter.required:
            yield f"Parameter {name} has no value.", f"Give {name} a value."
        return
    wanted = _wanted(parameter.type, value)
    if wanted:
        yield f"Parameter {name} takes {wanted}, not {value!r:.80}.", f"Give {name} {wanted}."
        return
    if parameter.type == "choice" and value not in parameter.choices:
        close = get_close_matches(str(value), parameter.choices, n=1, cutoff=0.5)
        hint = f"Did you mean '{close[0]}'? " if close else ""
        yield (
            f"Parameter {name} has no choice '{value}'.",
            f"{hint}Choose one of: {', '.join(parameter.choices)}.",
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if parameter.minimum is not None and value < parameter.minimum:
            yield (
                f"Parameter {name} is {value}, below its least value {parameter.minimum:g}.",
                f"Use {parameter.minimum:g} or more.",
            )
        if parameter.maximum is not None and value > parameter.maximum:
            yield (
                f"Parameter {name} is {value}, above its greatest value {parameter.maximum:g}.",
                f"Use {parameter.maximum:g} or less.",
            )


def _wanted(kind: ParameterType, value: Json) -> str:
    """What the type wants, in words, or nothing when the value suits."""
    match kind:
        case "int":
            return "" if isinstance(value, int) and not isinstance(value, bool) else "a whole number"
        case "float":
            return "" if isinstance(value, (int, float)) and not isinstance(value, bool) else "a number"
        case "bool":
            return "" if isinstance(value, bool) else "true or false"
        case "string" | "script" | "secret" | "path" | "choice":
            return "" if isinstance(value, str) else "text"
        case "columns":
            return "" if isinstance(value, (str, list, dict)) else "a column selection"
        case "json":
            return ""


def parse_text(parameter: Parameter, text: str) -> Json:
    """A value typed as text (a command line, a classic graph) turned into the parameter's type.

    Text that does not parse stays text, so that ``value_faults`` can say what is wanted.
    """
    match parameter.type:
        case "int":
            return _number(text, int)
        case "float":
            return _number(text, float)
        case "bool":
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        case _:
            return text


def _number(text: str, kind: type[int] | type[float]) -> Json:
    try:
        return kind(text.strip())
    except ValueError:
        return text
