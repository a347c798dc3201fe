"""ARM expressions: ``[concat('a', parameters('b'))]``, worked out as far as a template's own values go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from skyloom.core.identity import Json

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),]))"
)


class NotKnown(Exception):
    """The expression needs something that only a deployment knows."""


@dataclass(frozen=True)
class Template:
    """Values that expressions may name; both by name regardless of case."""

    parameters: Mapping[str, Json]
    variables: Mapping[str, Json]

    def value(self, value: Json) -> Json:
        """A literal as it is, an expression worked out.

        Raises
        ------
        NotKnown
            It calls a function other than concat, parameters and variables, or names what has no value.

        >>> Template({"a": "x"}, {}).value("[concat(parameters('A'), '-', 'y')]")
        'x-y'
        >>> Template({}, {}).value("[[not an expression]")
        '[not an expression]'
        """
        if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
            return value
        if value.startswith("[["):
            return value[1:]
        return _Reader(value[1:-1], self).whole()


def is_expression(value: Json) -> bool:
    return (
        isinstance(value, str)
        and value.startswith("[")
        and value.endswith("]")
        and not value.startswith("[[")
    )


class _Reader:
    """One expression, read from left to right."""

    def __init__(self, text: str, template: Template) -> None:
        self._text = text
        self._place = 0
        self._template = template

    def whole(self) -> Json:
        value = self._term()
        if self._text[self._place :].strip():
            raise NotKnown(self._text)
        return value

    def _term(self) -> Json:
        token = self._next()
        if token["text"] is not None:
            return token["text"][1:-1].replace("''", "'")
        if token["number"] is not None:
            return int(token["number"])
        if token["word"] is None or self._next()["sign"] != "(":
            raise NotKnown(self._text)
        return self._call(token["word"].casefold(), self._arguments())

    def _arguments(self) -> list[Json]:
        found: list[Json] = []
        while True:
            start = self._place
            if self._next()["sign"] == ")":
                return found
            self._place = start
            found.append(self._term())
            sign = self._next()["sign"]
            if sign == ")":
                return found
            if sign != ",":
                raise NotKnown(self._text)

    def _call(self, function: str, given: list[Json]) -> Json:
        if function == "concat" and all(isinstance(part, (str, int)) for part in given):
            return "".join(str(part) for part in given)
        known = {"parameters": self._template.parameters, "variables": self._template.variables}.get(function)
        if known is None or len(given) != 1:
            raise NotKnown(self._text)
        wanted = str(given[0]).casefold()
        value = next((part for name, part in known.items() if name.casefold() == wanted), None)
        if value is None or is_expression(value):
            raise NotKnown(self._text)
        return value

    def _next(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._place)
        if token is None:
            raise NotKnown(self._text)
        self._place = token.end()
        return token
