"""News: whoever follows a run is woken when that run has events it has not seen, and nobody else is."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from skyloom.core.identity import RunId


class News:
    """Who follows which run. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followers: defaultdict[RunId, set[_Follower]] = defaultdict(set)

    def tell(self, run: RunId, last_event: int | None = None) -> None:
        """The run has events up to that number; None: up to one that the teller does not know."""
        with self._lock:
            for follower in self._followers.get(run, ()):
                if last_event is None or last_event > follower.after:
                    follower.woken.set()

    @contextmanager
    def following(self, run: RunId, after: int) -> Iterator[threading.Event]:
        """An event that is set with every event of the run behind ``after``.

        To be entered before the events are looked at, and cleared before they are looked at again: so none
        is missed.
        """
        follower = _Follower(after)
        with self._lock:
            self._followers[run].add(follower)
        try:
            yield follower.woken
        finally:
            with self._lock:
                self._followers[run].discard(follower)
                if not self._followers[run]:
                    del self._followers[run]


class _Follower:
    def __init__(self, after: int) -> None:
        self.after = after
        self.woken = threading.Event()
