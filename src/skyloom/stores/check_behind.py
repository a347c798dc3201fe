"""Checks of stored content that nobody waits for: one thread behind all other work."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from skyloom.core.identity import Digest

PAUSE_S = 3.0  # until the look that asked for the check has been answered
_NICENESS = 15

_log = logging.getLogger("skyloom.stores")


class ChecksBehind:
    """Carries ``check`` out for each digest that was asked for; the thread ends when nothing is left."""

    def __init__(self, check: Callable[[Digest], object]) -> None:
        self._check = check
        self._lock = threading.Lock()
        self._waiting: dict[Digest, None] = {}
        self._thread: threading.Thread | None = None

    def ask(self, digest: Digest) -> None:
        """Check that content soon; asked twice before its turn is asked once."""
        with self._lock:
            self._waiting[digest] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="checks-behind", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until nothing is left to check."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        """Threads that the check starts take the niceness of this one along."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        time.sleep(PAUSE_S)
        while (digest := self._next()) is not None:
            try:
                self._check(digest)
            except Exception:  # nobody waits for it: the next look meets the same fault and tells it
                _log.exception("content %s", digest)
            finally:
                with self._lock:
                    self._waiting.pop(digest, None)

    def _next(self) -> Digest | None:
        with self._lock:
            found = next(iter(self._waiting), None)
            if found is None:
                self._thread = None
            return found
