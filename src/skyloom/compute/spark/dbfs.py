"""The file system of a compute: ``dbfs:/`` in its clusters, a folder of the workspace between them.

A cluster begins with a copy of it; what a step changed is taken back when the step has ended.
"""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

from skyloom.compute.spark.live_folder import copy_live, live_files

MOST_BYTES = 8 * 1024**3  # of one step's changes

_Mark = tuple[int, int, int]


class Dbfs:
    """The folder of one compute, and the copy that one cluster has of it."""

    def __init__(self, kept: Path, copy: str, uid: int | None) -> None:
        self._kept = kept
        self._copy = copy
        self._uid = uid
        self._known: dict[str, _Mark] = {}
        self._lock = threading.Lock()

    def lay_out(self) -> None:
        """Fill the cluster's copy; no code of a user has run in its box yet."""
        self._kept.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self._kept, self._copy, dirs_exist_ok=True, symlinks=True)
        for parent, folders, files in os.walk(self._copy) if self._uid is not None else ():
            for name in (*folders, *files):
                assert self._uid is not None
                os.lchown(os.path.join(parent, name), self._uid, self._uid)
        self._known = self._marks()

    def take_back(self) -> int:
        """Bring changes to the kept folder; how many files were written or removed.

        Raises
        ------
        TooMuchError
            It is more than a step may leave.
        """
        with self._lock:
            now = self._marks()
            changed = [path for path, mark in now.items() if self._known.get(path) != mark]
            gone = self._known.keys() - now.keys()
            for path in gone:
                (self._kept / path).unlink(missing_ok=True)
            for path in changed:
                target = self._kept / path
                part = self._kept / f".{os.urandom(6).hex()}.part"
                if copy_live(self._copy, path, str(part), MOST_BYTES):
                    _make_way(target)
                    os.replace(part, target)
            self._known = now
            return len(changed) + len(gone)

    def _marks(self) -> dict[str, _Mark]:
        return {
            path: (status.st_size, status.st_mtime_ns, status.st_ino)
            for path, status in live_files(self._copy)
        }


def _make_way(target: Path) -> None:
    """Folders above a file that is about to be there, where a file or folder of another time may stand."""
    for above in reversed(target.parents):
        if above.is_symlink() or (above.exists() and not above.is_dir()):
            above.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
