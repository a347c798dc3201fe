from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any, cast

import pytest

from skyloom.cli import interrupts
from skyloom.cli.follow import Watcher, follow
from skyloom.client.http import HttpWorkspace
from skyloom.core.event import RunEvent
from skyloom.core.identity import RunId
from skyloom.core.state import State

RUN = RunId("run")


class Waiting:
    """A run that ends when it is canceled. The first look at it meets Ctrl-C where Python loses it."""

    def __init__(self) -> None:
        self.canceled = 0
        self._looks = 0

    def events(self, run: RunId, after: int, wait_s: float) -> list[RunEvent]:
        self._looks += 1
        assert self._looks < 10
        if self.canceled:
            return [cast(Any, _Ended)(1)]
        if self._looks == 1:
            _Finalized()
        return []

    def cancel(self, run: RunId) -> None:
        self.canceled += 1


class _Ended:
    node, kind, body = None, "state", {"state": "canceled"}

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence


class _Finalized:
    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def listening() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    interrupts.listen(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        interrupts.take()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_finalizer_swallows_cancels_all_the_same(listening: None) -> None:
    api = Waiting()
    end = follow(cast(HttpWorkspace, api), RUN, Watcher(), lambda: None)
    assert (end.state, end.interrupted, api.canceled) == (State.CANCELED, True, 1)
