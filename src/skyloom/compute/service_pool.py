"""The workers of one box plan: calls are handed out, workers that die are replaced.

What was waiting while a worker was busy goes to it in one message: sending and waking cost more than a short
call. Where a script is involved each call goes alone, so that its limits and its end are its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from skyloom.compute.box import Box
from skyloom.compute.service_worker import Call, ServiceWorker
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import CallLimits
from skyloom.core.task import Reason
from skyloom.runner.serving.frames import SPENT, Item

TOGETHER = 32  # calls of one message at most
_LOOK_EVERY_S = 0.05
_AGAIN_S = (0.0, 0.1, 0.5, 2.0, 10.0)  # pauses before a worker that did not start is tried again

Start = Callable[[], ServiceWorker]


class ServicePool:
    """Belongs to one event loop; ``start`` blocks and is called in ``executor``."""

    def __init__(
        self,
        start: Start,
        give_back: Callable[[Box], None],
        limits: CallLimits,
        wanted: int,
        has_script: bool,
        executor: Executor,
    ) -> None:
        self._start = start
        self._give_back = give_back
        self._limits = limits
        self._wanted = wanted
        self._together = 1 if has_script else TOGETHER
        self._has_script = has_script
        self._executor = executor
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers: set[ServiceWorker] = set()
        self._idle: list[ServiceWorker] = []
        self._waiting: deque[Call] = deque()
        self._is_looking = False
        self._is_closed = False
        self._starting = 0
        self._failed = 0
        self._failure: ProblemError | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pids(self) -> list[int]:
        """The keepers of its living workers."""
        return [worker.box.pid for worker in self._workers]

    def open(self, loop: asyncio.AbstractEventLoop, workers: Sequence[ServiceWorker]) -> None:
        """Begin with workers that are started already; in the loop."""
        self._loop = loop
        for worker in workers:
            self._adopt(worker)

    def submit(self, item: Item) -> asyncio.Future[Item]:
        """Hand in a call; its reply, or ProblemError when it ended with its worker."""
        assert self._loop is not None
        call = Call(item, self._loop.create_future())
        if self._is_closed or (self._failure is not None and not self._workers):
            call.reply.set_exception(self._failure or ProblemError(_closed()))
            return call.reply
        self._waiting.append(call)
        if self._idle:  # at once: what arrives while it is busy goes together afterwards
            self._flush()
        return call.reply

    def close(self) -> None:
        """End every worker; in the loop. Calls under way and waiting end with W210."""
        self._is_closed = True
        for worker in list(self._workers):
            self._remove(worker)
            self._end_calls(list(worker.calls), _closed())
            worker.calls.clear()
        self._end_calls(list(self._waiting), _closed())
        self._waiting.clear()  # a worker that is being started is given back when it is there

    # -- handing out ----------------------------------------------------------------------------------------

    def _flush(self) -> None:
        while self._waiting and self._idle:
            worker = self._idle.pop()
            batch = self._next_batch(len(self._idle) + 1)
            if not batch:
                self._idle.append(worker)
                return
            worker.send(batch)
        if not self._is_looking and len(self._idle) < len(self._workers):
            self._is_looking = True
            assert self._loop is not None
            self._loop.call_later(_LOOK_EVERY_S, self._look)

    def _next_batch(self, workers: int) -> list[Call]:
        """As many calls as are due to one of so many idle workers; those whose caller left are dropped."""
        share = min(self._together, -(-len(self._waiting) // workers))
        batch: list[Call] = []
        while self._waiting and len(batch) < share:
            if self._waiting[0].alone and batch:
                break
            call = self._waiting.popleft()
            if call.reply.done():
                continue
            batch.append(call)
            if call.alone:
                break
        return batch

    def _on_replies(self, worker: ServiceWorker, replies: list[Item]) -> None:
        for reply in replies:
            if not worker.calls:
                self._on_end(worker, "it answered what it was not asked")
                return
            call = worker.calls.popleft()
            if not call.reply.done():
                call.reply.set_result(reply)
            worker.is_spent = worker.is_spent or reply.kind == SPENT
        if worker.calls:
            return
        if worker.is_spent:
            self._remove(worker)
            self._replace()
            return
        self._idle.append(worker)
        if self._waiting:
            self._flush()

    # -- limits and ends ------------------------------------------------------------------------------------

    def _look(self) -> None:
        """While workers are busy, look whether one of them is beyond a limit."""
        self._is_looking = False
        busy = [worker for worker in self._workers if worker.calls]
        if not busy or self._is_closed:
            return
        now = time.monotonic()
        for worker in busy:
            if now - worker.progress_at > self._limits.timeout_s:
                self._end(worker, _too_long(self._limits.timeout_s))
                continue
            exceeded = worker.exceeded(now)
            if exceeded is not None:
                is_memory = exceeded.reason is Reason.MEMORY
                self._end(worker, _too_much(self._limits.memory_bytes) if is_memory else _too_full())
        self._is_looking = True
        assert self._loop is not None
        self._loop.call_later(_LOOK_EVERY_S, self._look)

    def _on_end(self, worker: ServiceWorker, reason: str) -> None:
        """The worker ended by itself, or answered nonsense."""
        if worker.was_out_of_memory():
            self._end(worker, _too_much(self._limits.memory_bytes))
        else:
            self._end(worker, _died(reason, worker.last_words(), self._has_script))

    def _end(self, worker: ServiceWorker, problem: Problem) -> None:
        if worker not in self._workers:
            return
        self._remove(worker)
        calls = [call for call in worker.calls if not call.reply.done()]
        worker.calls.clear()
        if len(calls) == 1:
            self._end_calls(calls, problem)
        else:  # one of them did it: each goes again, by itself
            for call in reversed(calls):
                call.alone = True
                self._waiting.appendleft(call)
        self._replace()

    def _end_calls(self, calls: Sequence[Call], problem: Problem) -> None:
        for call in calls:
            if not call.reply.done():
                call.reply.set_exception(ProblemError(problem))

    def _remove(self, worker: ServiceWorker) -> None:
        worker.detach()
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        self._give_back(worker.box)

    # -- new workers ----------------------------------------------------------------------------------------

    def _adopt(self, worker: ServiceWorker) -> None:
        assert self._loop is not None
        if self._is_closed:
            self._give_back(worker.box)
            return
        worker.attach(self._loop, self._on_replies, self._on_end)
        self._workers.add(worker)
        self._idle.append(worker)
        self._failed, self._failure = 0, None
        self._flush()

    def _replace(self) -> None:
        assert self._loop is not None
        if not self._is_closed and len(self._workers) + self._starting < self._wanted:
            self._starting += 1
            task = self._loop.create_task(self._start_another())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _start_another(self) -> None:
        assert self._loop is not None
        while not self._is_closed:
            await asyncio.sleep(_AGAIN_S[min(self._failed, len(_AGAIN_S) - 1)])
            try:
                worker = await self._loop.run_in_executor(self._executor, self._start)
            except ProblemError as error:
                self._failed += 1
                self._note_failure(error)
                continue
            self._starting -= 1
            self._adopt(worker)
            return
        self._starting -= 1

    def _note_failure(self, error: ProblemError) -> None:
        """With nobody left to answer, those who wait are told; it is tried again meanwhile."""
        self._failure = error
        if not self._workers:
            self._end_calls(list(self._waiting), error.problem)
            self._waiting.clear()


def _closed() -> Problem:
    return Problem("W210", "The web service is being closed.", "", "Call it again in a moment.")


def _too_long(limit_s: float) -> Problem:
    what = f"The call was stopped after {limit_s:g} s, the limit of this web service."
    return Problem("W230", what, "", "Send fewer rows at once, or raise the service's time limit.")


def _too_much(limit_bytes: int | None) -> Problem:
    limit = "" if limit_bytes is None else f" of {limit_bytes / 2**20:.0f} MiB"
    what = f"The call needed more memory than a worker's limit{limit}."
    return Problem("W231", what, "", "Send fewer rows at once, or raise the service's memory limit.")


def _too_full() -> Problem:
    what = "The service's script wrote more to disk than a worker may."
    return Problem("W231", what, "", "Let the script remove the files that it makes.")


def _died(reason: str, said: str, has_script: bool) -> Problem:
    what = f"The worker that carried out the call ended: {reason or 'its process was killed'}."
    fix = "Look for a fault in an extension package, or for a recursion without end."
    return Problem("W232" if has_script else "W234", what, "", fix, said)
