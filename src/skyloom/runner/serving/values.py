"""Global parameters of a call, and the values that steps take from them (studio.md 4.4).

Values come as text or as any other scalar; each is read as its parameter's type says.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from skyloom.core.problem import Problem, ProblemError


class GlobalParameters:
    """The parameters that a service's callers may give."""

    def __init__(self, described: Sequence[Mapping[str, Any]]) -> None:
        self._parameters = _parameters(described) if described else ()

    def defaults(self) -> Dict[str, Any]:
        """What holds when a call gives nothing; None where it must give something."""
        return {parameter.name: parameter.default for parameter in self._parameters}

    def resolve(self, given: Mapping[str, Any]) -> Dict[str, Any]:
        """A value for every parameter.

        Raises
        ------
        ProblemError
            W227 one without a default is missing, W228 an unknown name, W229 a value that does not suit.
        """
        if not given and not self._parameters:
            return {}
        known = [parameter.name for parameter in self._parameters]
        problems = [_unknown(name, known) for name in list(given)[:10] if name not in known]
        values: Dict[str, Any] = {}
        for parameter in self._parameters:
            value = given.get(parameter.name)
            if value is None:
                if parameter.default is None:
                    what = f"The global parameter {parameter.name!r} is missing."
                    problems.append(Problem("W227", what, parameter.name, "It has no default: send a value."))
                values[parameter.name] = parameter.default
                continue
            values[parameter.name], faults = _read(parameter, value)
            problems += faults
        if problems:
            raise ProblemError(problems)
        return values


class StepValues:
    """Values of one step's parameters; those that come from global ones are filled in for each call."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self._own: Mapping[str, Any] = described.get("values") or {}
        self._references: Mapping[str, str] = described.get("references") or {}
        self._parameters = _parameters(described["parameters"]) if self._references else ()
        self._last: Tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, self._own)

    def of_call(self, resolved: Mapping[str, Any]) -> Mapping[str, Any]:
        """Complete values: those on hidden branches left out (studio.md 4.2)."""
        if not self._references:
            return self._own
        if self._last[0] != resolved or not self._last[0]:
            from skyloom.core.parameter import complete_values  # written for Python 3.10 and up

            taken = {name: resolved[source] for name, source in self._references.items()}
            self._last = (dict(resolved), complete_values(self._parameters, {**self._own, **taken}))
        return self._last[1]


def _parameters(described: Sequence[Mapping[str, Any]]) -> Tuple[Any, ...]:
    from skyloom.core.parameter import Parameter  # written for Python 3.10 and up

    made: List[Any] = []
    for fields in described:
        values = dict(fields)
        values["choices"] = tuple(values.get("choices") or ())
        shown = values.get("shown_when")
        if shown:
            values["shown_when"] = (shown[0], tuple(shown[1]))
        made.append(Parameter(**values))
    return tuple(made)


def _read(parameter: Any, value: Any) -> Tuple[Any, List[Problem]]:
    from skyloom.core.parameter import parse_text, value_faults  # written for Python 3.10 and up

    if isinstance(value, str):
        value = parse_text(parameter, value)
    elif parameter.type in ("string", "choice", "script") and not isinstance(value, (dict, list)):
        value = str(value)
    faults = [
        Problem("W229", what.replace("Parameter", "Global parameter", 1), parameter.name, fix)
        for what, fix in value_faults(parameter, value)
    ]
    return value, faults


def _unknown(name: str, known: Sequence[str]) -> Problem:
    close = get_close_matches(name, known, 1, 0.6)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(known) or 'none'}."
    return Problem("W228", f"There is no global parameter {name[:100]!r}.", name[:100], hint)
