"""WriteBehind: what is noted now and written soon, by one thread behind those who note it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

ENDED_WITHIN_S = 10.0
Item = TypeVar("Item")


class WriteBehind(Generic[Item]):
    """A queue and the thread that empties it, which starts with the first item.

    Parameters
    ----------
    write
        Writes some items in the order in which they were noted. What it raises is its own affair: it must
        not raise.
    most_together
        How many items it gets at once, at most.
    most_waiting
        Beyond so many nothing more is taken; 0: everything is.
    """

    def __init__(
        self, name: str, write: Callable[[list[Item]], None], most_together: int = 1, most_waiting: int = 0
    ) -> None:
        self._name = name
        self._write = write
        self._most_together = most_together
        self._waiting: queue.Queue[tuple[Item] | threading.Event | None] = queue.Queue(most_waiting)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def note(self, item: Item) -> bool:
        """Take it to be written and return at once; False when too much waits."""
        self._start()
        try:
            self._waiting.put_nowait((item,))
        except queue.Full:
            return False
        return True

    def flush(self) -> None:
        """Return when all that was noted is written."""
        if self._thread is not None and self._thread.is_alive():
            done = threading.Event()
            self._waiting.put(done)
            done.wait(ENDED_WITHIN_S)

    def close(self) -> None:
        """Write what waits and end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(ENDED_WITHIN_S)
            self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._write_all, name=self._name, daemon=True)
                    self._thread.start()

    def _write_all(self) -> None:
        is_ending = False
        while not is_ending:
            taken = [self._waiting.get()]
            while len(taken) < self._most_together and not self._waiting.empty():
                taken.append(self._waiting.get())
            is_ending = None in taken
            items = [one[0] for one in taken if isinstance(one, tuple)]
            if items:
                self._write(items)
            for one in taken:
                if isinstance(one, threading.Event):
                    one.set()
