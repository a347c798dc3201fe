"""Trees of attributes that take whatever old code sets on them. Source: sdk.md 21, trap 11."""

from __future__ import annotations

import warnings
from typing import Any


class Section:
    """A part of a configuration: known attributes have defaults, others are taken with a warning."""

    _known: frozenset[str]

    def __init__(self, **values: Any) -> None:
        self.__dict__["_known"] = frozenset(values)
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._known and not name.startswith("_") and not hasattr(type(self), name):
            warnings.warn(f"'{name}' is kept and has no effect here.", UserWarning, stacklevel=2)
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if name != "_known")
        return f"{type(self).__name__}({shown})"
