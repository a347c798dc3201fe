"""A ServiceRunner without boxes, for tests of what stands before it.

A service answers the table of its first input as every output. Rows whose first cell is ``fail``, ``slow`` or
``crash`` do what they say. Real services are asked in tests/stories.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from skyloom.core.graph import Graph
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import (
    CallLimits,
    Reply,
    ReplyForm,
    RequestTable,
    ResponseTable,
    Service,
    ServiceCall,
    ServiceColumn,
    ServiceResult,
    ServiceSchema,
)
from skyloom.core.service_error import error_body, form_of


class MemoryRunner:
    """Remembers what it opened."""

    def __init__(self) -> None:
        self.opened: list[MemoryService] = []
        self.loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def open(self, service: Service) -> MemoryService:
        if not service.graph.outputs:
            raise ProblemError(Problem("W201", "The graph has no web service output.", "outputs", ""))
        self.opened.append(MemoryService(service))
        return self.opened[-1]

    def close(self) -> None:
        for service in self.opened:
            service.close()


class MemoryService:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.is_closed = False
        self.calls_under_way = 0

    @property
    def limits(self) -> CallLimits:
        return self.service.limits

    @property
    def schema(self) -> ServiceSchema:
        graph: Graph = self.service.graph
        columns = (ServiceColumn("a", "Integer"), ServiceColumn("b", "String"))
        given = dict(self.service.schemas)
        inputs = {item.name: given.get(item.name, columns) for item in graph.inputs}
        return ServiceSchema(inputs, {item.name: columns for item in graph.outputs}, graph.parameters)

    async def answer(self, body: bytes, form: ReplyForm) -> Reply:
        try:
            return Reply(200, json.dumps(await self._answer(body, form)).encode())
        except ProblemError as error:
            told = error_body(error.problems)
            return Reply(form_of(error.problem).status, json.dumps(told).encode())

    async def call(self, call: ServiceCall) -> ServiceResult:
        if self.is_closed:
            raise ProblemError(Problem("W210", "The service is closed.", "", ""))
        if self.calls_under_way >= self.service.max_concurrent_calls:
            raise ProblemError(Problem("W211", "Too many calls at once.", "", ""))
        missing = [item.name for item in self.service.graph.inputs if item.name not in call.inputs]
        if missing:
            raise ProblemError(Problem("W222", f"The input '{missing[0]}' is missing.", missing[0], ""))
        self.calls_under_way += 1
        try:
            table = next(iter(call.inputs.values()), RequestTable((), ()))
            await _misbehave(table.rows)
            rows = [[None if cell is None else str(cell) for cell in row] for row in table.rows]
            result = ResponseTable(table.names, tuple("String" for _ in table.names), rows)
            return ServiceResult({item.name: result for item in self.service.graph.outputs})
        finally:
            self.calls_under_way -= 1

    def call_from_thread(self, call: ServiceCall) -> ServiceResult:
        return asyncio.run(self.call(call))

    def close(self) -> None:
        self.is_closed = True

    async def _answer(self, body: bytes, form: ReplyForm) -> Json:
        if len(body) > self.limits.body_bytes:
            raise ProblemError(Problem("W213", "The request is too large.", "body", ""))
        if not body:
            raise ProblemError(Problem("W221", "The request is empty.", "body", ""))
        try:
            told = json.loads(body)
            inputs = {name: _table(value) for name, value in (told.get("Inputs") or {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProblemError(Problem("W220", "The request does not read.", "body", "")) from error
        result = await self.call(ServiceCall(inputs, told.get("GlobalParameters") or {}))
        return {"Results": {name: _written(table, form) for name, table in result.outputs.items()}}


async def _misbehave(rows: Sequence[Sequence[Json]]) -> None:
    word = rows[0][0] if rows and rows[0] else None
    if word == "fail":
        raise ProblemError(
            Problem(
                "S001", "ValueError: no", "score", "", "Traceback (most recent call last):\nValueError: no"
            )
        )
    if word == "slow":
        await asyncio.sleep(0.5)
    if word == "crash":
        raise ProblemError(Problem("W232", "The worker ended.", "", ""))


def _table(value: Any) -> RequestTable:
    if isinstance(value, list):
        names = tuple(value[0]) if value else ()
        return RequestTable(names, [[row[name] for name in names] for row in value])
    return RequestTable(tuple(value["ColumnNames"]), value["Values"])


def _written(table: ResponseTable, form: ReplyForm) -> Json:
    if form.is_swagger:
        return [dict(zip(table.names, row)) for row in table.rows]
    value: dict[str, Json] = {"ColumnNames": list(table.names), "Values": [list(row) for row in table.rows]}
    if form.has_details:
        value["ColumnTypes"] = list(table.types)
    return {"type": "table", "value": value}
