"""SharedRunFolders: logs and images of nodes, for the other machines of a team. Implements RunFolders."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

from skyloom.core.problem import ProblemError
from skyloom.stores.shared_store import StoreFiles

GROWING_S = 1.0  # how often what grows is sent
LARGE_BYTES = 4 * 1024 * 1024  # what is larger is sent when the node has ended
FRESH_S = 1.0  # what was fetched of a node that still runs is believed so long
WHOLE = ".whole"  # marks a copy of a folder that nobody writes to any more

_log = logging.getLogger("skyloom.run_folders")
_Seen = tuple[int, int]


class SharedRunFolders:
    """Sends the folders of the nodes that are carried out here, and fetches those of others."""

    def __init__(self, runs_folder: Path, files: StoreFiles) -> None:
        self._runs = runs_folder
        self._files = files
        self._open: dict[str, dict[str, _Seen]] = {}  # folder -> what was sent of it
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send_loop, name="run folders", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(10)

    # --- those of nodes that are carried out here -----------------------------------------------------

    def opened(self, folder: str) -> None:
        with self._lock:
            self._open.setdefault(folder, {})

    def closed(self, folder: str) -> None:
        with self._lock:
            sent = self._open.pop(folder, None)
        if sent is not None:
            self._send(folder, sent, is_whole=True)

    def _send_loop(self) -> None:
        while not self._ended.wait(GROWING_S):
            with self._lock:
                growing = list(self._open.items())
            for folder, sent in growing:
                try:
                    self._send(folder, sent, is_whole=False)
                except (ProblemError, OSError) as error:  # tried again, at the latest when the node ends
                    _log.warning("what %s says is not sent: %s", folder, error)

    def _send(self, folder: str, sent: dict[str, _Seen], is_whole: bool) -> None:
        for parent, _, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(parent, name)
                try:
                    status = os.stat(path, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                seen = (status.st_size, status.st_mtime_ns)
                if sent.get(path) == seen or os.path.islink(path):
                    continue
                if is_whole or status.st_size <= LARGE_BYTES:
                    self._files.put(path, os.path.relpath(path, self._runs))
                    sent[path] = seen

    # --- those of others --------------------------------------------------------------------------------

    def fetch(self, folder: str, is_over: bool) -> None:
        """Bring the folder of a node here, unless it was written here or is here whole.

        Raises
        ------
        ProblemError
            C151.
        """
        with self._lock:
            if folder in self._open or os.path.exists(os.path.join(folder, WHOLE)):
                return
            now = time.monotonic()
            if now - self._asked.get(folder, -FRESH_S) < FRESH_S and not is_over:
                return
            self._asked[folder] = now
        inner = os.path.relpath(folder, self._runs)
        found = self._files.entries(inner)
        for entry in found:
            target = os.path.join(self._runs, entry.path)
            if not os.path.exists(target) or os.stat(target).st_size < entry.size:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                part = f"{target}.{os.urandom(4).hex()}"
                try:
                    self._files.fetch(entry.path, part)
                    os.replace(part, target)
                finally:
                    if os.path.exists(part):
                        os.unlink(part)
        if is_over:  # its agent sent everything before it recorded the end; of a silent node that is nothing
            os.makedirs(folder, exist_ok=True)
            Path(folder, WHOLE).touch()

    def forget(self, run: str) -> None:
        """Remove what is shared of a run."""
        self._files.remove(run)
