"""Local files as a target: only below the folders that were listed for it, and through no link."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.content_file import copy_and_hash


class ExportRoots:
    """The folders that a graph may write files into; those it may read are listed apart."""

    def __init__(self, roots: Sequence[Path] = ()) -> None:
        self._roots = tuple(dict.fromkeys(root.absolute() for root in roots))

    def write(self, path: str, source: int, *, replaces: bool) -> None:
        """Copy the content of a descriptor; it is whole and durable under its name, or not there at all.

        Raises
        ------
        ProblemError
            D302 outside the roots; M0057 a file is there and is not to be replaced; D303 the disk or its
            rights.
        """
        with self.folder(path) as (folder, name):
            try:
                _write(folder, name, source, replaces)
            except FileExistsError as error:
                raise ProblemError(
                    Problem("M0057", f"There is a file '{path}'.", "Path", "Name another, or overwrite it.")
                ) from error
            except OSError as error:
                raise _unwritable(path, error.strerror or "the disk refuses it") from error

    @contextlib.contextmanager
    def folder(self, path: str) -> Iterator[tuple[int, str]]:
        """A descriptor of the folder that the file lies in, and the file's name there.

        Raises
        ------
        ProblemError
            D302 outside the roots, D303 no such folder, or the name is that of something else than a file.
        """
        root, parts = self._place(path)
        try:
            descriptor = _open_folder(root, parts[:-1])
        except OSError as error:
            raise _unwritable(path, f"its folder cannot be opened ({error.strerror})") from error
        try:
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(parts[-1], dir_fd=descriptor, follow_symlinks=False)
                if not stat.S_ISREG(found.st_mode):
                    raise _unwritable(path, "something that is no regular file has its name")
            yield descriptor, parts[-1]
        finally:
            os.close(descriptor)

    def path_of(self, path: str) -> Path:
        """The path itself, for a library that opens files by name; look first with ``folder``."""
        root, parts = self._place(path)
        return root.joinpath(*parts)

    def _place(self, path: str) -> tuple[Path, tuple[str, ...]]:
        """The root that the path lies in, and its parts below; nothing on disk is followed for this."""
        wanted = PurePosixPath(path)
        if path and "\0" not in path and ".." not in wanted.parts:
            for root in self._roots:
                for spelled in (root, Path(os.path.realpath(root))):
                    if wanted.is_absolute() and wanted.is_relative_to(spelled):
                        parts = wanted.relative_to(spelled).parts
                    else:
                        parts = () if wanted.is_absolute() or len(self._roots) > 1 else wanted.parts
                    if parts:
                        return root, parts
        listed = ", ".join(str(root) for root in self._roots) or "none is listed"
        raise ProblemError(
            Problem(
                "D302",
                f"The file '{path}' is in none of the folders that graphs may write into ({listed}).",
                "Path",
                "Write into one of them, or list its folder in SKYLOOM_EXPORT_ROOTS.",
            )
        )


def _write(folder: int, name: str, source: int, replaces: bool) -> None:
    beside = f".{name[:100]}.new-{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    target = os.open(beside, flags, 0o666, dir_fd=folder)
    try:
        try:
            copy_and_hash(source, target)
            os.fsync(target)
        finally:
            os.close(target)
        if replaces:
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)


def _open_folder(root: Path, parts: Sequence[str]) -> int:
    """Open part by part from the root on, so that no link on the way leads out of it."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(root, flags)
    for part in parts:
        try:
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def _unwritable(path: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D303",
            f"The file '{path}' cannot be written: {why}.",
            "Path",
            "Name a file in a folder that is there and that the agent may write into.",
        )
    )
