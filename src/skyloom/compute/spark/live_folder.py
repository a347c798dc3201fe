"""Files out of a box that lives on: what may still be written is read through descriptors, not by path.

Every folder on the way is opened without following a link, every file is looked at after it is open, and what
is kept is a copy of ours that nobody in the box can write to.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_DEPTH = 64
_MOST_FILES = 200_000
_PIECE = 1 << 24


class TooMuchError(Exception):
    """There is more than may be copied."""


@dataclass
class _Room:
    bytes: int
    files: int = _MOST_FILES

    def take(self, size: int) -> None:
        self.bytes -= size
        self.files -= 1
        if self.bytes < 0 or self.files < 0:
            raise TooMuchError


def copy_live(root: str, place: str, target: str, most_bytes: int) -> bool:
    """Copy the file or folder at ``place`` below ``root`` to ``target``; whether it was there.

    Links and special files are left out.

    Raises
    ------
    TooMuchError
        It is more than ``most_bytes``, or too many files.
    OSError
        The copy cannot be written.
    """
    *above, name = place.split("/")
    with contextlib.ExitStack() as stack:
        try:
            folder = _opened(stack, root, None)
            for part in above:
                folder = _opened(stack, part, folder)
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return False
        os.makedirs(os.path.dirname(target), exist_ok=True)
        room = _Room(most_bytes)
        if stat.S_ISDIR(status.st_mode):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                _copy_folder(_opened(stack, name, folder), target, room, 0)
                return True
            return False
        return _copy_file(folder, name, target, room)


def live_files(root: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every plain file below ``root`` by its path, as it is at this moment."""
    with contextlib.ExitStack() as stack:
        try:
            yield from _files(_opened(stack, root, None), "", 0)
        except OSError:
            return


def _files(folder: int, prefix: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    for name in sorted(os.listdir(folder)):
        with contextlib.suppress(OSError):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                yield prefix + name, status
            elif stat.S_ISDIR(status.st_mode) and depth < _MOST_DEPTH:
                with contextlib.ExitStack() as stack:
                    yield from _files(_opened(stack, name, folder), f"{prefix}{name}/", depth + 1)


def _opened(stack: contextlib.ExitStack, name: str, folder: int | None) -> int:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    stack.callback(os.close, descriptor)
    return descriptor


def _copy_folder(source: int, target: str, room: _Room, depth: int) -> None:
    os.makedirs(target, exist_ok=True)
    if depth > _MOST_DEPTH:
        raise TooMuchError
    for name in os.listdir(source):
        with contextlib.ExitStack() as stack:
            try:
                status = os.stat(name, dir_fd=source, follow_symlinks=False)
                inner = _opened(stack, name, source) if stat.S_ISDIR(status.st_mode) else None
            except OSError:
                continue  # it is gone, or something else than a moment ago
            path = os.path.join(target, name)
            if inner is not None:
                room.take(0)
                _copy_folder(inner, path, room, depth + 1)
            else:
                _copy_file(source, name, path, room)


def _copy_file(folder: int, name: str, target: str, room: _Room) -> bool:
    try:
        source = os.open(name, _FILE, dir_fd=folder)
    except OSError:
        return False
    try:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode):
            return False
        room.take(0)
        mode = 0o700 if status.st_mode & 0o100 else 0o600
        copy = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            while True:
                piece = os.read(source, _PIECE)
                if not piece:
                    return True
                room.take(len(piece))
                room.files += 1
                while piece:
                    piece = piece[os.write(copy, piece) :]
        finally:
            os.close(copy)
    finally:
        os.close(source)
