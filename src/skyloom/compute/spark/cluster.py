"""One cluster: a box with a Java machine that stays up between steps."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skyloom.compute import wire
from skyloom.compute.box import Box
from skyloom.compute.sandbox import levels, mounts
from skyloom.compute.spark.dbfs import Dbfs
from skyloom.compute.spark.settings import ClusterSettings
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

PROCESSES = 2048  # threads of the Java machine count
_READY_WITHIN_S = 240.0
_MOST_EVENT_BYTES = 1 << 16
_TAIL_BYTES = 4000


@dataclass(frozen=True)
class Ended:
    """How a step's process ended: its exit code, or minus a signal; None: the cluster was ``lost``."""

    code: int | None
    lost: str = ""


class SparkCluster:
    """A cluster in ``box``; steps in it are told apart by name. Any thread may run one."""

    def __init__(self, settings: ClusterSettings, box: Box, kept: Path) -> None:
        self.settings = settings
        self.box = box
        self.users = 0
        self.last_used = time.monotonic()
        self.start_ms = 0.0
        self.steps_run = 0
        has_mount = levels.has_namespaces(box.level)
        self.inner_dbfs = mounts.SHARED if has_mount else f"{box.inner_work}{mounts.SHARED}"
        self.dbfs = Dbfs(kept, box.work + mounts.SHARED, box.uid)
        self._sending = threading.Lock()
        self._changed = threading.Condition()
        self._ended: dict[str, int] = {}
        self._ready: Mapping[str, Json] | None = None
        self._lost = ""
        self._tail = bytearray()
        self._threads: list[threading.Thread] = []

    @property
    def is_alive(self) -> bool:
        return not self._lost and self.box.is_alive

    def start(self, canceled: threading.Event, memory: str) -> bool:
        """Start Spark in the box; False when it was canceled meanwhile. Blocking.

        Raises
        ------
        ProblemError
            C122: it does not start.
        """
        started = time.perf_counter()
        self.dbfs.lay_out()
        message: dict[str, Json] = {
            "entry": {"kind": "cluster"},
            "limits": {"processes": PROCESSES},
            "work": self.box.inner_work,
            "cluster": {
                "name": self.settings.compute or "skyloom",
                "cores": self.settings.cores,
                "memory": memory,
                "conf": dict(self.settings.conf),
                "variables": dict(self.settings.variables),
                "dbfs": self.inner_dbfs,
            },
        }
        try:
            self.box.limit(None, PROCESSES)
            self.box.hand_over(message, ())
        except (wire.ClosedError, OSError) as error:
            raise ProblemError(self._problem(f"its box is gone ({error})")) from error
        self.box.task.settimeout(None)
        for work, name in ((self._hear, "events"), (self._listen, "console")):
            thread = threading.Thread(target=work, name=f"spark-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        until = time.monotonic() + _READY_WITHIN_S
        with self._changed:
            while self._ready is None and not self._lost:
                if canceled.is_set():
                    return False
                if time.monotonic() > until:
                    raise ProblemError(self._problem(f"it was not ready within {_READY_WITHIN_S:g} s"))
                self._changed.wait(0.05)
        if self._ready is None:
            raise ProblemError(self._problem(self._lost))
        self.start_ms = (time.perf_counter() - started) * 1000
        return True

    def run(self, step: str, message: Mapping[str, Json], streams: tuple[int, int]) -> None:
        """Start a step; ``streams`` are where its output goes.

        Raises
        ------
        wire.ClosedError
            The cluster is gone.
        """
        self._send({"want": "run", "step": step, **message}, streams)

    def wait(self, step: str, timeout_s: float) -> Ended | None:
        """How the step ended; None when it has not within the time."""
        with self._changed:
            if step not in self._ended and not self._lost:
                self._changed.wait(timeout_s)
            if step in self._ended:
                return Ended(self._ended.pop(step))
            return Ended(None, self._lost) if self._lost else None

    def cancel(self, step: str) -> None:
        """End the step's process; its end is told as any other."""
        with contextlib.suppress(wire.ClosedError, OSError):
            self._send({"want": "cancel", "step": step})

    def forget(self, step: str) -> None:
        """Let the box remove the step's folder."""
        with contextlib.suppress(wire.ClosedError, OSError):
            self._send({"want": "forget", "step": step})

    def kill(self) -> None:
        """End everything in it at once."""
        self._note_lost("It was ended.")
        self.box.kill()

    def close(self) -> None:
        """`kill`, and nothing of ours looks at the box any more."""
        self.kill()
        for thread in self._threads:
            thread.join()

    def last_words(self) -> str:
        return bytes(self._tail[-_TAIL_BYTES:]).decode("utf-8", "replace").strip()

    def _send(self, message: Mapping[str, Json], descriptors: tuple[int, ...] = ()) -> None:
        with self._sending:
            wire.send(self.box.task, message, descriptors)

    def _hear(self) -> None:
        """What the box tells; hostile until it has the agreed form."""
        try:
            while True:
                event, descriptors = wire.receive(self.box.task, _MOST_EVENT_BYTES)
                for descriptor in descriptors:
                    os.close(descriptor)
                self._take(event)
        except (wire.ClosedError, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            self._note_lost(str(error) or "Its process has ended.")

    def _take(self, event: Mapping[str, Json]) -> None:
        kind = event["event"]
        if kind in ("failed", "lost"):
            self._note_lost(str(event["why"])[:2000])
            return
        with self._changed:
            if kind == "ready":
                self._ready = event
            elif kind == "ended" and len(self._ended) < 1000:
                code = event["code"]
                self._ended[str(event["step"])] = code if isinstance(code, int) else 1
            self._changed.notify_all()

    def _note_lost(self, why: str) -> None:
        with self._changed:
            self._lost = self._lost or why
            self._changed.notify_all()

    def _listen(self) -> None:
        """Take what Java prints, so that it does not stand still; its end is kept for messages."""
        pipes = [self.box.out, self.box.err]
        while pipes:
            try:
                for pipe in select.select(pipes, [], [], 1.0)[0]:
                    piece = os.read(pipe, 1 << 16)
                    if not piece:
                        pipes.remove(pipe)
                    self._tail += piece
                    del self._tail[: -2 * _TAIL_BYTES]
            except (OSError, ValueError):  # the box was cleaned
                return

    def _problem(self, what: str) -> Problem:
        text = f"The Spark cluster of '{self.settings.compute or 'this step'}' could not be started: {what}."
        fix = "`skyloom doctor` says whether Java is here; the lines of Spark are below."
        return Problem("C122", text.replace("..", "."), "", fix, self.last_words())
