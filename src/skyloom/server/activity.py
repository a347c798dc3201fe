"""Activity: whether anybody asks anything of the agent, and whether it is on its way out."""

from __future__ import annotations

import threading
import time


class Activity:
    """Counts requests under way and remembers when the last one ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._last = time.monotonic()
        self.stopping = threading.Event()

    def begin(self) -> None:
        with self._lock:
            self._under_way += 1

    def end(self) -> None:
        with self._lock:
            self._under_way -= 1
            self._last = time.monotonic()

    def touch(self) -> None:
        """Something other than a request kept the agent busy until now."""
        with self._lock:
            self._last = time.monotonic()

    def quiet_s(self) -> float:
        """Seconds since the last request ended; 0 while one is under way."""
        with self._lock:
            return 0.0 if self._under_way else time.monotonic() - self._last
