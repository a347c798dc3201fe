"""What was seen of a source directory the last time: a file that looks the same is not read again.

The memory lies beside the workspace's other files, one for each source directory; without it everything is
read. As git does it, a file counts as unchanged only if it is older than the look that its digest comes from:
one that was written in the same moment could differ and look the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from skyloom.core.identity import Digest

FOLDER = "snapshots"  # below the home
_FORMAT = 1
_GRAIN_NS = 50_000_000  # clocks of files tick this slowly at most


def memory_home(api: object) -> str | None:
    """The folder of a workspace on this machine; None where there is none, and then nothing is remembered."""
    home = getattr(getattr(api, "place", None), "home", None)
    return home if isinstance(home, str) and os.path.isabs(home) else None  # a server's is its address


class Look(NamedTuple):
    """What one file looked like, and what was in it. Times in ns since 1970."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    executable: bool
    digest: Digest


class SnapshotMemory:
    """The memory of one source directory; ``home`` None: there is none.

    Attributes
    ----------
    digest
        Of the whole snapshot, when every file was as it is in ``looks``.
    """

    def __init__(self, home: str | None, root: str) -> None:
        name = hashlib.sha256(os.fsencode(root)).hexdigest()[:32] + ".json"
        self._file = os.path.join(home, FOLDER, name) if home else ""
        self._began_ns = time.time_ns()
        self.looks: dict[str, Look] = {}
        self.digest = Digest("")
        self._trusted_ns = 0
        self._load()

    def same(self, path: str, status: os.stat_result) -> Look | None:
        """What was seen of a file, if it looks the same and may be trusted."""
        known = self.looks.get(path)
        if (
            known is None
            or known[1] != status.st_mtime_ns
            or known[0] != status.st_size
            or known[3] != status.st_ino
            or known[2] != status.st_ctime_ns
            or max(known[1], known[2]) >= self._trusted_ns
        ):
            return None
        return known

    def keep(self, looks: Mapping[str, Look], digest: Digest) -> None:
        """Remember this look; a memory that cannot be written is none, and no fault."""
        if not self._file:
            return
        body = {"format": _FORMAT, "began_ns": self._began_ns, "digest": digest, "files": looks}
        part = f"{self._file}.{os.getpid()}.{threading.get_ident()}"
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self._file), mode=0o700, exist_ok=True)
            with open(part, "w", encoding="ascii") as file:
                file.write(json.dumps(body))
            os.replace(part, self._file)

    def _load(self) -> None:
        if not self._file:
            return
        try:
            with open(self._file, "rb") as file:
                body: dict[str, Any] = json.loads(file.read())
            if body["format"] == _FORMAT:
                self.looks = body["files"]
                self.digest = Digest(body["digest"])
                self._trusted_ns = int(body["began_ns"]) - _GRAIN_NS
        except (OSError, ValueError, KeyError, TypeError):
            self.looks = {}
