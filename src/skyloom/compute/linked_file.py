"""Large inputs of a step without a copy: one more name for a file, which the box can read and not write.

Only where the box has an identity of its own, which neither owns the file nor may write it. What a step moves
to where its results lie is made a file of its own before anybody counts it as such.
"""

from __future__ import annotations

import os
import shutil
import stat

LEAST_BYTES = 16 * 1024 * 1024  # smaller ones are copied: a copy may be written to, as old scripts may do


def link_large(source: str, target: str, uid: int | None) -> bool:
    """Whether ``target`` is a further name of ``source`` now; else it has to be copied."""
    status = os.stat(source)
    is_safe = (
        uid is not None
        and stat.S_ISREG(status.st_mode)
        and status.st_uid == os.geteuid() != uid
        and status.st_gid != uid
        and status.st_mode & 0o004
        and not status.st_mode & 0o022
    )
    if not is_safe or status.st_size < LEAST_BYTES:
        return False
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        return False
    return True


def unshare(path: str) -> None:
    """A file of ours that has further names becomes a file of its own; anything else stays as it is."""
    status = os.lstat(path)
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1 and status.st_uid == os.geteuid():
        copy = f"{path}.{os.urandom(4).hex()}"
        shutil.copyfile(path, copy)
        os.replace(copy, path)
