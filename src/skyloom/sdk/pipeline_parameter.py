"""PipelineParameter: a value that is given when a pipeline is submitted. Source: sdk.md 7."""

from __future__ import annotations

from typing import Any

from skyloom.core.data_reference import DEFINITION_STORE, DataReference
from skyloom.core.data_value import data_value, place_of
from skyloom.core.identity import Json

Plain = int | float | bool | str


def _data_json(value: Any) -> dict[str, Json] | None:
    """A DataPath, a dataset, or a dataset in its mode, as a graph holds them; None: it is plain."""
    inner = getattr(value, "dataset", value)
    if getattr(inner, "_definition", None) is not None:
        return data_value(DataReference(DEFINITION_STORE, inner.id))
    return value.as_json() if hasattr(value, "path_on_datastore") and hasattr(value, "as_json") else None


def _dataset_kind(value: Any) -> str:
    inner = getattr(value, "dataset", value)
    return type(inner).__name__


class PipelineParameter:
    """A named value with a default; where it stands in arguments, the script gets the run's value as text.

    Raises
    ------
    ValueError
        The default is of a kind that is not supported.
    """

    def __init__(self, name: str, default_value: Any) -> None:
        if not isinstance(default_value, (int, float, bool, str)) and _data_json(default_value) is None:
            raise ValueError(
                f"The default value of parameter '{name}' must be an int, float, bool, str, DataPath or "
                f"dataset, not {type(default_value).__name__}."
            )
        self.name = name
        self.default_value = default_value

    @property
    def default_json(self) -> Json:
        """The default as a graph holds it."""
        given = _data_json(self.default_value)
        return self.default_value if given is None else given

    @property
    def definition(self) -> dict[str, Any] | None:
        """Of a dataset that is the default, its definition."""
        inner = getattr(self.default_value, "dataset", self.default_value)
        return getattr(inner, "_definition", None)

    def check(self, value: Any) -> Json:
        """A value of the default's kind; whole numbers pass for fractions and bool for int (sdk.md 21, 6).

        Raises
        ------
        Exception
            It is of another kind.
        """
        if _data_json(self.default_value) is not None:
            return self._check_data(value)
        kind = type(self.default_value)
        if isinstance(value, kind) or (kind is float and isinstance(value, int)):
            found: Plain = value
            return found
        if kind is bool and isinstance(value, int):
            return bool(value)
        raise Exception(
            f"The value {value!r} of parameter '{self.name}' is a {type(value).__name__}; "
            f"its default {self.default_value!r} is a {kind.__name__}."
        )

    def _check_data(self, value: Any) -> Json:
        """A DataPath for a DataPath, a dataset of the same kind for a dataset; or what REST bodies hold.

        Raises
        ------
        TypeError
            It is another kind of dataset.
        Exception
            It is neither.
        """
        given = value if isinstance(value, dict) and place_of(value) else _data_json(value)
        if given is None:
            raise Exception(
                f"The value {value!r} of parameter '{self.name}' is a {type(value).__name__}; "
                f"its default is a {type(self.default_value).__name__}."
            )
        mine, theirs = _dataset_kind(self.default_value), _dataset_kind(value)
        if not isinstance(value, dict) and mine != theirs:
            raise TypeError(f"The value of parameter '{self.name}' is {theirs}; its default is {mine}.")
        return given

    def __str__(self) -> str:
        return "$AML_PARAMETER_" + "".join(
            letter if letter.isalnum() or letter == "_" else "_" for letter in self.name
        )

    def __repr__(self) -> str:
        return f"PipelineParameter(name={self.name!r}, default_value={self.default_value!r})"
