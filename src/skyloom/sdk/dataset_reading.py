"""How the files of a table read, as a definition holds it; what is as usual is left out. Source: sdk.md 6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.sdk.data_type import DataType, PromoteHeadersBehavior, header_as_json, types_as_json

_ALL = PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS


def delimited_reading(
    include_path: bool = False,
    infer_column_types: bool = True,
    set_column_types: Mapping[str, DataType] | None = None,
    separator: str = ",",
    header: Any = _ALL,
    support_multi_line: bool = False,
    empty_as_string: bool = False,
    encoding: str = "utf8",
) -> dict[str, Any]:
    """How delimited files read, but for what is as usual."""
    wished = {
        "include_path": (bool(include_path), False),
        "infer": (bool(infer_column_types), True),
        "types": (types_as_json(set_column_types), {}),
        "separator": (separator, ","),
        "header": (header_as_json(header), int(_ALL)),
        "empty_as_string": (bool(empty_as_string), False),
        "encoding": (encoding, "utf8"),
    }
    return {
        "format": "delimited",
        **{name: value for name, (value, usual) in wished.items() if value != usual},
    }


def other_reading(
    format: str, include_path: bool, set_column_types: Mapping[str, DataType] | None, **more: Any
) -> dict[str, Any]:
    """How Parquet and JSON lines files read."""
    types = types_as_json(set_column_types)
    return {
        "format": format,
        **({"include_path": True} if include_path else {}),
        **({"types": types} if types else {}),
        **more,
    }
