"""SharedContent: what the content-addressed folder of one agent shares with those of the others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from skyloom.core.identity import Digest
from skyloom.stores.artifact_check import references_of
from skyloom.stores.content_file import opened
from skyloom.stores.shared_store import StoreFiles

AT_ONCE = 8  # files that are asked for, sent or fetched side by side


class SharedContent:
    """Content by digest in a shared store; nothing there is ever changed."""

    def __init__(self, files: StoreFiles) -> None:
        self._files = files
        self._there: set[Digest] = set()  # known to be stored; only grows
        self._lock = threading.Lock()

    def has(self, digest: Digest) -> bool:
        if digest in self._there:
            return True
        found = self._files.exists(_key(digest))
        if found:
            self._note(digest)
        return found

    def having(self, digests: Iterable[Digest]) -> set[Digest]:
        """Those that are stored."""
        wanted = list(dict.fromkeys(digests))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return {digest for digest, found in zip(wanted, threads.map(self.has, wanted)) if found}

    def send(self, digest: Digest, path: Path) -> None:
        """Content that is not there yet; durable there when the method returns."""
        if not self.has(digest):
            self._files.put(str(path), _key(digest))
            self._note(digest)

    def send_all(self, digests: Iterable[Digest], path_of: Callable[[Digest], Path]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(lambda digest: self.send(digest, path_of(digest)), list(digests)):
                pass

    def bring(self, digest: Digest, path_of: Callable[[Digest], Path], tmp: Path) -> bool:
        """Fetch content and the further files that it needs, unchecked; whether it was there."""
        if not self.has(digest):
            return False
        part = tmp / f"new-{os.urandom(8).hex()}"
        try:
            self._files.fetch(_key(digest), str(part))
            with opened(str(part)) as descriptor:
                needed = [one for one in references_of(descriptor, digest) if not path_of(one).exists()]
            with ThreadPoolExecutor(AT_ONCE) as threads:
                for _ in threads.map(lambda one: self._bring_one(one, path_of(one), tmp), needed):
                    pass
            _settle(part, path_of(digest))
        finally:
            part.unlink(missing_ok=True)
        return True

    def _bring_one(self, digest: Digest, target: Path, tmp: Path) -> None:
        if self.has(digest):
            part = tmp / f"new-{os.urandom(8).hex()}"
            try:
                self._files.fetch(_key(digest), str(part))
                _settle(part, target)
            finally:
                part.unlink(missing_ok=True)

    def _note(self, digest: Digest) -> None:
        with self._lock:
            self._there.add(digest)


def _settle(part: Path, target: Path) -> None:
    part.chmod(0o444)
    os.replace(part, target)


def _key(digest: Digest) -> str:
    return f"{digest[7:9]}/{digest[9:]}"
