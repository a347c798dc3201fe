"""An open web service on this machine: pools of workers, and the way of a call through them."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import orjson

from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.compute.service_pool import ServicePool
from skyloom.compute.service_worker import ServiceWorker, start_worker
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError, problem_from_json
from skyloom.core.service import (
    CallLimits,
    Reply,
    ReplyForm,
    ResponseTable,
    Service,
    ServiceCall,
    ServiceColumn,
    ServiceResult,
    ServiceSchema,
)
from skyloom.core.service_error import error_body, form_of
from skyloom.engine.service_plan import Segment, ServicePlan
from skyloom.runner.serving.frames import BODY, DETAILS, DONE, REHEARSAL, SWAGGER, Item

_REHEARSED_WITHIN_S = 60.0
# the wire's word -> our column type, for the schema of what a rehearsal gave
_COLUMN_TYPES = {"Int64": "Integer"}


class LocalService:
    """Implements engine.ports.OpenService. `open_service` makes it."""

    def __init__(
        self,
        plan: ServicePlan,
        service: Service,
        pools: Sequence[ServicePool],
        loop: asyncio.AbstractEventLoop,
        on_close: Callable[[LocalService], None],
    ) -> None:
        self._plan = plan
        self._service = service
        self._pools = pools
        self._loop = loop
        self._on_close = on_close
        self._under_way = 0
        self._is_closed = False
        self._order = {name: place for place, name in enumerate(plan.outputs)}
        self.schema = ServiceSchema({}, {}, plan.parameters)

    @property
    def limits(self) -> CallLimits:
        return self._service.limits

    @property
    def calls_under_way(self) -> int:
        return self._under_way

    @property
    def worker_pids(self) -> list[int]:
        """Keepers of the workers, as this machine's process list knows them."""
        return [pid for pool in self._pools for pid in pool.pids]

    async def answer(self, body: bytes, form: ReplyForm) -> Reply:
        flags = (SWAGGER if form.is_swagger else 0) | (DETAILS if form.has_details else 0)
        try:
            return Reply(200, await self._admitted(body, flags))
        except ProblemError as error:
            return fault_reply(error.problems)

    async def call(self, call: ServiceCall) -> ServiceResult:
        inputs = {
            name: {"ColumnNames": list(table.names), "Values": [list(row) for row in table.rows]}
            for name, table in call.inputs.items()
        }
        request = {"Inputs": inputs, "GlobalParameters": dict(call.parameters)}
        results = orjson.loads(await self._admitted(json.dumps(request).encode(), DETAILS))["Results"]
        return ServiceResult({name: _response_table(value["value"]) for name, value in results.items()})

    def call_from_thread(self, call: ServiceCall) -> ServiceResult:
        return asyncio.run_coroutine_threadsafe(self.call(call), self._loop).result()

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        try:
            if asyncio.get_running_loop() is self._loop:
                self._close_pools()
        except RuntimeError:
            if self._loop.is_running():
                done = threading.Event()
                self._loop.call_soon_threadsafe(self._close_pools, done)
                done.wait(10.0)
            else:
                self._close_pools()
        self._on_close(self)

    def rehearse(self, described: Mapping[str, Json]) -> None:
        """Call the service once with rows of its design-time source; not in the loop.

        What the rehearsal gives is the outputs' schema. One that fails is no fault: the first caller is told.
        """
        outputs: dict[str, tuple[ServiceColumn, ...] | None] = dict.fromkeys(self._plan.outputs)
        try:
            rehearsal = self._carry_out(b"", REHEARSAL | DETAILS)
            body = asyncio.run_coroutine_threadsafe(rehearsal, self._loop).result(_REHEARSED_WITHIN_S)
            for name, value in orjson.loads(body)["Results"].items():
                table = value["value"]
                pairs = zip(table["ColumnNames"], table["ColumnTypes"], strict=True)
                outputs[name] = tuple(
                    ServiceColumn(column, _COLUMN_TYPES.get(kind, kind)) for column, kind in pairs
                )
        except (ProblemError, TimeoutError, ValueError, KeyError, TypeError):
            pass
        self.schema = ServiceSchema(
            {name: _columns(described.get(name)) for name in self._plan.inputs},
            outputs,
            self._plan.parameters,
        )

    # -- the way of a call ----------------------------------------------------------------------------------

    async def _admitted(self, body: bytes, flags: int) -> bytes:
        """The answer's body, if there is room for one more call.

        Raises
        ------
        ProblemError
            W211 too many at once, W213 too large, or what the call met.
        """
        if self._is_closed:
            raise ProblemError(
                Problem("W210", "The web service is closed.", "", "Call it again in a moment.")
            )
        if self._under_way >= self._service.max_concurrent_calls:
            raise ProblemError(_too_many(self._service.max_concurrent_calls))
        if len(body) > self._service.limits.body_bytes:
            raise ProblemError(_too_large(len(body), self._service.limits.body_bytes))
        self._under_way += 1
        try:
            return await self._carry_out(body, flags)
        finally:
            self._under_way -= 1

    async def _carry_out(self, body: bytes, flags: int) -> bytes:
        contents: dict[str, bytes] = {}
        written: dict[str, bytes] = {}
        for number, segment in enumerate(self._plan.segments):
            wanted = segment.wants_body
            parts = [body if wanted else b"", *(contents[source] for source in segment.needs)]
            item = Item(flags | BODY if wanted else flags, number, parts)
            reply = await self._pools[segment.box].submit(item)
            if reply.kind != DONE:
                raise ProblemError(_told_problems(reply))
            self._take(segment, reply, written, contents)
        if len(written) == 1:
            return b'{"Results":{' + next(iter(written.values())) + b"}}"
        ordered = sorted(written, key=self._order.__getitem__)
        return b'{"Results":{' + b",".join(written[name] for name in ordered) + b"}}"

    def _take(
        self, segment: Segment, reply: Item, written: dict[str, bytes], contents: dict[str, bytes]
    ) -> None:
        names = len(segment.outputs)
        if len(reply.parts) != names + len(segment.gives):
            raise ProblemError(_unreadable("it has too few parts"))
        for (name, _), part in zip(segment.outputs, reply.parts, strict=False):
            if self._plan.boxes[segment.box].has_script:
                _check_json(part)  # a script may have rewired the process that wrote it
            written[name] = part
        contents.update(zip(segment.gives, reply.parts[names:], strict=True))

    def _close_pools(self, done: threading.Event | None = None) -> None:
        for pool in self._pools:
            pool.close()
        if done is not None:
            done.set()


