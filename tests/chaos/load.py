"""Load: clients that keep submitting through the real client while the agent dies under them."""

from __future__ import annotations

import io
import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from skyloom.client.http import HttpWorkspace
from skyloom.core.identity import RunId
from skyloom.core.problem import ProblemError
from skyloom.core.state import is_terminal
from tests.chaos.agent import Agent
from tests.chaos.graphs import Story, any_story, of_dataset

T = TypeVar("T")

# what a client may be told while one agent is gone and the next not there: ask again
BETWEEN_TWO_LIVES = ("A001", "A002", "A012")
PATIENCE_S = 90.0
UPLOAD_SHARE = 0.1
_AFTER_A_FAULT_S = 1.0
_LAST_WORDS = ("completed", "failed", "canceled")


@dataclass
class Ledger:
    """What was asked for under which key, and what was promised."""

    offered: dict[str, Story] = field(default_factory=dict)  # noted before it is sent
    accepted: dict[str, RunId] = field(default_factory=dict)  # noted when it was acknowledged
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, api: HttpWorkspace, key: str, story: Story) -> RunId:
        """Submit until it is acknowledged."""
        with self.lock:
            self.offered[key] = story
        run = insist(lambda: api.submit(story.submission(key)))
        with self.lock:
            before = self.accepted.setdefault(key, run)
            if before != run:
                self.faults.append(f"key {key} gave run {before}, then {run}")
        return run

    def promises(self) -> list[tuple[str, Story, RunId]]:
        with self.lock:
            return [(key, self.offered[key], run) for key, run in self.accepted.items()]


class Load:
    """A few clients, each with a handful of runs under way.

    Parameters
    ----------
    window
        Runs that a client has under way before it waits for the oldest.
    """

    def __init__(self, agent: Agent, ledger: Ledger, seed: int, clients: int = 2, window: int = 4) -> None:
        self._agent = agent
        self._ledger = ledger
        self._seed = seed
        self._clients = clients
        self._window = window
        self._over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Clients at work until the block ends; their last runs may still be under way then."""
        threads = [
            threading.Thread(target=self._work, args=(number,), name=f"load-{number}")
            for number in range(self._clients)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _work(self, client: int) -> None:
        chance = random.Random(self._seed * 1000 + client)
        api = self._agent.client()
        under_way: deque[RunId] = deque()
        for number in itertools.count(1):
            if self._over.is_set():
                break
            try:
                self._submit_one(api, chance, client, number, under_way)
            except ProblemError as error:
                self._note(f"client {client} was told {error}")
            except Exception as error:
                self._note(f"client {client} met {type(error).__name__}: {error}")
        api.close()

    def _submit_one(
        self, api: HttpWorkspace, chance: random.Random, client: int, number: int, under_way: deque[RunId]
    ) -> None:
        key = f"load-{self._seed}-{client}-{number}"
        value = 1000 * number + client
        uploads = chance.random() < UPLOAD_SHARE
        story = _upload(api, key, value) if uploads else any_story(chance, value)
        under_way.append(self._ledger.submit(api, key, story))
        if len(under_way) >= self._window:
            wait_for_end(api, under_way.popleft(), self._over)

    def _note(self, fault: str) -> None:
        with self._ledger.lock:
            self._ledger.faults.append(fault)
        time.sleep(_AFTER_A_FAULT_S)


def insist(ask: Callable[[], T]) -> T:
    """Ask until an agent answers.

    Raises
    ------
    ProblemError
        An agent's refusal, or no agent for PATIENCE_S.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except ProblemError as error:
            if error.problem.code not in BETWEEN_TWO_LIVES or time.monotonic() > until:
                raise
        time.sleep(0.05)


def wait_for_end(api: HttpWorkspace, run: RunId, unless: threading.Event, patience_s: float = 120.0) -> bool:
    """Follow the events of a run, as its watchers do, until it ends; whether it did."""
    seen, until = 0, time.monotonic() + patience_s
    while not unless.is_set() and time.monotonic() < until:
        events = insist(partial(api.events, run, seen, wait_s=1.0))
        if any(event.sequence <= seen for event in events):
            raise AssertionError(f"run {run} tells an event twice")
        seen = events[-1].sequence if events else seen
        if not events and is_terminal(insist(lambda: api.run(run)).state):
            return True
        if any(event.node is None and event.body.get("state") in _LAST_WORDS for event in events):
            return True
    return False


def _upload(api: HttpWorkspace, name: str, value: int) -> Story:
    """A dataset of its own; sent again from the start when the agent died meanwhile."""
    artifact = insist(lambda: api.upload(io.BytesIO(f"n\n{value}\n".encode()), "n.csv"))
    insist(lambda: api.register_dataset(name, artifact))
    return of_dataset(name, value)
