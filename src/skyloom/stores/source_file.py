"""Local files as a source: only below the folders that were listed, and through no link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.content_file import copy_and_hash


class FileRoots:
    """The folders whose files a graph may name. Source: reliability.md 4.1, point 7."""

    def __init__(self, roots: Sequence[Path] = ()) -> None:
        self._roots = tuple(dict.fromkeys(root.absolute() for root in roots))

    def copy(self, path: str, target: Path) -> Digest:
        """Copy the file, so that it cannot change while it is read; the digest of what was copied.

        Raises
        ------
        ProblemError
            D068: outside the roots. D069: not there, not readable, or no regular file.
        """
        with self.opened(path) as source:
            own = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                return copy_and_hash(source, own)
            finally:
                os.close(own)

    @contextmanager
    def opened(self, path: str) -> Iterator[int]:
        """A descriptor of the file.

        Raises
        ------
        ProblemError
            D068, D069.
        """
        root, parts = self._place(path)
        try:
            descriptor = _open_below(root, parts)
        except OSError as error:
            raise _unreadable(path, error.strerror or "it cannot be opened") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unreadable(path, "it is no regular file")
            yield descriptor
        finally:
            os.close(descriptor)

    def path_of(self, path: str) -> Path:
        """The path itself, for a library that opens files by name; look first whether it may be opened.

        Raises
        ------
        ProblemError
            D068.
        """
        root, parts = self._place(path)
        return root.joinpath(*parts)

    def _place(self, path: str) -> tuple[Path, tuple[str, ...]]:
        """The root that the path lies in, and its parts below; nothing on disk is followed for this."""
        wanted = PurePosixPath(path)
        if path and "\0" not in path and ".." not in wanted.parts:
            for root in self._roots:
                for spelled in (root, Path(os.path.realpath(root))):
                    with suppress(ValueError):
                        parts = wanted.relative_to(spelled).parts if wanted.is_absolute() else wanted.parts
                        if parts and (len(self._roots) == 1 or (root / Path(*parts)).exists()):
                            return root, parts
        listed = ", ".join(str(root) for root in self._roots) or "none is listed"
        raise ProblemError(
            Problem(
                "D068",
                f"The file '{path}' is in none of the folders that graphs may read ({listed}).",
                "Path",
                "Add it with 'skyloom dataset add', or list its folder in SKYLOOM_FILE_ROOTS.",
            )
        )


def _open_below(root: Path, parts: Sequence[str]) -> int:
    """Open part by part from the root on, so that no link on the way leads out of it."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            below = os.open(part, flags | os.O_DIRECTORY, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(parts[-1], flags | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)


def _unreadable(path: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D069",
            f"The file '{path}' cannot be read: {why}.",
            "Path",
            "Give a regular file that the agent may read; links are not followed.",
        )
    )
