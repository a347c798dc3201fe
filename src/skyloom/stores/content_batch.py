"""Many files on their way into a store at once: made durable together, named when they are.

One file costs the disk two waits; a thousand small ones cost two waits together this way.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.crashpoint import crashpoint
from skyloom.stores.content_file import write_all

_CHUNK_BYTES = 1 << 20


class Batch:
    """Files below ``folder``, under names that nobody looks for until they are published."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Digest, Path] = {}

    def read(self, content: BinaryIO, sizes: Sequence[int]) -> list[Digest]:
        """Take files of these sizes, one after the other, from a stream; their digests in that order.

        Raises
        ------
        ProblemError
            P260 the stream ends before the last file does.
        """
        return [self._read_one(content, size) for size in sizes]

    def publish(self, place: Callable[[Digest], Path]) -> Iterator[Digest]:
        """Make all content durable, then all names; a file that is there already stays as it is."""
        crashpoint("artifact.before_sync")
        _sync_file_system(self._folder)
        crashpoint("artifact.after_sync")
        for digest, path in self._files.items():
            target = place(digest)
            if target.exists():
                path.unlink()
            else:
                path.rename(target)
                yield digest
        self._files = {}
        _sync_file_system(self._folder)

    def discard(self) -> None:
        """Remove what was not published."""
        for path in self._files.values():
            path.unlink(missing_ok=True)
        self._files = {}

    def _read_one(self, content: BinaryIO, size: int) -> Digest:
        path = self._folder / f"new-{secrets.token_hex(8)}"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o444)
        try:
            digest = _copy(content, size, descriptor)
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(descriptor)
        if digest in self._files:
            path.unlink()
        self._files.setdefault(digest, path)
        return digest


def _copy(content: BinaryIO, size: int, target: int) -> Digest:
    found = hashlib.sha256()
    while size:
        chunk = content.read(min(size, _CHUNK_BYTES))
        if not chunk:
            raise ProblemError(
                Problem("P260", f"{size} bytes of the last file did not arrive.", "", "Submit again.")
            )
        found.update(chunk)
        write_all(target, memoryview(chunk))
        size -= len(chunk)
    return Digest(f"sha256:{found.hexdigest()}")


def _sync_file_system(folder: Path) -> None:
    """Everything of the folder's file system is durable when this returns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(AttributeError):  # a C library without it
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) == 0:
                return
        os.sync()
    finally:
        os.close(descriptor)
