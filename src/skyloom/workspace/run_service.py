"""RunService: a web service whose graph is carried out anew on each call.

For graphs with scripts of Pythons too old for a worker that stays (environments studio-2.7 and studio-3.6):
a call's rows become a table, every module takes a box of its own, nothing is recorded. Slower than warm
workers by the start of an old interpreter; the answers are the same.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.graph import DataNode, Edge, Graph, ModuleNode, PortRef
from skyloom.core.identity import Json, NodeId, RunId
from skyloom.core.plan import Plan, plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, RunOptions
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
from skyloom.data.table_file import read_footer
from skyloom.engine.collect import collect
from skyloom.engine.lower import lower
from skyloom.engine.ports import OpenService, ResolvedEnvironment, ServiceRunner, World
from skyloom.engine.stage import data_artifact, stage_inputs, table_files
from skyloom.engine.submit import resolve_environment
from skyloom.workspace.batch_only import NO_TABLE, BatchOnlyService
from skyloom.workspace.service_request import request_of, typed_values, values_of

OLD_ENVIRONMENTS = ("studio-2.7", "studio-3.6")
_RUN = RunId("service")  # a run in name only: nothing of it is recorded
_WIRE_TYPES = {"Integer": "Int64", "Double": "Double", "Boolean": "Boolean", "DateTime": "DateTime"}

Upload = Callable[[BinaryIO, str, str], Artifact]
Download = Callable[[Artifact, str], str]


def is_old(service: Service) -> bool:
    """Whether some script of the graph runs in an old Python."""
    named = [node.environment for node in service.graph.nodes if isinstance(node, ModuleNode)]
    return any(name in OLD_ENVIRONMENTS for name in [*named, service.environment])


class AnyPythonRunner:
    """Implements engine.ports.ServiceRunner: warm workers where they can be.

    Scripts of old Pythons are carried out as runs; services that give models are called in batches alone.
    """

    def __init__(self, warm: ServiceRunner, world: World, upload: Upload, download: Download) -> None:
        self._warm = warm
        self._world = world
        self._upload = upload
        self._download = download

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._warm.attach(loop)

    def open(self, service: Service) -> OpenService:
        if not is_old(service):
            try:
                return self._warm.open(service)
            except ProblemError as error:
                if {problem.code for problem in error.problems} != {NO_TABLE}:
                    raise
                return BatchOnlyService(service, error.problems)
        if not service.graph.outputs:
            raise ProblemError(Problem("W201", "The graph has no web service output.", "outputs", "Add one."))
        opened = RunService(self._world, service, self._upload, self._download)
        opened.prepare()
        return opened

    def close(self) -> None:
        self._warm.close()


class RunService:
    """Implements engine.ports.OpenService."""

    def __init__(self, world: World, service: Service, upload: Upload, download: Download) -> None:
        self._world = world
        self._service = service
        self._upload = upload
        self._download = download
        self._under_way = 0
        self._is_closed = threading.Event()
        self._schemas = dict(service.schemas)
        graph = service.graph
        self.schema = ServiceSchema(
            {port.name: self._schemas.get(port.name) for port in graph.inputs},
            {port.name: None for port in graph.outputs},
            graph.parameters,
        )

    @property
    def limits(self) -> CallLimits:
        return self._service.limits

    @property
    def calls_under_way(self) -> int:
        return self._under_way

    def prepare(self) -> None:
        """Have the environments ready; blocking. Raises ProblemError where one cannot be had."""
        plan = plan_run(self._service.graph, {})
        for node in plan.order:
            self._world.environments.prepare(self._environment(plan, node), lambda line: None)

    async def answer(self, body: bytes, form: ReplyForm) -> Reply:
        try:
            result = await self.call(request_of(body))
        except ProblemError as error:
            told = json.dumps(error_body(error.problems))
            return Reply(form_of(error.problem).status, told.encode())
        return Reply(200, json.dumps(_results(result, form), ensure_ascii=False).encode("utf-8", "replace"))

    async def call(self, call: ServiceCall) -> ServiceResult:
        if self._is_closed.is_set():
            raise ProblemError(Problem("W210", "The web service is closed.", "", "Ask again in a moment."))
        if self._under_way >= self._service.max_concurrent_calls:
            most = self._service.max_concurrent_calls
            raise ProblemError(Problem("W211", f"{most} calls are under way.", "", "Ask again in a moment."))
        self._under_way += 1
        try:
            return await asyncio.to_thread(self._carry_out, call)
        finally:
            self._under_way -= 1

    def call_from_thread(self, call: ServiceCall) -> ServiceResult:
        return self._carry_out(call)

    def close(self) -> None:
        self._is_closed.set()

    # --- one call ---------------------------------------------------------------------------------------

    def _carry_out(self, call: ServiceCall) -> ServiceResult:
        graph = self._service.graph
        _check_inputs(graph, call.inputs)
        values = typed_values(graph.parameters, call.parameters)
        tables = {name: self._table(name, table) for name, table in call.inputs.items()}
        plan = plan_run(_with_tables(graph, tables), values)
        done = {
            one: artifact for one, artifact in self._service.bound.items() if not plan.before.get(one.node)
        }
        folder = tempfile.mkdtemp(prefix="service-", dir=self._world.runs_folder)
        try:
            for node in plan.order:
                self._carry_out_node(plan, node, done, folder)
            return ServiceResult(
                {port.name: self._response(self._content(plan, port.source, done)) for port in graph.outputs}
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _carry_out_node(self, plan: Plan, name: NodeId, done: dict[PortRef, Artifact], folder: str) -> None:
        graph, world = plan.graph, self._world
        node = graph.node(name)
        assert isinstance(node, ModuleNode)
        spec, values = graph.spec(node), plan.values[name]
        if all(PortRef(name, port.name) in done for port in spec.outputs):
            return
        sources = {port.name: plan.sources.get(PortRef(name, port.name)) for port in spec.inputs}
        staged = stage_inputs(
            world,
            {
                port: None if source is None else self._content(plan, source, done)
                for port, source in sources.items()
            },
        )
        own = os.path.join(folder, str(len(done)))
        os.makedirs(own, exist_ok=True)
        if spec.fetches:
            staged["fetched"] = world.sources.fetch(spec, values, own)
        linked = {source.port for source in plan.sources.values() if source.node == name}
        linked |= {port.source.port for port in graph.outputs if port.source.node == name}
        options = RunOptions(isolation=self._service.isolation)
        environment = self._environment(plan, name)
        task = lower(node, spec, values, staged, environment, options, NodeRun(_RUN, name), own, linked)
        task = replace(task, limits=replace(task.limits, timeout_s=self._service.limits.timeout_s))
        outcome = world.compute.execute(task, canceled=self._is_closed)
        collected = collect(world, outcome, task.folder, table_files(staged))
        if collected.reason is not None:
            title = node.title or str(name)
            if collected.reason == "timeout":
                raise ProblemError(
                    Problem("W230", f"'{title}' took longer than allowed.", title, "Send fewer rows.")
                )
            raise ProblemError(
                collected.problem or Problem("R012", f"'{title}' gave nothing.", title, "See its script.")
            )
        for port, artifact in collected.outputs.items():
            done[PortRef(name, port)] = artifact

    def _environment(self, plan: Plan, name: NodeId) -> ResolvedEnvironment:
        node = plan.graph.node(name)
        assert isinstance(node, ModuleNode)
        return resolve_environment(
            self._world.environments, plan.graph, node, self._service.environment, plan.values[name]
        )

    def _content(self, plan: Plan, source: PortRef, done: Mapping[PortRef, Artifact]) -> Artifact:
        node = plan.graph.node(source.node)
        if isinstance(node, DataNode):
            return data_artifact(self._world, node)
        return done[source]

    def _table(self, name: str, table: RequestTable) -> Artifact:
        """The rows as a table, typed by the schema where there is one."""
        schema = self._schemas.get(name)
        if not schema:
            text = io.StringIO()
            csv.writer(text).writerows([table.names, *table.rows])
            return self._upload(io.BytesIO(text.getvalue().encode()), "call.csv", "Dataset")
        return self._upload(io.BytesIO(_parquet(name, table, schema)), "call.parquet", "Dataset")

    def _response(self, artifact: Artifact) -> ResponseTable:
        with open(self._world.artifacts.stage(artifact).path, "rb") as file:
            columns = read_footer(file.fileno()).columns
        with open(self._download(artifact, "csv"), encoding="utf-8-sig", newline="") as text:
            rows = list(csv.reader(text))
        types = tuple(_WIRE_TYPES.get(column.attributes.type, "String") for column in columns)
        cells = [[cell if cell != "" else None for cell in row] for row in rows[1:]]
        return ResponseTable(tuple(rows[0]) if rows else (), types, cells)


def _parquet(name: str, table: RequestTable, schema: Sequence[ServiceColumn]) -> bytes:
    # heavy, and only calls of old services need it here
    import pyarrow
    import pyarrow.parquet

    kinds = {
        "Integer": pyarrow.int64(),
        "Double": pyarrow.float64(),
        "Boolean": pyarrow.bool_(),
    }
    columns = values_of(name, table, schema)
    arrays = [
        pyarrow.array(columns[column.name], kinds.get(column.type, pyarrow.string())) for column in schema
    ]
    buffer = io.BytesIO()
    made = pyarrow.Table.from_arrays(arrays, names=[column.name for column in schema])
    pyarrow.parquet.write_table(made, buffer)
    return buffer.getvalue()


def _with_tables(graph: Graph, tables: Mapping[str, Artifact]) -> Graph:
    nodes, edges = list(graph.nodes), list(graph.edges)
    for port in graph.inputs:
        name = NodeId(f"call:{port.name}")
        artifact = tables[port.name]
        nodes.append(DataNode(name, DataReference(ARTIFACT_STORE, artifact.digest), artifact.type))
        edges = [edge for edge in edges if edge.target not in port.targets]
        edges += [Edge(PortRef(name, "data"), target) for target in port.targets]
    return replace(graph, nodes=tuple(nodes), edges=tuple(edges))


def _check_inputs(graph: Graph, given: Mapping[str, RequestTable]) -> None:
    names = [port.name for port in graph.inputs]
    faults = [
        Problem("W222", f"The input '{name}' is missing.", name, "Send a table for it.")
        for name in names
        if name not in given
    ]
    faults += [
        Problem("W223", f"There is no input '{name}'.", name, f"There are: {', '.join(names)}.")
        for name in given
        if name not in names
    ]
    if faults:
        raise ProblemError(faults)


def _results(result: ServiceResult, form: ReplyForm) -> Json:
    told: dict[str, Json] = {}
    for name, table in result.outputs.items():
        if form.is_swagger:
            told[name] = [dict(zip(table.names, row)) for row in table.rows]
            continue
        value: dict[str, Json] = {"ColumnNames": list(table.names)}
        if form.has_details:
            value["ColumnTypes"] = list(table.types)
        value["Values"] = [list(row) for row in table.rows]
        told[name] = {"type": "table", "value": value}
    return {"Results": told}
