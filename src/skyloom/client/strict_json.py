"""JSON that every reader takes: no NaN, no lone surrogates, bounded depth."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from skyloom.core.identity import Json

DEEPEST = 64  # Source: reliability.md 4.1, row 5


def strict_json(value: object, indent: int | None = None) -> str:
    r"""JSON text of any value; NaN and infinities become null, lone surrogates U+FFFD.

    >>> strict_json({"a": float("nan"), "b": "\ud800"})
    '{"a":null,"b":"\ufffd"}'
    """
    separators = (",", ":") if indent is None else (",", ": ")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=separators, indent=indent)
        text.encode("utf-8")
    except (ValueError, UnicodeEncodeError):
        text = json.dumps(_mended(value), ensure_ascii=False, separators=separators, indent=indent)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def parse_json(content: bytes) -> Json:
    """Read JSON from outside.

    Raises
    ------
    ValueError
        Not JSON in UTF-8, a repeated key, NaN, or nested deeper than ``DEEPEST``.
    """
    try:
        value: Json = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
    if _is_deeper(value, DEEPEST):
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r:.60} stands twice in one object")
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _is_deeper(value: Json, allowed: int) -> bool:
    level: list[Json] = [value]
    for _ in range(allowed):
        level = [part for item in level for part in _parts(item)]
        if not level:
            return False
    return True


def _parts(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _mended(value: object) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(_mended(str(name))): _mended(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mended(part) for part in value]
    return value  # type: ignore[return-value]
