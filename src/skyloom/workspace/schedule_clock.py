"""ScheduleClock: the thread that lets schedules go off in time."""

from __future__ import annotations

import logging
import threading

from skyloom.workspace.schedules import Schedules

RETRY_S = 5.0  # after a database that did not answer

_log = logging.getLogger("skyloom.schedules")


class ScheduleClock:
    """Looks when a schedule is due, is made or is changed."""

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules
        self._is_over = False
        self._thread = threading.Thread(target=self._loop, name="schedules", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nothing goes off any more; what was going off is written down or done."""
        self._is_over = True
        self._schedules.woken.set()
        if self._thread.is_alive():
            self._thread.join(2 * RETRY_S)

    def _loop(self) -> None:
        is_taken_up = False
        while not self._is_over:
            wait_s = RETRY_S
            try:
                if not is_taken_up:
                    self._schedules.take_up()
                    is_taken_up = True
                wait_s = self._schedules.tick()
            except Exception:  # the clock outlives a full disk or a lost database
                _log.exception("schedules failed")
            self._schedules.woken.wait(max(wait_s, 0.01))
            self._schedules.woken.clear()
