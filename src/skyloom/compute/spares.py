"""Spare boxes of one interpreter at one level: made ahead, refilled in the background."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque

from skyloom.compute.box import Box
from skyloom.compute.instance import Instance
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.sandbox import cgroups
from skyloom.compute.zygote_process import ZygoteProcess
from skyloom.core.problem import ProblemError

SPARES_PER_CORE = 2  # performance.md, "What follows for the design"
LEAN_SPARES_PER_CORE = 8  # 4 MB each, where a spare with pandas has 12: enough for most pipelines at once
_MAKERS = 2  # threads that make boxes: most of making one is waiting
_LOW = 1  # with fewer than this left, boxes are made at once
_HURRY_S = 0.25  # so long after a task had to wait, boxes are made without a rehearsal
_GIVE_UP_AFTER = 3  # boxes in a row that could not be made; a zygote that died is simply replaced
_ENDS_WITHIN_S = 0.1  # a box ends with its zygote a moment before the kernel says that the zygote has
_CALM_S = 0.03  # else only when no task has been taken for so long: making a box costs a short task its core


class Spares:
    """Keeps a number of spares ready. Threads: `take` from any; own threads make boxes."""

    def __init__(
        self,
        interpreter: Interpreter,
        level: str,
        instance: Instance,
        groups: cgroups.Groups | None,
        wanted: int | None = None,
        is_lean: bool = False,
    ) -> None:
        self._is_lean = is_lean  # of a zygote that has the standard library only
        self.interpreter = interpreter
        self.level = level
        self.last_used = time.monotonic()
        self._instance = instance
        self._groups = groups
        self._wanted = wanted if wanted is not None else _usual_number(interpreter, is_lean)
        self._is_frugal = self._wanted < 2  # nothing is loaded for those who may never come
        self._ready: deque[Box] = deque()
        self._making = 0
        self._asked = 0  # tasks that wait for a box
        self._last_wait = 0.0  # when a task last found no box ready
        self._failure: ProblemError | None = None
        self._failed_in_a_row = 0
        self._zygote: ZygoteProcess | None = None
        self._has_late_imports = self._is_frugal
        self._is_closed = False
        self._changed = threading.Condition()
        self._starting = threading.Lock()
        self._threads = [
            threading.Thread(target=self._make_boxes, name=f"spares-{interpreter.name}-{number}", daemon=True)
            for number in range(_MAKERS)
        ]
        for thread in self._threads:
            thread.start()

    def take(self, canceled: threading.Event) -> Box | None:
        """A ready box, now or as soon as one is; None when the task was canceled meanwhile.

        Raises
        ------
        ProblemError
            C003, C004: no box can be made.
        """
        self.last_used = time.monotonic()
        with self._changed:
            self._asked += 1
            # what failed for others is tried again for this one
            self._failure, self._failed_in_a_row = None, 0
            self._changed.notify_all()
            try:
                while True:
                    while self._ready:
                        box = self._ready.popleft()
                        self._changed.notify_all()
                        if box.is_alive:
                            return box
                        _discard(box)
                    self._last_wait = time.monotonic()
                    if self._failure is not None:
                        raise self._failure
                    if canceled.is_set() or self._is_closed:
                        return None
                    self._changed.wait(0.05)
            finally:
                self._asked -= 1

    def wait_until_full(self, timeout_s: float) -> bool:
        """Wait until as many spares are ready as are wanted."""
        until = time.monotonic() + timeout_s
        with self._changed:
            while len(self._ready) < self._wanted and self._failure is None:
                if not self._changed.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                    return False
            return self._failure is None

    def make_apart(self) -> Box:
        """A box with a loopback of its own; none is kept ready.

        Raises
        ------
        ProblemError
            C003, C004: no box can be made.
        """
        self.last_used = time.monotonic()
        zygote = self._living_zygote()
        try:
            return self._make_box(zygote, is_awaited=True, has_loopback=True)
        except ProblemError as error:
            if not _is_death(error, zygote):
                raise
            self._bury(zygote)
        return self._make_box(self._living_zygote(), is_awaited=True, has_loopback=True)

    @property
    def zygote_pid(self) -> int | None:
        return self._zygote.pid if self._zygote else None

    def close(self) -> None:
        """End the zygote and every spare."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        while self._ready:
            _discard(self._ready.popleft())
        if self._zygote:
            self._zygote.close()

    def _make_boxes(self) -> None:
        while self._wait_for_need():
            zygote: ZygoteProcess | None = None
            try:
                zygote = self._living_zygote()
                box = self._make_box(zygote, self._is_hurried)
            except ProblemError as error:
                self._note_failure(error, zygote)
                continue
            with self._changed:
                self._making -= 1
                self._failed_in_a_row = 0
                self._ready.append(box)
                self._changed.notify_all()
            self._import_late_when_idle()

    def _wait_for_need(self) -> bool:
        """Wait until a box is to be made; False when all is over."""
        with self._changed:
            while not self._is_closed:
                short = len(self._ready) + self._making < max(self._wanted, self._asked)
                if short and self._failure is None:
                    wait_s = self._calm_in_s()
                    if wait_s <= 0:
                        self._making += 1
                        return True
                    self._changed.wait(wait_s)
                else:
                    self._changed.wait()
            return False

    def _calm_in_s(self) -> float:
        """How long the next box need not be made yet."""
        if len(self._ready) + self._making < max(_LOW, self._asked):
            return 0.0
        return self.last_used + _CALM_S - time.monotonic()

    @property
    def _is_hurried(self) -> bool:
        return time.monotonic() - self._last_wait < _HURRY_S

    def _make_box(self, zygote: ZygoteProcess, is_awaited: bool, has_loopback: bool = False) -> Box:
        box = Box(zygote, self.level, self._instance, self._groups, is_awaited, has_loopback)
        try:
            box.wait_ready()
        except BaseException:
            _discard(box)
            raise
        return box

    def _living_zygote(self) -> ZygoteProcess:
        with self._starting:
            if self._zygote is None:
                self._zygote = ZygoteProcess(self.interpreter, self.level, self._instance, self._is_lean)
                # a box of an old interpreter imports for itself
                self._has_late_imports = self._is_frugal or self.interpreter.is_legacy or self._is_lean
            return self._zygote

    def _note_failure(self, error: ProblemError, zygote: ZygoteProcess | None) -> None:
        """Tell those who wait; the next `take` tries again, with a new zygote where this one failed.

        Both makers notice a death, each perhaps twice: by the box in its hands and by the next one. One death
        is one failure.
        """
        is_news = zygote is None or not _is_death(error, zygote) or self._bury(zygote)
        with self._changed:
            self._making -= 1
            self._failed_in_a_row += is_news
            if self._failed_in_a_row >= _GIVE_UP_AFTER:
                self._failure = error
            self._changed.notify_all()

    def _bury(self, zygote: ZygoteProcess) -> bool:
        """Let the next box have a new zygote; False when another thread has seen to it already."""
        with self._starting:
            is_news = self._zygote is zygote
            if is_news:
                self._zygote = None
        if is_news:
            zygote.close()
        return is_news

    def _import_late_when_idle(self) -> None:
        """Once the first spares are there, load what is slow to load and replace them by warmer ones."""
        with self._changed:
            idle = len(self._ready) >= self._wanted and not self._making and not self._asked
            if not idle or self._has_late_imports or self._is_closed:
                return
            self._has_late_imports = True
        zygote = self._zygote
        if zygote is None:
            return
        with contextlib.suppress(ProblemError):  # noticed by the next box, which is what matters
            zygote.import_late()
        with self._changed:
            colder = list(self._ready)
        for box in colder:
            self._replace(box)

    def _replace(self, box: Box) -> None:
        with self._changed:
            if box not in self._ready or self._is_closed:
                return
        with contextlib.suppress(ProblemError):
            warmer = self._make_box(self._living_zygote(), self._is_hurried)
            with self._changed:
                self._ready.append(warmer)
                if box in self._ready:
                    self._ready.remove(box)
                    spare: Box | None = box
                else:
                    spare = None
            if spare is not None:
                _discard(spare)


def _usual_number(interpreter: Interpreter, is_lean: bool) -> int:
    """Two a core; one of an old Python, whose spares share no memory and load pandas each."""
    if interpreter.is_legacy:
        return 1
    return (LEAN_SPARES_PER_CORE if is_lean else SPARES_PER_CORE) * (os.cpu_count() or 1)


def _is_death(error: ProblemError, zygote: ZygoteProcess) -> bool:
    """Whether no box was made because the zygote is gone: a box in the making ends with it."""
    return error.problem.code == "C003" or zygote.has_ended_within(_ENDS_WITHIN_S)


def _discard(box: Box) -> None:
    box.kill()
    box.clean()
