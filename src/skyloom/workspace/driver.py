"""The loop that claims queued runs and drives them through the engine."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from skyloom.core.identity import RunId
from skyloom.engine.ports import Claim, Claimant, World
from skyloom.engine.schedule import RunDriver
from skyloom.engine.submit import Accepted

LEASE_S = 10.0  # a dead agent's runs are taken over after this; its own successor waits for the lock instead
MOST_LIVE_RUNS = 32
MOST_ELSEWHERE = 256  # steps on nodes of clusters; a thread each that waits
SHARED_LOOK_S = 1.0  # how often an agent of several looks for runs to claim and runs to end
MOST_NODES_AT_ONCE = 100  # of a run whose first nodes are begun before its submission is answered
_CANCELS_KEPT = 256

_log = logging.getLogger("skyloom.driver")


class Driver:
    """Claims the oldest waiting run whenever there is room, and renews the leases of those it drives."""

    def __init__(self, world: World, slots: int, is_shared: bool = False) -> None:
        """``is_shared``: other agents claim runs too, so this one takes as many as it has slots."""
        self._world = world
        self._is_shared = is_shared
        self._most_live = min(MOST_LIVE_RUNS, slots) if is_shared else MOST_LIVE_RUNS
        self._agent = uuid.uuid4().hex
        self._claimant = Claimant(self._agent, LEASE_S)
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="node")
        self._elsewhere = ThreadPoolExecutor(MOST_ELSEWHERE, thread_name_prefix="elsewhere")
        self._live: dict[RunId, RunDriver] = {}
        self._places = 0  # held for runs that are being accepted
        self._not_live: deque[RunId] = deque(maxlen=_CANCELS_KEPT)  # canceled, perhaps on their way here
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._claim_loop, name="claims", daemon=True),
            threading.Thread(target=self._renew_loop, name="leases", daemon=True),
        ]
        self._ended = threading.Event()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """A run was submitted, or one ended: look again."""
        self._wake.set()

    @contextmanager
    def place(self) -> Iterator[Claimant | None]:
        """Who claims a run as it is accepted, while there is room for one; ``drive`` is called within."""
        with self._lock:
            has_room = not self._stopping and len(self._live) + self._places < self._most_live
            self._places += has_room
        try:
            yield self._claimant if has_room else None
        finally:
            with self._lock:
                self._places -= has_room

    def drive(self, accepted: Accepted) -> None:
        """Drive what was claimed as a run was accepted."""
        claim = accepted.claim
        is_own = claim is not None and claim.run == accepted.run.id
        if claim is not None:
            self._guarded(f"run {claim.run}", partial(self._begin, claim, accepted if is_own else None))
        if not is_own:
            self.wake()

    def cancel(self, run: RunId) -> None:
        """End what runs of it now; the wish itself is already recorded."""
        with self._lock:
            driver = self._live.get(run)
            if driver is None:
                self._not_live.append(run)
        if driver is not None:
            driver.cancel()
        self.wake()

    def live_runs(self) -> int:
        with self._lock:
            return len(self._live)

    def stop(self, grace_s: float) -> None:
        """Claim nothing more; give live runs a grace, then leave them to the next agent."""
        self._stopping = True
        self._wake.set()
        self._ended.set()
        for thread in list(threading.enumerate()):
            if thread.name.startswith("run-"):
                thread.join(grace_s)
        for pool in (self._pool, self._elsewhere):
            pool.shutdown(wait=False, cancel_futures=True)

    def _claim_loop(self) -> None:
        while not self._stopping:
            self._wake.wait(timeout=SHARED_LOOK_S if self._is_shared else LEASE_S / 2)
            self._wake.clear()
            self._guarded("claiming", self._claim_all)

    def _claim_all(self) -> None:
        while not self._stopping and self.live_runs() < self._most_live:
            claim = self._world.records.claim(self._claimant)
            if claim is None:
                return
            self._begin(claim)

    def _begin(self, claim: Claim, accepted: Accepted | None = None) -> None:
        driver = RunDriver(self._world, self._pool, claim, self._elsewhere, accepted)
        with self._lock:
            self._live[claim.run] = driver
            is_canceled = claim.run in self._not_live
        if is_canceled:
            driver.cancel()
        begins_here = accepted is not None and len(accepted.run.nodes) <= MOST_NODES_AT_ONCE
        if begins_here and not self._guarded(f"beginning run {claim.run}", driver.begin):
            self._leave(claim.run, driver)
            return
        threading.Thread(
            target=self._drive, args=(claim.run, driver), name=f"run-{claim.run}", daemon=True
        ).start()

    def _drive(self, run: RunId, driver: RunDriver) -> None:
        try:
            self._guarded(f"run {run}", driver.drive)
        finally:
            self._leave(run, driver)

    def _leave(self, run: RunId, driver: RunDriver) -> None:
        with self._lock:
            may_wait = self._is_shared or len(self._live) >= self._most_live  # some run, for a place
            if self._live.get(run) is driver:  # else it ran out of its lease, and another one of ours drives
                del self._live[run]
        if not driver.is_over:  # a fault kept it from its end: whoever claims it next takes it up
            self._guarded(f"releasing run {run}", driver.release)
        self._world.announce(run, None)
        if may_wait or not driver.is_over:
            self.wake()

    def _renew_loop(self) -> None:
        renewed = time.monotonic()
        while not self._ended.wait(SHARED_LOOK_S if self._is_shared else LEASE_S / 3):
            if not self.live_runs():
                continue
            if self._is_shared:
                self._guarded("looking for cancels", self._cancel_what_others_ended)
            if not self._is_shared or time.monotonic() - renewed > LEASE_S / 4:
                self._guarded("renewing", self._renew)
                renewed = time.monotonic()

    def _renew(self) -> None:
        """Of those that are driven: what was claimed without our knowing of it becomes free in its time."""
        with self._lock:
            live = list(self._live)
        self._world.records.renew(self._claimant, live)

    def _cancel_what_others_ended(self) -> None:
        for run in self._world.records.to_cancel(self._agent):
            self.cancel(run)

    def _guarded(self, what: str, action: Callable[[], object]) -> bool:
        """The loops outlive a full disk or a lost database; each failure is logged once, here."""
        try:
            action()
        except Exception:
            _log.exception("%s failed", what)
            return False
        return True
