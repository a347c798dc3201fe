"""The fixed parts of a web service: contents that no call changes, bound or carried out once."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping

from skyloom.core.artifact import Artifact
from skyloom.core.graph import DataNode, ModuleNode, PortRef
from skyloom.core.identity import NodeId, RunId
from skyloom.core.plan import Plan
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, RunOptions
from skyloom.core.service import Service
from skyloom.core.task import Staged
from skyloom.engine.collect import collect
from skyloom.engine.lower import lower
from skyloom.engine.ports import World
from skyloom.engine.stage import data_artifact, stage_inputs, table_files
from skyloom.engine.submit import resolve_environment

_RUN = RunId("service")  # a run in name only: nothing of it is recorded


class FixedParts:
    """Contents of output ports along the design-time links, each carried out at most once."""

    def __init__(self, world: World, service: Service, plan: Plan) -> None:
        self._world = world
        self._service = service
        self._plan = plan
        self._found: dict[PortRef, Artifact] = dict(service.bound)

    def content(self, port: PortRef) -> Artifact:
        """The artifact of a port.

        Raises
        ------
        ProblemError
            W203 the module behind it failed, with what it said; D060 a dataset is gone.
        """
        node = self._plan.graph.node(port.node)
        if isinstance(node, DataNode):
            return data_artifact(self._world, node)
        assert isinstance(node, ModuleNode)
        if port not in self._found:
            self._found.update(self._carry_out(node))
        if port not in self._found:
            raise ProblemError(_failed(node, f"it gave nothing for the port '{port.port}'"))
        return self._found[port]

    def staged(self, port: PortRef) -> Staged:
        return self._world.artifacts.stage(self.content(port))

    def _carry_out(self, node: ModuleNode) -> Mapping[PortRef, Artifact]:
        graph, world = self._plan.graph, self._world
        spec, values = graph.spec(node), self._plan.values[node.id]
        sources = {port.name: self._plan.sources.get(PortRef(node.id, port.name)) for port in spec.inputs}
        artifacts = {
            name: None if source is None else self.content(source) for name, source in sources.items()
        }
        environment = resolve_environment(world.environments, graph, node, self._service.environment, values)
        world.environments.prepare(environment, lambda line: None)
        os.makedirs(world.runs_folder, exist_ok=True)
        folder = tempfile.mkdtemp(prefix="service-", dir=world.runs_folder)
        try:
            staged = stage_inputs(world, artifacts)
            if spec.fetches:
                staged["fetched"] = world.sources.fetch(spec, values, folder)
            options = RunOptions(isolation=self._service.isolation)
            linked = {source.port for source in self._plan.sources.values() if source.node == node.id}
            task = lower(
                node, spec, values, staged, environment, options, NodeRun(_RUN, node.id), folder, linked
            )
            outcome = world.compute.execute(task, canceled=threading.Event())
            collected = collect(world, outcome, task.folder, table_files(staged))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if collected.reason is not None:
            problem = collected.problem
            raise ProblemError(_failed(node, str(problem or collected.reason), problem))
        return {PortRef(NodeId(node.id), port): artifact for port, artifact in collected.outputs.items()}


def _failed(node: ModuleNode, what: str, problem: Problem | None = None) -> Problem:
    name = node.title or node.id
    return Problem(
        "W203",
        f"'{name}' does not depend on a call and was carried out for the web service: {what}",
        f"nodes.{node.id}",
        "Run the graph as an experiment to see its log; then open the service again.",
        problem.traceback if problem else "",
    )
