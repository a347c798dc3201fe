"""Peak memory of the agent and of the script's process, as the kernel keeps it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from types import TracebackType

LOOK_S = 0.002


class PeakMemory:
    """Watches while its block runs; then the two peaks are there.

    The peaks need not have been at one moment, so their sum is no less than what both had together. Pages
    of a stored file that a process has looked at count, although the machine has them once only.

    Attributes
    ----------
    agent_bytes
        The most the agent had resident in the block.
    script_bytes
        The most that any process of a box had resident: the script's.
    """

    def __init__(self, agent: int) -> None:
        self.agent_bytes = 0
        self.script_bytes = 0
        self._agent = agent
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        _forget_peak(self._agent)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.agent_bytes = _peak(self._agent)

    def _watch(self) -> None:
        """The peak of a process only grows, so the last look before its end is enough."""
        while not self._over.wait(LOOK_S):
            for process in _descendants(self._agent):
                self.script_bytes = max(self.script_bytes, _peak(process))


def _forget_peak(process: int) -> None:
    """Let the peak begin anew; proc(5), clear_refs."""
    with open(f"/proc/{process}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def _peak(process: int) -> int:
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as told:
            return next((int(line.split()[1]) * 1024 for line in told if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def _descendants(process: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{process}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as told:
                children = told.read().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)
