"""JSON of calls: read leniently, written strictly; quick where the environment has orjson.

One client sends bare NaN unless told otherwise (services.md 1.1), which orjson refuses and Python's own
reader takes.
"""

from __future__ import annotations

import json
from typing import Any

import numpy

try:
    import orjson as quick  # optional: an environment of the user's own may not have it
except ImportError:
    quick = None  # type: ignore[assignment]

orjson: Any = quick


def read_json(text: bytes) -> Any:
    """Parsed JSON; NaN and Infinity are allowed.

    Raises
    ------
    ValueError
        It is not JSON.
    """
    if orjson is not None:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    try:
        return json.loads(text.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def numbers_of(text: bytes) -> Any:
    """Parsed JSON, if that can be had at once.

    Raises
    ------
    ValueError
        It is not strict JSON, or nothing quick is there to read it.
    """
    if orjson is None:
        raise ValueError("no quick reader")
    return orjson.loads(text)


def json_text(value: Any) -> bytes:
    """Strict JSON of text, finite numbers, lists, dicts and None."""
    if orjson is not None:
        text: bytes = orjson.dumps(value)
        return text
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def number_texts(values: Any) -> Any:
    """JSON text ``[0.5,null,2.0]`` of a finite-or-NaN float64 or int64 array; NaN is null."""
    if orjson is not None:
        return orjson.dumps(numpy.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    items = ["null" if value != value else repr(value) for value in values.tolist()]
    return ("[" + ",".join(items) + "]").encode()
