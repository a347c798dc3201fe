"""Folder: many files as one content, named by the digest of their list: snapshots, step outputs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from skyloom.core.identity import Digest, canonical_json

MAGIC = b"skyloom-folder 1\n"
LONGEST_NAME_BYTES = 255


@dataclass(frozen=True, order=True)
class FolderFile:
    """One file: its place with forward slashes, its content, and whether it may be executed."""

    path: str
    digest: Digest
    size: int  # bytes
    executable: bool = False


@dataclass(frozen=True)
class Folder:
    """Files in the order of their paths, and the folders that hold nothing.

    Equal folders have equal bytes, so their digest names the folder: neither times nor owners count.
    """

    files: tuple[FolderFile, ...] = ()
    folders: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def digests(self) -> tuple[Digest, ...]:
        return tuple(dict.fromkeys(file.digest for file in self.files))

    def as_bytes(self) -> bytes:
        """The stored form; ``folder_from_bytes`` reads it."""
        body = {
            "files": [[f.path, f.digest, f.size, f.executable] for f in sorted(self.files)],
            "folders": sorted(self.folders),
        }
        return MAGIC + canonical_json(body).encode("utf-8", "surrogatepass")


def folder_from_bytes(content: bytes) -> Folder:
    """Read the stored form and check every path in it.

    Raises
    ------
    ValueError
        It is no folder, or a path would leave it.
    """
    if not content.startswith(MAGIC):
        raise ValueError("it does not begin as a folder does")
    body = json.loads(content[len(MAGIC) :].decode("utf-8", "surrogatepass"))
    try:
        files = tuple(
            FolderFile(str(path), Digest(str(digest)), int(size), bool(executable))
            for path, digest, size, executable in body["files"]
        )
        folder = Folder(files, tuple(str(path) for path in body["folders"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"its list does not read ({type(error).__name__})") from error
    check_paths([*(file.path for file in folder.files), *folder.folders])
    return folder


def check_paths(paths: Iterable[str]) -> None:
    """Refuse paths that are absolute, leave the folder, repeat, or are a file and a folder at once.

    Raises
    ------
    ValueError
        With the path.
    """
    seen: set[str] = set()
    parents: set[str] = set()
    for path in paths:
        parts = path.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise ValueError(f"{path!r:.200} is no relative path")
        if any(len(part.encode("utf-8", "surrogatepass")) > LONGEST_NAME_BYTES for part in parts):
            raise ValueError(f"{path!r:.200} has a name that is too long")
        if path in seen:
            raise ValueError(f"{path!r:.200} is there twice")
        seen.add(path)
        parents.update("/".join(parts[:end]) for end in range(1, len(parts)))
    both = sorted(seen & parents)
    if both:
        raise ValueError(f"{both[0]!r:.200} is a file and a folder")
