"""Trial: one home with its agents, what was promised there, and what may be left of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skyloom.client.http import HttpWorkspace
from tests.chaos.agent import Agent
from tests.chaos.footprint import Footprint
from tests.chaos.load import Ledger
from tests.chaos.oracle import Oracle, integrity_faults, make_old, sweep_faults

SWEPT_WITHIN_S = 10.0


class Trial:
    """Everything that the rounds of one part share."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.agent = Agent(home)
        self.footprint = Footprint(home)
        self.ledger = Ledger()
        self.api: HttpWorkspace = self.agent.client()
        self.oracle = Oracle(self.api, home, self.ledger)

    @contextmanager
    def open(self) -> Iterator[Trial]:
        """A living agent at the start, none at the end whatever happens."""
        with self.footprint.watched():
            try:
                self.agent.start()
                yield self
            finally:
                self.api.close()
                self.agent.stop()

    def settle(self) -> list[str]:
        """Let everything end, then look at every promise and at everything that is left."""
        faults = self.oracle.judge_all()
        pid = self.agent.pid()
        faults += self.footprint.new_faults(pid)
        if pid is not None:
            faults += self.footprint.left_over_boxes(pid)
        return faults

    def sweep(self) -> list[str]:
        """An hour later and an agent further: nothing is in the store that nothing names."""
        named = self.oracle.files_named()
        self.agent.stop()
        faults = self.footprint.after_a_clean_end() + integrity_faults(self.home)
        make_old(self.home)
        self.agent.start()
        until = time.monotonic() + SWEPT_WITHIN_S
        while (left := sweep_faults(self.home, named)) and time.monotonic() < until:
            time.sleep(0.1)
        gone = [f"{path} is gone" for path in named if not path.exists()]
        return faults + left + gone
