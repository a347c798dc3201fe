"""Folders that user code wrote into: how full they are, and getting rid of them whatever is in them."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass

_BLOCK = 512
_MOST_ENTRIES = 250_000
_MOST_SECONDS = 2.0
_FLATTEN_BELOW = 64  # a folder deeper than this is moved up before it is emptied
_LONGEST_PATH = 4000


@dataclass(frozen=True)
class Usage:
    """Disk space really taken (holes of sparse files do not count).

    ``is_complete`` is False when the folder was too large, too deep or too slow to count to its end.
    """

    used_bytes: int
    is_complete: bool = True


def usage_of(folder: str, most_bytes: int | None = None) -> Usage:
    """Count the disk space below a folder while others may be writing to it; stops at ``most_bytes``."""
    used = entries = 0
    until = time.monotonic() + _MOST_SECONDS
    ahead = [folder]
    while ahead:
        path = ahead.pop()
        if len(path) - len(folder) > _LONGEST_PATH:
            return Usage(used, False)
        try:
            with os.scandir(path) as listing:
                for entry in listing:
                    entries += 1
                    status = entry.stat(follow_symlinks=False)
                    used += status.st_blocks * _BLOCK
                    if stat.S_ISDIR(status.st_mode):
                        ahead.append(entry.path)
                    if most_bytes is not None and used > most_bytes:
                        return Usage(used)
                    if entries > _MOST_ENTRIES or time.monotonic() > until:
                        return Usage(used, False)
        except PermissionError:  # closed to us, and who knows what is in it
            return Usage(used, False)
        except OSError:  # removed meanwhile
            continue
    return Usage(used)


def remove_tree(folder: str) -> None:
    """Remove a folder with everything in it: any name, mode or kind of file, any depth.

    Nobody may be writing to it any more. Links are removed, not followed.

    Raises
    ------
    OSError
        Something cannot be removed (a mount, an immutable file).
    """
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except PermissionError:
        os.chmod(folder, 0o700)
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        while _empty(root, root, 0):
            pass
    finally:
        os.close(root)
    os.rmdir(folder)


def _empty(root: int, folder: int, depth: int) -> bool:
    """Remove what is in an open folder; True when something deep was moved up and another round is due."""
    moved = False
    os.fchmod(folder, 0o700)
    with os.scandir(folder) as listing:
        entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing]
    for name, is_folder in entries:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
        elif depth >= _FLATTEN_BELOW:
            os.chmod(name, 0o700, dir_fd=folder)
            os.rename(name, ".moved-" + os.urandom(8).hex(), src_dir_fd=folder, dst_dir_fd=root)
            moved = True
        else:
            moved = _remove_folder(root, folder, name, depth) or moved
    return moved


def _remove_folder(root: int, parent: int, name: str, depth: int) -> bool:
    os.chmod(name, 0o700, dir_fd=parent)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        moved = _empty(root, inner, depth + 1)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=parent)
    return moved
