"""InputPortDef and OutputPortDef: the ports of a module, by which its arguments name data. sdk.md 12."""

from __future__ import annotations

import re
from typing import Any

from skyloom.core.identity import Json

_WORD = re.compile(r"\w+", re.ASCII)


class InputPortDef:
    """An input of a module.

    Raises
    ------
    ValueError
        The name holds other than letters, digits and '_'.
    """

    def __init__(
        self,
        name: str,
        data_types: Any = None,
        default_datastore_mode: str | None = None,
        default_path_on_compute: str | None = None,
        is_optional: bool = False,
        default_overwrite: bool | None = None,
        default_data_reference_name: str | None = None,
        is_resource: bool = False,
        label: str | None = None,
        **_: Any,
    ) -> None:
        self.name = _checked(name)
        self.data_types = data_types
        self.default_datastore_mode = default_datastore_mode
        self.default_path_on_compute = default_path_on_compute
        self.is_optional = is_optional
        self.default_overwrite = default_overwrite
        self.default_data_reference_name = default_data_reference_name
        self.is_resource = is_resource
        self.label = label or name

    def as_json(self) -> Json:
        return {"name": self.name, "optional": self.is_optional, "label": self.label}

    def __repr__(self) -> str:
        return f"InputPortDef({self.name!r})"


class OutputPortDef:
    """An output of a module. ValueError as for an input."""

    def __init__(
        self,
        name: str,
        default_datastore_name: str | None = None,
        default_datastore_mode: str | None = None,
        default_path_on_compute: str | None = None,
        is_directory: bool = False,
        data_type: Any = None,
        default_overwrite: bool | None = None,
        training_output: Any = None,
        label: str | None = None,
        **_: Any,
    ) -> None:
        self.name = _checked(name)
        self.default_datastore_name = default_datastore_name
        self.default_datastore_mode = default_datastore_mode
        self.default_path_on_compute = default_path_on_compute
        self.is_directory = is_directory
        self.data_type = data_type
        self.default_overwrite = default_overwrite
        self.training_output = training_output
        self.label = label or name

    def as_json(self) -> Json:
        return {"name": self.name, "directory": self.is_directory, "label": self.label}

    def __repr__(self) -> str:
        return f"OutputPortDef({self.name!r})"


def _checked(name: str) -> str:
    if not isinstance(name, str) or not _WORD.fullmatch(name):
        raise ValueError(f"Port name {name!r} is not valid: only letters, digits and '_' may stand in it.")
    return name
