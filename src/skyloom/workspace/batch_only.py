"""BatchOnlyService: a web service that gives a model; it is called in batches alone.

A retraining service has its output on a Train Model port (studio.md 4.3). Its rows-in, model-out work belongs
to batch jobs, which write ``.ilearner`` files; request-response has no form for a model.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import (
    CallLimits,
    Reply,
    ReplyForm,
    Service,
    ServiceCall,
    ServiceResult,
    ServiceSchema,
)
from skyloom.core.service_error import error_body

NO_TABLE = "W202"


class BatchOnlyService:
    """Implements engine.ports.OpenService; every call is refused."""

    calls_under_way = 0

    def __init__(self, service: Service, problems: Sequence[Problem]) -> None:
        graph = service.graph
        self.limits: CallLimits = service.limits
        self.schema = ServiceSchema(
            {port.name: service.schemas.get(port.name) for port in graph.inputs},
            {port.name: None for port in graph.outputs},
            graph.parameters,
        )
        self._problem = Problem(
            "W202",
            f"This service gives a model and is called in batches alone: {problems[0].message}",
            problems[0].where,
            "POST a job to .../jobs.",
        )

    async def answer(self, body: bytes, form: ReplyForm) -> Reply:
        return Reply(400, json.dumps(error_body([self._problem])).encode())

    async def call(self, call: ServiceCall) -> ServiceResult:
        raise ProblemError(self._problem)

    def call_from_thread(self, call: ServiceCall) -> ServiceResult:
        raise ProblemError(self._problem)

    def close(self) -> None:
        """There is nothing to end."""
