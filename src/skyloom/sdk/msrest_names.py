"""``msrest.exceptions``, where msrest is not installed: old notebooks catch its errors around datastores.

A finder at the end of ``sys.meta_path``, so that the real library goes first wherever there is one.
Source: sdk.md 2, last row of the table.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any


class ClientException(Exception):
    """Root of msrest's errors."""

    def __init__(
        self, message: str = "", inner_exception: BaseException | None = None, *_: Any, **__: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.inner_exception = inner_exception


class HttpOperationError(ClientException):
    """What a service refused; ``response`` and ``error`` are not had here."""

    response: Any = None
    error: Any = None


_EXCEPTIONS = {
    "ClientException": ClientException,
    "HttpOperationError": HttpOperationError,
    **{
        name: type(name, (ClientException,), {"__doc__": "Never raised here; kept for code that catches it."})
        for name in ("AuthenticationError", "ClientRequestError", "SerializationError", "ValidationError")
    },
}
_MODULES = {"msrest": {}, "msrest.exceptions": _EXCEPTIONS}


class _Finder:
    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        if name not in _MODULES:
            return None
        return importlib.machinery.ModuleSpec(name, _Loader(), is_package=name == "msrest")  # type: ignore[arg-type]


class _Loader:
    def create_module(self, spec: Any) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__.update(_MODULES[module.__name__])


def install() -> None:
    """Offer the names from now on."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


install()
