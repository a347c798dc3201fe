"""A web service's worker as the agent sees it: a box that stays, spoken to in frames.

Starting one blocks and is done in a thread; from then on it belongs to the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from skyloom.compute import bundle, wire
from skyloom.compute.box import Box
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.compute.sandbox import levels
from skyloom.compute.watch import Exceeded, Watch
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError, problem_from_json
from skyloom.core.service import CallLimits
from skyloom.core.task import Limits
from skyloom.engine.service_plan import BoxPlan
from skyloom.runner.serving.frames import BrokenFrameError, FrameReader, Item, frame_of

READY_WITHIN_S = 120.0
MOST_REPLY_BYTES = 256 * 1024**2
_PIECE = 1 << 18
_TAIL_BYTES = 2000  # of what a worker printed, for the message when it dies
_DEFAULT_PROCESSES = 256
_SEND_BYTES = 1 << 20
_SNDBUFFORCE = 32  # past the system's limit, for those who may


@dataclass
class Call:
    """One call on its way through one box; ``alone``: it shared a worker that died, so it goes by itself."""

    item: Item
    reply: asyncio.Future[Item]
    alone: bool = False


class ServiceWorker:
    """One worker. ``calls`` are under way in it, oldest first."""

    def __init__(self, box: Box, limits: CallLimits) -> None:
        self.box = box
        self.calls: deque[Call] = deque()
        self.progress_at = 0.0  # when it was last given work or last replied
        self.is_spent = False
        self.described: Any = None
        self._limits = limits
        self._reader = FrameReader(MOST_REPLY_BYTES)
        self._unsent = bytearray()
        self._tail = bytearray()
        self._watch = Watch(box, Limits(memory_bytes=limits.memory_bytes), ())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_replies: Callable[[ServiceWorker, list[Item]], None] = _nobody
        self._on_end: Callable[[ServiceWorker, str], None] = _nobody

    # -- before calls: blocking, in a thread ----------------------------------------------------------------

    def start(self, plan: BoxPlan) -> None:
        """Hand the service over and wait until it is loaded.

        Raises
        ------
        ProblemError
            What the service's modules or models found wrong, W210 when the worker ended instead.
        """
        opened: list[int] = []
        try:
            message = self._message(plan, opened)
            self.box.limit(self._limits.memory_bytes, _DEFAULT_PROCESSES)
            self.box.hand_over(message, opened)
            answer = self._ready_answer()
        except (wire.ClosedError, OSError, ValueError) as error:
            raise ProblemError(self._problem(f"{type(error).__name__}: {error}")) from error
        finally:
            for descriptor in opened:
                os.close(descriptor)
        if answer.get("problem") is not None:
            raise ProblemError(problem_from_json(answer["problem"]))
        self.described = answer.get("inputs")

    def _message(self, plan: BoxPlan, opened: list[int]) -> dict[str, Json]:
        constants: dict[str, Json] = {}
        for source, staged in plan.constants.items():
            opened.append(os.open(staged.path, os.O_RDONLY | os.O_CLOEXEC))
            item: dict[str, Json] = {"type": staged.type, "name": staged.name, "file": len(opened) - 1}
            files: dict[str, Json] = {}
            for digest, path in staged.files.items():
                opened.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
                files[digest] = len(opened) - 1
            constants[source] = {**item, "files": files}
        if plan.bundle is not None:
            with open(plan.bundle.path, "rb") as archive:
                bundle.extract_bundle(archive, os.path.join(self.box.work, bundle.FOLDER))
        return {
            "entry": {"kind": "service"},
            "service": {**plan.service, "constants": constants},
            "compatibility": plan.environment.compatibility,
            "limits": self._own_limits(),
            "work": self.box.inner_work,
        }

    def _own_limits(self) -> dict[str, Json]:
        own: dict[str, Json] = {"disk_bytes": Limits().disk_bytes}
        if self.box.uid is not None or levels.has_namespaces(self.box.level):
            own["processes"] = _DEFAULT_PROCESSES
        if self.box.group is None and self._limits.memory_bytes is not None:
            own["data_bytes"] = self._limits.memory_bytes
        return own

    def _ready_answer(self) -> dict[str, Any]:
        """The worker's first word; what it prints meanwhile is taken, so that it does not stand still."""
        until = time.monotonic() + READY_WITHIN_S
        incoming = wire.Incoming(1 << 26)
        poll = select.poll()
        for descriptor in (self.box.task.fileno(), self.box.out, self.box.err):
            poll.register(descriptor, select.POLLIN)
        while time.monotonic() < until:
            for descriptor, _ in poll.poll(200):
                if descriptor != self.box.task.fileno():
                    if not self._listen(descriptor):
                        poll.unregister(descriptor)
                    continue
                piece = self.box.task.recv(_PIECE)
                if not piece:
                    raise wire.ClosedError("it ended while it was loading")
                if incoming.add(piece):
                    message = incoming.message()
                    return message if isinstance(message, dict) else {}
        raise wire.ClosedError(f"it was not ready within {READY_WITHIN_S:g} s")

    # -- calls: in the loop ---------------------------------------------------------------------------------

    def attach(
        self,
        loop: asyncio.AbstractEventLoop,
        on_replies: Callable[[ServiceWorker, list[Item]], None],
        on_end: Callable[[ServiceWorker, str], None],
    ) -> None:
        """Belong to the loop. ``on_end`` is told once, with a reason or "" when it ended by itself."""
        self._loop, self._on_replies, self._on_end = loop, on_replies, on_end
        self.box.task.setblocking(False)
        for option in (_SNDBUFFORCE, socket.SO_SNDBUF):  # a call of a thousand rows in one go
            with contextlib.suppress(OSError):
                self.box.task.setsockopt(socket.SOL_SOCKET, option, _SEND_BYTES)
                break
        loop.add_reader(self.box.task.fileno(), self._read)
        for pipe in (self.box.out, self.box.err):
            loop.add_reader(pipe, self._read_pipe, pipe)

    def send(self, calls: Sequence[Call]) -> None:
        """Give it calls; it has none."""
        self.calls.extend(calls)
        self.progress_at = time.monotonic()
        frame = frame_of([call.item for call in calls])
        try:
            sent = self.box.task.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # its end is noticed by the reader
        if sent < len(frame):
            self._unsent += memoryview(frame)[sent:]
            assert self._loop is not None
            self._loop.add_writer(self.box.task.fileno(), self._write)

    def exceeded(self, now: float) -> Exceeded | None:
        """A limit of memory or disk that it has passed; for workers that are busy for long."""
        return self._watch.look() if now - self.progress_at > 0.1 else None

    def detach(self) -> None:
        """Leave the loop; nothing is read any more."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        for descriptor in (self.box.task.fileno(), self.box.out, self.box.err):
            loop.remove_reader(descriptor)
        loop.remove_writer(self.box.task.fileno())

    def last_words(self) -> str:
        return self._tail[-_TAIL_BYTES:].decode("utf-8", "replace").strip()

    def was_out_of_memory(self) -> bool:
        return self.box.group is not None and self.box.group.was_out_of_memory()

    def _read(self) -> None:
        reader = self._reader
        try:
            count = self.box.task.recv_into(reader.space())
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._end("")
            return
        reader.took(count)
        try:
            replies = reader.next()
            while replies is not None:
                self.progress_at = time.monotonic()
                self._on_replies(self, replies)
                replies = reader.next()
        except BrokenFrameError as error:
            self._end(f"what it answered cannot be read ({error})")

    def _write(self) -> None:
        try:
            sent = self.box.task.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._unsent)
        del self._unsent[:sent]
        if not self._unsent and self._loop is not None:
            self._loop.remove_writer(self.box.task.fileno())

    def _read_pipe(self, pipe: int) -> None:
        if not self._listen(pipe) and self._loop is not None:
            self._loop.remove_reader(pipe)

    def _listen(self, pipe: int) -> bool:
        """Take what was printed, keep its end; whether there may be more."""
        try:
            piece = os.read(pipe, _PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._tail += piece
        del self._tail[: -2 * _TAIL_BYTES]
        return bool(piece)

    def _end(self, reason: str) -> None:
        self.detach()
        self._on_end(self, reason)

    def _problem(self, what: str) -> Problem:
        said = self.last_words()
        text = f"A worker of the web service could not be started: {what}."
        return Problem("W210", text, "", "Look at the models and scripts of the service.", said)


def start_worker(
    compute: LocalCompute,
    interpreter: Interpreter,
    plan: BoxPlan,
    isolation: str | None,
    limits: CallLimits,
) -> ServiceWorker:
    """A worker that has loaded its part of the service; blocking.

    Raises
    ------
    ProblemError
        As `ServiceWorker.start`; C... when there is no box.
    """
    box = compute.take_box(interpreter, isolation)
    worker = ServiceWorker(box, limits)
    try:
        worker.start(plan)
    except BaseException:
        compute.give_back(box)
        raise
    return worker


def _nobody(*_: object) -> None:
    """Nobody listens yet."""
