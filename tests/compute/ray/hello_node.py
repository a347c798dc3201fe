"""A node's actor that says its name and stays."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any


class HelloNode:
    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._is_over = threading.Event()

    def hello(self) -> dict[str, Any]:
        return {"hello": self._config["name"]}

    def stay(self) -> None:
        self._is_over.wait()

    def close(self) -> None:
        self._is_over.set()
