"""What of stored content nobody needs any more, and its removal while others go on using the store.

Whoever uses content makes it young first (``touch``), with what it refers to, under a lock that many may hold
at once; each file is removed under the same lock held alone, after its age was looked at once more. So what
was chosen for removal and is wanted meanwhile stays, and what went first is seen to be gone, and made again.
The lock is one of the kernel's, because agents may share a store.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from skyloom.core.identity import Digest
from skyloom.engine.crashpoint import crashpoint
from skyloom.stores.artifact_check import references_of
from skyloom.stores.content_file import opened

YOUNG_S = 3600.0  # content this young may be on its way into a record


@dataclass(frozen=True)
class Loose:
    """Content that may go, with its sizes in bytes, and temporary files that nobody finishes."""

    content: dict[Digest, int] = field(default_factory=dict)
    temporary: dict[Path, int] = field(default_factory=dict)


class ArtifactSweep:
    """Looks after one folder of artifacts; ``stored`` lists it, ``temporary`` what was never finished."""

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file

    def loose(
        self,
        stored: dict[Digest, Path],
        temporary: Iterable[Path],
        known: Collection[Digest],
        young_s: float = YOUNG_S,
    ) -> Loose:
        """What no record names, nor a table or folder that stays, and that is not young."""
        limit = time.time() - young_s
        found = Loose(temporary={path: size for path in temporary if (size := _old_size(path, limit)) >= 0})
        for digest, path in stored.items():
            if digest not in known and (size := _old_size(path, limit)) >= 0:
                found.content[digest] = size
        kept = list(stored.keys() - found.content.keys()) if found.content else []
        while kept:
            digest = kept.pop()
            for needed in _references(stored[digest], digest):
                if found.content.pop(needed, None) is not None:
                    kept.append(needed)
        return found

    def remove(self, loose: Loose, stored: dict[Digest, Path], young_s: float = YOUNG_S) -> dict[Digest, int]:
        """Remove it; what was used meanwhile stays. What was removed, with its sizes in bytes."""
        for path in loose.temporary:
            path.unlink(missing_ok=True)
        removed = {}
        for digest, size in sorted(loose.content.items()):
            crashpoint("artifact.before_sweep")
            with self._locked(fcntl.LOCK_EX):
                if _old_size(stored[digest], time.time() - young_s) >= 0:
                    stored[digest].unlink(missing_ok=True)
                    removed[digest] = size
        return removed

    def touch(self, paths: Iterable[Path]) -> bool:
        """Make files young; False when one of them is gone."""
        with self._locked(fcntl.LOCK_SH):
            try:
                for path in paths:
                    os.utime(path)
            except FileNotFoundError:
                return False
        return True

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """One descriptor a holder: threads of one process exclude each other too."""
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


def _references(path: Path, digest: Digest) -> tuple[Digest, ...]:
    try:
        with opened(str(path)) as descriptor:
            return references_of(descriptor, digest)
    except FileNotFoundError:  # put aside as damaged meanwhile
        return ()


def _old_size(path: Path, limit: float) -> int:
    """Bytes of a file that was not changed since; -1 for a young one, and for one that is gone."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return -1
    return status.st_size if status.st_mtime < limit else -1
