"""Fields of foreign JSON: keys read regardless of case, values of another kind than expected read as absent.

ARM definitions write their keys in lower camel, capitalised and mixed case (studio.md, Corrections).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

BYTE_ORDER_MARK = "\ufeff"


class Fields:
    """An object of a foreign file; of anything else it is an empty one."""

    def __init__(self, value: Json) -> None:
        self.value: dict[str, Json] = value if isinstance(value, dict) else {}
        self._keys = {key.casefold(): key for key in reversed(self.value)}  # the first of two spellings wins

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._keys

    def get(self, name: str) -> Json:
        key = self._keys.get(name.casefold())
        return None if key is None else self.value[key]

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name)
        return value if isinstance(value, str) else default

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.get(name)
        return value if isinstance(value, bool) else default

    def fields(self, name: str) -> Fields:
        return Fields(self.get(name))

    def items(self, name: str) -> list[Fields]:
        """Objects of a list."""
        value = self.get(name)
        return [Fields(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []

    def texts(self, name: str) -> list[str]:
        value = self.get(name)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    def named(self, name: str) -> Iterator[tuple[str, Fields]]:
        """Entries of an object whose keys are names."""
        for key, value in self.fields(name).value.items():
            yield key, Fields(value)


def parse_foreign(text: str) -> dict[str, Json]:
    """The JSON object of an exported file.

    Raises
    ------
    ProblemError
        G210: the text is not a JSON object.
    """
    try:
        value = json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError) as error:
        raise not_an_export(f"it is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise not_an_export("it holds no JSON object")
    return value


def not_an_export(why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "G210",
            f"The file is no export of an experiment: {why}.",
            "",
            "Give a file of Export-AmlExperimentGraph, or a web service definition (ARM template).",
        )
    )
