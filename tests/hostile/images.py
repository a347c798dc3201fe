"""Images as a stranger's page would show them: plain PNG files of a bearable size, or not listed at all."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path

MOST_PIXELS = 100_000_000  # what a viewer may be asked to unpack; the product allows less
_HEADER = struct.Struct(">8sI4sII")  # signature, length and kind of the first chunk, width, height
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def image_fault(path: Path) -> str:
    """What is wrong with a listed image; empty when it may be shown."""
    try:
        status = os.lstat(path)
    except OSError as error:
        return f"image {path.name!r} is listed and not there: {error.strerror}"
    if not stat.S_ISREG(status.st_mode) or status.st_nlink < 1:
        return f"image {path.name!r} is no plain file"
    if path.suffix.lower() != ".png":
        return f"image {path.name!r} is listed under a name that is no PNG's"
    with path.open("rb") as file:
        return _header_fault(path.name, file.read(_HEADER.size))


def _header_fault(name: str, header: bytes) -> str:
    if len(header) < _HEADER.size:
        return f"image {name!r} has {len(header)} bytes"
    signature, length, kind, width, height = _HEADER.unpack(header)
    if signature != _SIGNATURE or (length, kind) != (13, b"IHDR") or not width * height:
        return f"image {name!r} is no PNG"
    return f"image {name!r} unpacks to {width} x {height} pixels" if width * height > MOST_PIXELS else ""
