"""KnownKeys: an Idempotency-Key stands for one body (reliability.md 3.3, row 13)."""

from __future__ import annotations

import threading
from collections import OrderedDict

from skyloom.core.identity import Json, digest_of
from skyloom.core.problem import Problem, ProblemError

LONGEST_KEY = 255
MOST_KEYS = 10_000


class KnownKeys:
    """The newest keys this agent has seen. That a key gives its first run again is the records' part."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bodies: OrderedDict[str, str] = OrderedDict()

    def check(self, key: str, body: Json) -> None:
        """Remember the key with its body.

        Raises
        ------
        ProblemError
            A011: the key is no plain text, or came with another body before.
        """
        if not key.isprintable() or not 0 < len(key) <= LONGEST_KEY:
            raise _refused(f"An Idempotency-Key is printable text of up to {LONGEST_KEY} characters.", key)
        digest = digest_of(body)
        with self._lock:
            if self._bodies.setdefault(key, digest) != digest:
                raise _refused("This Idempotency-Key was used for another submission.", key)
            self._bodies.move_to_end(key)
            while len(self._bodies) > MOST_KEYS:
                self._bodies.popitem(last=False)


def _refused(message: str, key: str) -> ProblemError:
    return ProblemError(Problem("A011", message, key[:LONGEST_KEY], "Use a fresh key for each submission."))
