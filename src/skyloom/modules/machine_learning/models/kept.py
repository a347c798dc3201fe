"""An object that is loaded again only when it is asked for."""

from __future__ import annotations

from typing import Any

from skyloom.data.objects import dump_object, load_object


class Kept:
    """Pickles as bytes: a model that scores without its estimator need not load the estimator's library."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self._content: bytes | None = None

    @property
    def value(self) -> Any:
        """The object; in a sandbox only, as with every stored object."""
        if self._content is not None:
            self._value, self._content = load_object(self._content, "estimator"), None
        return self._value

    def __getstate__(self) -> bytes:
        return dump_object(self._value, "estimator") if self._content is None else self._content

    def __setstate__(self, content: bytes) -> None:
        self._value, self._content = None, content
