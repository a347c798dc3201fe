"""A file on its way into a store: nameless until it is whole and durable (reliability.md 3.4)."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.crashpoint import crashpoint

_CHUNK_BYTES = 1 << 20
_DESCRIPTOR = re.compile(r"/proc/self/fd/([0-9]+)\Z")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class NewFile:
    """An open file that nobody else sees; ``path`` is its name where the system has no nameless files."""

    descriptor: int
    path: Path | None = None


@contextlib.contextmanager
def new_file(folder: Path) -> Iterator[NewFile]:
    """An empty file on the file system of ``folder``; gone after the block unless it was published."""
    file = _create(folder)
    try:
        yield file
    finally:
        os.close(file.descriptor)
        if file.path is not None:
            file.path.unlink(missing_ok=True)


def publish(file: NewFile, target: Path, replaces: bool = False) -> None:
    """Make the content durable, then its name. Content that is there already stays, unless ``replaces``."""
    os.fchmod(file.descriptor, 0o444)
    crashpoint("artifact.before_sync")
    os.fsync(file.descriptor)
    crashpoint("artifact.after_sync")
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _name(file, target, folder, replaces)
        crashpoint("artifact.after_link")
        os.fsync(folder)
        crashpoint("artifact.after_folder_sync")
    finally:
        os.close(folder)


def sync_folder(folder: Path) -> None:
    """Names in the folder are durable when this returns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """A readable descriptor of a regular file; ``/proc/self/fd/N`` stands for N itself.

    Links are not followed: what a box wrote may point anywhere.

    Raises
    ------
    ProblemError
        R020: there is no such file, or it is a folder, a link, a pipe or a device.
    """
    own = _DESCRIPTOR.match(path)
    if own is not None:
        yield int(own[1])
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _not_a_file(path, str(error.strerror)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _not_a_file(path, "it is no regular file")
        yield descriptor
    finally:
        os.close(descriptor)


def is_nameless(path: str) -> bool:
    """Whether the path stands for a descriptor of this process."""
    return _DESCRIPTOR.match(path) is not None


def copy_and_hash(source: int, target: int) -> Digest:
    """Copy a whole file into an empty one; the digest of what was copied."""
    digest = hashlib.sha256()
    position = 0
    while chunk := os.pread(source, _CHUNK_BYTES, position):
        digest.update(chunk)
        write_all(target, memoryview(chunk))
        position += len(chunk)
    return Digest(f"sha256:{digest.hexdigest()}")


def hash_file(descriptor: int) -> Digest:
    """The digest of a whole file."""
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(min(_CHUNK_BYTES, os.fstat(descriptor).st_size or 1)))
    position = 0
    while count := os.preadv(descriptor, [buffer], position):
        digest.update(buffer[:count])
        position += count
    return Digest(f"sha256:{digest.hexdigest()}")


def write_all(descriptor: int, content: memoryview) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


@contextlib.contextmanager
def told_as_problems(what: str) -> Iterator[None]:
    """A full disk or another fault of it, told as R014 or R022."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise ProblemError(
                Problem(
                    "R014",
                    f"There is no room on the disk to store '{what}'.",
                    what,
                    "Make room on the disk of the workspace and run again; what completed is reused.",
                )
            ) from error
        raise ProblemError(
            Problem(
                "R022",
                f"'{what}' cannot be stored: {error.strerror}.",
                what,
                "Look at the disk of the workspace and its rights, then run again.",
            )
        ) from error


def _create(folder: Path) -> NewFile:
    try:
        return NewFile(os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except (OSError, AttributeError) as error:  # AttributeError: not Linux
        if isinstance(error, OSError) and error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            raise
    path = folder / f"new-{secrets.token_hex(8)}"
    return NewFile(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600), path)


def _name(file: NewFile, target: Path, folder: int, replaces: bool) -> None:
    if file.path is not None:
        os.rename(file.path, target.name, dst_dir_fd=folder)
        return
    if not replaces:
        with contextlib.suppress(FileExistsError):
            _link(file.descriptor, target.name, folder)
        return
    beside = f"{target.name}.new-{secrets.token_hex(4)}"
    _link(file.descriptor, beside, folder)
    os.rename(beside, target.name, src_dir_fd=folder, dst_dir_fd=folder)


def _link(descriptor: int, name: str, folder: int) -> None:
    # src_dir_fd is only there so that linkat is called and follows the link in /proc
    os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=folder, dst_dir_fd=folder)


def _not_a_file(path: str, why: str) -> ProblemError:
    return ProblemError(
        Problem("R020", f"'{path}' cannot be stored: {why}.", path, "Give a regular file that can be read.")
    )
