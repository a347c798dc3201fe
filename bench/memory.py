"""Peak memory of the agent and of the script's process, resident, looked at every other millisecond."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from types import TracebackType

LOOK_S = 0.002
_PAGE = os.sysconf("SC_PAGE_SIZE")


class PeakMemory:
    """Watches while its block runs; then the peaks are there.

    Pages of a stored file that a process has looked at count, although they are the file's, and libraries
    count once in each process.

    Attributes
    ----------
    both_bytes
        The most that agent and script had at one moment.
    agent_bytes, script_bytes
        The most that each had, at whatever moment. The script is the largest process below the agent.
    before_bytes
        What both had before: the agent and the spare that the script will run in.
    """

    def __init__(self, agent: int) -> None:
        self.both_bytes = 0
        self.agent_bytes = 0
        self.script_bytes = 0
        self.before_bytes = 0
        self._agent = agent
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self.before_bytes = _resident(self._agent) + _largest_below(self._agent)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            agent = _resident(self._agent)
            script = _largest_below(self._agent)
            self.agent_bytes = max(self.agent_bytes, agent)
            self.script_bytes = max(self.script_bytes, script)
            self.both_bytes = max(self.both_bytes, agent + script)


def _largest_below(process: int) -> int:
    return max(map(_resident, _descendants(process)), default=0)


def _resident(process: int) -> int:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as told:
            return int(told.read().split()[1]) * _PAGE
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
