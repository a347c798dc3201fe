"""DataType and PromoteHeadersBehavior: how columns of a dataset are to be read. Source: sdk.md 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from skyloom.core.identity import Json


class PromoteHeadersBehavior(IntEnum):
    """Which files of a dataset begin with column names."""

    NO_HEADERS = 0
    ONLY_FIRST_FILE_HAS_HEADERS = 1
    COMBINE_ALL_FILES_HEADERS = 2
    ALL_FILES_HAVE_SAME_HEADERS = 3


class DataType:
    """The type of a column, made by one of its ``to_`` methods."""

    def __init__(self, name: str, formats: Sequence[str] = ()) -> None:
        self.name = name
        self.formats = tuple(formats)

    @staticmethod
    def to_string() -> DataType:
        return DataType("string")

    @staticmethod
    def to_long() -> DataType:
        return DataType("long")

    @staticmethod
    def to_float(decimal_mark: str = ".") -> DataType:
        return DataType("float")

    @staticmethod
    def to_bool() -> DataType:
        return DataType("bool")

    @staticmethod
    def to_datetime(formats: str | Sequence[str] | None = None) -> DataType:
        """Formats as of ``strptime``; the first that fits is taken."""
        return DataType("datetime", [formats] if isinstance(formats, str) else (formats or ()))

    @staticmethod
    def to_stream(workspace: object = None, *_: object) -> DataType:
        """Kept as text: a column of paths."""
        return DataType("string")

    def as_json(self) -> list[Json]:
        return [self.name, *self.formats]

    def __repr__(self) -> str:
        return f"DataType.to_{self.name}({', '.join(map(repr, self.formats))})"


def types_as_json(types: Mapping[str, DataType] | None) -> dict[str, Json]:
    """Column types as a definition holds them."""
    return {str(name): kind.as_json() for name, kind in (types or {}).items()}


def header_as_json(header: PromoteHeadersBehavior | bool | int) -> int:
    """True is all files, False none."""
    if isinstance(header, bool):
        header = (
            PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS
            if header
            else PromoteHeadersBehavior.NO_HEADERS
        )
    return int(header)
