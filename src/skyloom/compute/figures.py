"""What a script left in its folder for people: images and uploaded files. Collected after the box is dead.

Source: studio.md 1.7 (every PNG of the folder is shown); reliability.md 1.6 and cases a08 to a10, e32, e33.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_IMAGES = 1000
MOST_PIXELS = 50_000_000
MOST_IMAGE_BYTES = 50 * 1024**2
MOST_FILE_BYTES = 1024**3
UPLOADS = ".uploads"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">8sI4sII")  # signature, length and name of the first chunk, width, height
_PIECE = 1 << 20
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Collected:
    """Paths of the copies, in order, and what was left out, in words."""

    paths: tuple[str, ...]
    notices: tuple[str, ...] = ()


class _Refused(Exception):
    """Why a file is not taken."""


class _Room:
    """Bytes that may still be copied: a file of holes takes no space in the box and all of it here."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    def take(self, size_bytes: int) -> None:
        if size_bytes > self._left:
            raise _Refused("no room left")
        self._left -= size_bytes


def collect_images(work: str, target: str, most_bytes: int) -> Collected:
    """Copy the PNG files that lie at the top of the work folder, in the order they were last written."""
    found = sorted(_images_in(work))
    room = _Room(most_bytes)
    paths: list[str] = []
    refused: list[str] = []
    for _, name in found[:MOST_IMAGES]:
        try:
            paths.append(_copy_image(work, name, target, len(paths), room))
        except (_Refused, OSError) as error:
            refused.append(f"{name!r} ({error if isinstance(error, _Refused) else error.strerror})")
    notices = []
    if refused:
        shown = ", ".join(refused[:5]) + (", ..." if len(refused) > 5 else "")
        notices.append(f"{len(refused)} image files were left out: {shown}.")
    if len(found) > MOST_IMAGES:
        notices.append(
            f"The first {MOST_IMAGES} images were kept, {len(found) - MOST_IMAGES} more were left out."
        )
    return Collected(tuple(paths), tuple(notices))


def collect_files(work: str, names: Iterable[str], target: str, most_bytes: int) -> Collected:
    """Copy the files that the script uploaded; the names come out of the box and are checked again."""
    room = _Room(most_bytes)
    paths: list[str] = []
    refused: list[str] = []
    for name in dict.fromkeys(names):
        try:
            paths.append(_copy_upload(work, name, target, room))
        except (_Refused, OSError) as error:
            refused.append(f"{name[:200]!r} ({error if isinstance(error, _Refused) else error.strerror})")
    shown = ", ".join(refused[:5]) + (", ..." if len(refused) > 5 else "")
    return Collected(
        tuple(paths), (f"{len(refused)} uploaded files were left out: {shown}.",) if refused else ()
    )


def png_size(header: bytes) -> tuple[int, int] | None:
    """Width and height, when these bytes begin a PNG file.

    >>> png_size(b"<html>") is None
    True
    """
    if len(header) < _HEADER.size:
        return None
    signature, length, chunk, width, height = _HEADER.unpack_from(header)
    if signature != _SIGNATURE or chunk != b"IHDR" or length != 13 or not width or not height:
        return None
    return width, height


def _images_in(work: str) -> Iterator[tuple[int, str]]:
    try:
        with os.scandir(work) as listing:
            for entry in listing:
                if entry.name.lower().endswith(".png"):
                    yield entry.stat(follow_symlinks=False).st_mtime_ns, entry.name
    except OSError:  # the folder is gone or closed: no images
        return


def _copy_image(work: str, name: str, target: str, number: int, room: _Room) -> str:
    """Copy under a name of ours: the number keeps the order and makes every name harmless and different."""
    source = _open_plain(os.path.join(work, name), MOST_IMAGE_BYTES)
    try:
        size = png_size(os.pread(source, _HEADER.size, 0))
        if size is None:
            raise _Refused("no PNG image")
        if size[0] * size[1] > MOST_PIXELS:
            raise _Refused(f"{size[0]} x {size[1]} pixels")
        room.take(os.fstat(source).st_size)
        os.makedirs(target, exist_ok=True)
        path = os.path.join(target, f"{number:04}-{_harmless(name)}")
        _copy(source, path)
        return path
    finally:
        os.close(source)


def _copy_upload(work: str, name: str, target: str, room: _Room) -> str:
    parts = name.split("/")
    if not name or any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts):
        raise _Refused("no name for a file")
    folder = os.open(os.path.join(work, UPLOADS), os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        source = _open_plain(parts[-1], MOST_FILE_BYTES, folder)
    finally:
        os.close(folder)
    try:
        room.take(os.fstat(source).st_size)
        path = os.path.join(target, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _copy(source, path)
        return path
    finally:
        os.close(source)


def _open_plain(path: str, most_bytes: int, folder: int | None = None) -> int:
    """Open a regular file with one name; links, pipes and devices neither block nor lead elsewhere."""
    descriptor = os.open(path, _OPEN, dir_fd=folder)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        why = "no plain file"
    elif status.st_nlink != 1:
        why = "it has several names"
    elif status.st_size > most_bytes:
        why = f"{status.st_size} bytes"
    else:
        return descriptor
    os.close(descriptor)
    raise _Refused(why)


def _copy(source: int, path: str) -> None:
    with open(path, "xb", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o644)) as target:
        offset = 0
        while piece := os.pread(source, _PIECE, offset):
            target.write(piece)
            offset += len(piece)


def _harmless(name: str) -> str:
    """A name for our folder: printable ASCII that means nothing to a shell, a page or another system."""
    stem = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name[:-4]
    )
    return (stem.lstrip(".")[:100] or "image") + ".png"
