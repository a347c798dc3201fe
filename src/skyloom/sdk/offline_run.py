"""OfflineRun: what Run.get_context() gives outside of a run; it prints what is logged (sdk.md 10)."""

from __future__ import annotations

import uuid
from typing import Any

_current: OfflineRun | None = None


class OfflineRun:
    """Takes everything a script does with its run, and says on the console what it logged."""

    def __init__(self) -> None:
        self.id = f"OfflineRun_{uuid.uuid4()}"
        self._metrics: dict[str, Any] = {}

    @staticmethod
    def current() -> OfflineRun:
        """The same object at every asking."""
        global _current
        if _current is None:
            _current = OfflineRun()
        return _current

    @property
    def parent(self) -> OfflineRun:
        return self

    def log(self, name: str, value: Any, description: str = "", step: int | None = None) -> None:
        print(f"Attempted to log scalar metric {name}:\n{value}")
        self._metrics[name] = value

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        print(f"Attempted to log list metric {name}:\n{value}")
        self._metrics[name] = value

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:
        print(f"Attempted to log row metric {name}:\n{kwargs}")
        self._metrics[name] = kwargs

    def log_table(self, name: str, value: Any, description: str = "") -> None:
        print(f"Attempted to log table metric {name}:\n{value}")
        self._metrics[name] = value

    def log_image(self, name: str, path: str | None = None, plot: Any = None, description: str = "") -> None:
        print(f"Attempted to log image metric {name}:\n{path or plot}")

    def get_metrics(self, name: str | None = None, **_: Any) -> dict[str, Any]:
        return {key: value for key, value in self._metrics.items() if name in (None, key)}

    def _nothing(self, *_: Any, **__: Any) -> None:
        """Outside of a run there is nothing to keep it with."""

    upload_file = upload_files = upload_folder = tag = set_tags = add_properties = _nothing
    complete = fail = flush = start = cancel = register_model = _nothing

    def get_status(self) -> str:
        return "Running"

    def __enter__(self) -> OfflineRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.complete()

    def __repr__(self) -> str:
        return f"Run(OfflineRun, Id: {self.id})"
