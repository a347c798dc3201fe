"""``@rawhttp``, ``AMLRequest`` and ``AMLResponse``: for scripts that see the request (services.md 5)."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping, Optional
from urllib.parse import urlencode

_MARK = "__skyloom_raw__"
Function = Callable[..., Any]


def rawhttp(function: Function) -> Function:
    """Hand the request to ``run`` as it is."""
    setattr(function, _MARK, True)
    return function


def is_raw(function: Function) -> bool:
    return bool(getattr(function, _MARK, False))


class Arguments(Dict[str, str]):
    """The query; a key that repeats gives its first value."""

    def __init__(self, query: Mapping[str, List[str]]) -> None:
        super().__init__({name: values[0] for name, values in query.items() if values})
        self._all = query

    def getlist(self, name: str) -> List[str]:
        return list(self._all.get(name, ()))


class Headers(Dict[str, str]):
    """Headers; names are compared without case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({name.title(): value for name, value in headers.items()})

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.title())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.title(), default)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).title())


class AMLRequest:
    """What scripts read of a request: ``method``, ``path``, ``args``, ``headers``, ``data``, ``json``."""

    def __init__(
        self, method: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, List[str]]
    ) -> None:
        self.method = method
        self.data = body
        self.headers = Headers(headers)
        self.args = Arguments(query)
        self.path = "/score"
        self.full_path = f"/score?{urlencode(query, doseq=True)}"
        self.content_type: Optional[str] = self.headers.get("Content-Type")

    def get_data(self, cache: bool = True, as_text: bool = False) -> Any:
        return self.data.decode("utf-8", "replace") if as_text else self.data

    @property
    def json(self) -> Any:
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        try:
            return json.loads(self.data)
        except ValueError:
            if silent:
                return None
            raise


class AMLResponse:
    """What ``run`` may return in place of a value: body, status and headers of the answer."""

    def __init__(
        self,
        message: Any,
        status_code: int,
        response_headers: Optional[Mapping[str, str]] = None,
        json_str: bool = False,
    ) -> None:
        self.message = message
        self.status_code = int(status_code)
        self.response_headers = dict(response_headers or {})
        self.json_str = json_str
        self.headers = self.response_headers
