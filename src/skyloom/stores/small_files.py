"""SmallFiles: JSON objects by name that a workspace keeps beside its records, each replaced whole."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from skyloom.core.document import Document
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.document_ports import Documents
from skyloom.engine.ports import StaleError

Change = Callable[[dict[str, Json]], dict[str, Json]]
KIND = "file"
_TRIES = 50


class SmallFiles(Protocol):
    """Names are relative paths without an ending, such as ``registry/models``."""

    def read(self, name: str) -> dict[str, Json]:
        """What is kept under the name; empty when nothing is."""

    def change(self, name: str, change: Change) -> dict[str, Json]:
        """Keep what ``change`` makes of what is there; nobody else's change comes in between.

        ``change`` may be called again with what somebody else wrote; what it raises leaves all as it was.
        """

    def names(self, folder: str) -> list[str]:
        """Names below a folder, sorted."""


class HomeFiles:
    """Files of one folder, ``<name>.json``, for their owner alone; durable when a method returns."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.RLock()

    def read(self, name: str) -> dict[str, Json]:
        try:
            found = json.loads(self.path(name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found if isinstance(found, dict) else {}

    def change(self, name: str, change: Change) -> dict[str, Json]:
        with self._lock:
            before = self.read(name)
            after = change(dict(before))
            if after != before:
                self._write(name, after)
        return after

    def names(self, folder: str) -> list[str]:
        return sorted(f"{folder}/{file.stem}" for file in (self._home / folder).glob("[!.]*.json"))

    def _write(self, name: str, content: Json) -> None:
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)

    def path(self, name: str) -> Path:
        """Where the file is, if it is there."""
        return self._home / f"{name}.json"


class DocumentFiles:
    """Documents of the database, which all agents of a workspace see."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def read(self, name: str) -> dict[str, Json]:
        found = self._documents.find(KIND, name)
        return {} if found is None else dict(found.body)

    def change(self, name: str, change: Change) -> dict[str, Json]:
        """Raise C150 when others change it without end."""
        for _ in range(_TRIES):
            found = self._documents.find(KIND, name)
            before = {} if found is None else dict(found.body)
            after = change(dict(before))
            if after == before:
                return after
            fresh = Document(KIND, name, after, parent=name.rpartition("/")[0])
            if found is None:
                is_kept = self._documents.add(fresh)
            else:
                is_kept = self._documents.change(fresh, expects=found.revision)
            if is_kept:
                return after
        what = f"Others change '{name}' all the time."
        raise ProblemError(Problem("C150", what, name, "Try again.")) from StaleError(name)

    def names(self, folder: str) -> list[str]:
        return sorted(found.id for found in self._documents.all(KIND, parent=folder))