def open_service(
    compute: LocalCompute,
    plan: ServicePlan,
    service: Service,
    interpreters: Sequence[Interpreter],
    loop: asyncio.AbstractEventLoop,
    executor: ThreadPoolExecutor,
    on_close: Callable[[LocalService], None],
) -> LocalService:
    """Start every worker of a plan and rehearse; blocking, not in ``loop``, which must be running.

    Raises
    ------
    ProblemError
        What the first worker that does not start says.
    """
    wanted = service.workers or max(1, min(service.max_concurrent_calls, len(os.sched_getaffinity(0))))
    started: list[list[ServiceWorker]] = []
    pools: list[ServicePool] = []
    try:
        for box, interpreter in zip(plan.boxes, interpreters, strict=True):

            def start(box=box, interpreter=interpreter) -> ServiceWorker:  # type: ignore[no-untyped-def]
                return start_worker(compute, interpreter, box, service.isolation, service.limits)

            started.append([])
            for _ in range(wanted):
                started[-1].append(start())
            pools.append(
                ServicePool(start, compute.give_back, service.limits, wanted, box.has_script, executor)
            )
    except BaseException:
        for workers in started:
            for worker in workers:
                compute.give_back(worker.box)
        raise
    opened = LocalService(plan, service, pools, loop, on_close)
    ready = threading.Event()

    def begin() -> None:
        for pool, workers in zip(pools, started, strict=True):
            pool.open(loop, workers)
        ready.set()

    described = started[0][0].described if started and started[0] else {}
    loop.call_soon_threadsafe(begin)
    ready.wait()
    opened.rehearse(described if isinstance(described, dict) else {})
    return opened


def fault_reply(problems: Sequence[Problem]) -> Reply:
    """An answer that tells of faults, by the first of them."""
    return Reply(form_of(problems[0]).status, json.dumps(error_body(problems), ensure_ascii=True).encode())


def _told_problems(reply: Item) -> list[Problem]:
    """The problems that a worker tells; it may be one that a script has rewired."""
    try:
        told = json.loads(reply.parts[0])
        problems = [problem_from_json(item) for item in told]
    except (ValueError, IndexError, TypeError, RecursionError):
        problems = []
    return problems[:100] or [_unreadable("it tells no problem")]


def _check_json(part: bytes) -> None:
    try:
        orjson.loads(b"{" + part + b"}")
    except orjson.JSONDecodeError as error:
        raise ProblemError(_unreadable(str(error))) from error


def _response_table(value: Mapping[str, Json]) -> ResponseTable:
    names, types, rows = value["ColumnNames"], value["ColumnTypes"], value["Values"]
    assert isinstance(names, list) and isinstance(types, list) and isinstance(rows, list)
    return ResponseTable(tuple(map(str, names)), tuple(map(str, types)), rows)  # type: ignore[arg-type]


def _columns(described: Json) -> tuple[ServiceColumn, ...] | None:
    if not isinstance(described, list):
        return None
    columns: list[ServiceColumn] = []
    for item in described:
        if isinstance(item, list) and len(item) == 3 and isinstance(item[2], list):
            columns.append(ServiceColumn(str(item[0]), str(item[1]), tuple(map(str, item[2]))))
    return tuple(columns)


def _too_many(limit: int) -> Problem:
    what = f"The web service carries out {limit} calls at a time, and so many are under way."
    return Problem("W211", what, "", "Call again in a moment, or raise its number of concurrent calls.")


def _too_large(size: int, limit: int) -> Problem:
    what = f"The request has {size:,} bytes; this web service takes {limit:,}."
    return Problem("W213", what, "", "Send fewer rows at once, or use the batch service.")


def _unreadable(why: str) -> Problem:
    what = f"The worker's answer cannot be used: {why[:200]}."
    fix = "Remove what replaces functions of Python or pandas from the service's script."
    return Problem("W233", what, "", fix)
