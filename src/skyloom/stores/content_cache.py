"""Content fetched from datastores and the web, kept so that what did not change is fetched once."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from skyloom.core.identity import digest_of

USUAL_LIMIT_BYTES = 20 * 1024**3


class ContentCache:
    """Files by what they were fetched from: the store, the path and the stamp that the store gave them."""

    def __init__(self, folder: Path, limit_bytes: int = USUAL_LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def path(self, *key: str, fetch: Callable[[str], object]) -> str:
        """Path of the content; ``fetch`` writes it to the path it is given when it is not there yet."""
        name = digest_of(list(key))[7:]
        target = self._folder / name[:2] / name[2:]
        with self._lock_of(name):
            if not target.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                part = target.with_name(f".{name[2:10]}.{os.urandom(4).hex()}")
                try:
                    fetch(str(part))
                    part.chmod(0o444)  # a box may have it by a further name
                    os.replace(part, target)
                finally:
                    part.unlink(missing_ok=True)
            else:
                os.utime(target)
        return str(target)

    def renewed(self, *key: str, fetch: Callable[[str], object]) -> str:
        """Path of the content, fetched anew: of places that do not tell when they change."""
        name = digest_of(list(key))[7:]
        target = self._folder / name[:2] / name[2:]
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{name[2:10]}.{os.urandom(4).hex()}")
        try:
            fetch(str(part))
            part.chmod(0o444)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        return str(target)

    def _lock_of(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def sweep(self) -> None:
        """Remove what was not asked for longest until the limit is kept. What runs uses is young."""
        found = []
        for file in self._folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # its workspace may be closed and gone meanwhile
                found.append((file.stat(), file))
        left = sum(status.st_size for status, _ in found)
        for status, file in sorted(found, key=lambda one: one[0].st_mtime):
            if left <= self._limit_bytes:
                return
            file.unlink(missing_ok=True)
            left -= status.st_size
