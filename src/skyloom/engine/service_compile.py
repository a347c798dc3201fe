"""Compile: a graph with web service ports -> a ServicePlan (studio.md 4.4).

At an input's port the rows of a call take the place of the design-time source, whose schema they are read by.
What depends on no call is bound or carried out once, here. A module that is told not to reuse results, or
whose results are not determined by its inputs, is carried out on each call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from skyloom.core.graph import DataNode, Graph, GraphInput, ModuleNode, PortRef
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import FunctionEntry, ModuleSpec, ScriptEntry
from skyloom.core.parameter import ParameterRef
from skyloom.core.plan import Plan, plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import Service
from skyloom.core.task import Staged
from skyloom.engine.ports import ResolvedEnvironment, World
from skyloom.engine.service_parts import FixedParts
from skyloom.engine.service_plan import BoxPlan, Segment, ServicePlan
from skyloom.engine.submit import resolve_environment

INPUT = "input:"
_SAMPLE = "sample:"


def compile_service(world: World, service: Service) -> ServicePlan:
    """The plan of a service; blocking, for fixed parts may have to be carried out.

    Raises
    ------
    ProblemError
        W201 no output, W202 an output that is no table, G301 one that is switched off, W203 a fixed part
        failed, W204 a module that cannot be called; what an environment or a dataset lacks.
    """
    faults = list(_output_faults(service.graph))
    if faults:
        raise ProblemError(faults)
    return _Compilation(world, service).plan()


@dataclass
class _Box:
    """A box while it is being planned."""

    environment: ResolvedEnvironment
    has_script: bool
    steps: dict[str, Json] = field(default_factory=dict)
    constants: dict[str, Staged] = field(default_factory=dict)
    bundle: Staged | None = None


class _Compilation:
    def __init__(self, world: World, service: Service) -> None:
        self._world = world
        self._service = service
        self._graph = service.graph
        self._design: Plan = plan_run(self._graph, {})
        self._parts = FixedParts(world, service, self._design)
        self._inputs_at = {target: item.name for item in self._graph.inputs for target in item.targets}
        self._changing: dict[NodeId, bool] = {}
        self._boxes: dict[tuple[str, str], _Box] = {}

    def plan(self) -> ServicePlan:
        steps = [node for node in self._design.order if node in self._needed() and self._changes(node)]
        faults = [fault for node in steps for fault in self._step_faults(node)]
        if faults:
            raise ProblemError(faults)
        places = {node: self._place(node) for node in steps}
        for node in steps:
            self._add_step(node, self._boxes[places[node]])
        groups = list(self._groups(steps, places))
        keys = list(self._boxes)
        segments = tuple(
            self._segment(number, keys.index(place), group, groups)
            for number, (place, group) in enumerate(groups)
        )
        names = {name for node in steps for name in self._references(node).values()}
        parameters = tuple(one for one in self._graph.parameters if one.name in names)
        described: list[Json] = [_plain(asdict(parameter)) for parameter in parameters]
        return ServicePlan(
            tuple(self._box_plan(place, keys[place], segments, described) for place in range(len(keys))),
            segments,
            tuple(item.name for item in self._graph.inputs),
            tuple(item.name for item in self._graph.outputs),
            parameters,
        )

    # -- what a call needs ----------------------------------------------------------------------------------

    def _needed(self) -> set[NodeId]:
        """Module nodes that some output depends on when a call is made."""
        found: set[NodeId] = set()
        waiting = [output.source.node for output in self._graph.outputs]
        while waiting:
            name = waiting.pop()
            node = self._graph.node(name)
            if name in found or not isinstance(node, ModuleNode):
                continue
            found.add(name)
            waiting += [source.node for _, source in self._links(node)]
        return found

    def _links(self, node: ModuleNode) -> Iterator[tuple[str, PortRef]]:
        """Ports of a node that an output of another feeds when a call is made."""
        for port in self._graph.spec(node).inputs:
            target = PortRef(node.id, port.name)
            source = self._design.sources.get(target)
            if source is not None and target not in self._inputs_at:
                yield port.name, source

    def _changes(self, name: NodeId) -> bool:
        """Whether what a node gives may differ from call to call."""
        if name not in self._changing:
            node = self._graph.node(name)
            self._changing[name] = isinstance(node, ModuleNode) and (
                any(PortRef(name, port.name) in self._inputs_at for port in self._graph.spec(node).inputs)
                or bool(self._references(name))
                or self._is_repeated(node)
                or any(self._changes(source.node) for _, source in self._links(node))
            )
        return self._changing[name]

    def _is_repeated(self, node: ModuleNode) -> bool:
        spec = self._graph.spec(node)
        return not spec.fetches and not (node.allow_reuse and spec.deterministic)

    def _references(self, name: NodeId) -> dict[str, str]:
        """Parameters of a node that are taken from global ones."""
        node = self._graph.node(name)
        assert isinstance(node, ModuleNode)
        return {name: value.name for name, value in node.values.items() if isinstance(value, ParameterRef)}

    # -- boxes ----------------------------------------------------------------------------------------------

    def _place(self, name: NodeId) -> tuple[str, str]:
        node, spec = self._module(name)
        environment = self._environment(node)
        has_script = isinstance(spec.entry, ScriptEntry) and spec.entry.language in ("python", "r")
        key = ("script", str(name)) if has_script else ("modules", str(environment.digest))
        self._boxes.setdefault(key, _Box(environment, has_script))
        return key

    def _environment(self, node: ModuleNode) -> ResolvedEnvironment:
        values = self._design.values[node.id]
        world = self._world
        return resolve_environment(world.environments, self._graph, node, self._service.environment, values)

    def _add_step(self, name: NodeId, box: _Box) -> None:
        node, spec = self._module(name)
        links = dict(self._links(node))
        inputs: dict[str, Json] = {}
        for port in spec.inputs:
            target = PortRef(name, port.name)
            if target in self._inputs_at:
                inputs[port.name] = {"type": "Dataset", "from": INPUT + self._inputs_at[target]}
            elif port.name in links:
                source = links[port.name]
                inputs[port.name] = {"type": self._type_of(source), "from": str(source)}
                if not self._changes(source.node):
                    staged = box.constants[str(source)] = self._parts.staged(source)
                    if staged.type == "Zip" and isinstance(spec.entry, ScriptEntry) and box.bundle is None:
                        box.bundle = staged
            else:
                inputs[port.name] = None
        references = self._references(name)
        values = {key: value for key, value in self._design.values[name].items() if key not in references}
        linked = {source.port for source in self._design.sources.values() if source.node == name}
        linked |= {output.source.port for output in self._graph.outputs if output.source.node == name}
        box.steps[str(name)] = {
            "title": node.title or spec.name,
            "entry": _entry_json(spec),
            "values": values,
            "references": dict(references),
            "parameters": [_plain(asdict(one)) for one in spec.parameters] if references else [],
            "inputs": inputs,
            "outputs": {
                port.name: {"type": port.type, "optional": port.optional and port.name not in linked}
                for port in spec.outputs
            },
            "bundle": box.bundle is not None,
        }

    def _groups(
        self, steps: list[NodeId], places: Mapping[NodeId, tuple[str, str]]
    ) -> Iterator[tuple[tuple[str, str], list[NodeId]]]:
        """Steps in an order that depends on, cut where the box changes; as few cuts as come easily."""
        left, done = list(steps), set[NodeId]()
        while left:
            ready = [node for node in left if self._waits_for(node) <= done]
            place = places[ready[0]]
            group: list[NodeId] = []
            while True:
                here = [n for n in left if places[n] == place and self._waits_for(n) <= done]
                if not here:
                    break
                group += here
                done |= set(here)
                left = [node for node in left if node not in done]
            yield place, group
        if any(not self._changes(output.source.node) for output in self._graph.outputs):
            yield self._writing_place(), []

    def _writing_place(self) -> tuple[str, str]:
        """A box of modules, for outputs that no step of a call makes."""
        environment = self._world.environments.resolve("current", None, None)
        key = ("modules", str(environment.digest))
        self._boxes.setdefault(key, _Box(environment, False))
        return key

    def _waits_for(self, name: NodeId) -> set[NodeId]:
        node, _ = self._module(name)
        return {source.node for _, source in self._links(node) if self._changes(source.node)}

    def _segment(
        self,
        number: int,
        box: int,
        group: list[NodeId],
        groups: list[tuple[tuple[str, str], list[NodeId]]],
    ) -> Segment:
        here = set(group)
        later = {node for _, nodes in groups[number + 1 :] for node in nodes}
        taken = {str(source) for node in group for source in self._changing_sources(node)}
        made = {str(source) for node in later for source in self._changing_sources(node)}
        reads = {self._inputs_at[target] for target in self._inputs_at if target.node in here}
        outputs = [
            (output.name, str(output.source))
            for output in self._graph.outputs
            if output.source.node in here or (not group and not self._changes(output.source.node))
        ]
        if not group:
            for output in self._graph.outputs:
                if not self._changes(output.source.node):
                    constants = list(self._boxes.values())[box].constants
                    constants[str(output.source)] = self._parts.staged(output.source)
        return Segment(
            box,
            tuple(map(str, group)),
            tuple(item.name for item in self._graph.inputs if item.name in reads),
            tuple(sorted(ref for ref in taken if self._node_of(ref) not in here)),
            tuple(sorted(ref for ref in made if self._node_of(ref) in here)),
            tuple(outputs),
            number == 0 or bool(reads) or any(self._references(node) for node in group),
        )

    def _changing_sources(self, name: NodeId) -> list[PortRef]:
        node, _ = self._module(name)
        return [source for _, source in self._links(node) if self._changes(source.node)]

    def _node_of(self, reference: str) -> NodeId:
        """The node of a content's reference; node ids may hold points, ports are known."""
        for name in self._design.order:
            if any(reference == f"{name}.{port.name}" for port in self._module(name)[1].outputs):
                return name
        raise AssertionError(reference)

    # -- inputs ---------------------------------------------------------------------------------------------

    def _box_plan(
        self, number: int, key: tuple[str, str], segments: tuple[Segment, ...], parameters: list[Json]
    ) -> BoxPlan:
        box = self._boxes[key]
        constants = dict(box.constants)
        inputs: list[Json] = []
        for item in self._graph.inputs:
            described: dict[str, Json] = {"name": item.name}
            declared = self._service.schemas.get(item.name)
            source = self._design_source(item)
            if declared is not None:
                described["columns"] = [{"name": one.name, "type": one.type} for one in declared]
            elif source is not None:
                described["sample"] = _SAMPLE + item.name
                constants[_SAMPLE + item.name] = self._parts.staged(source)
            inputs.append(described)
        service: dict[str, Json] = {
            "inputs": inputs,
            "parameters": parameters,
            "steps": dict(box.steps),
            "segments": {
                str(place): {
                    "steps": list(one.steps),
                    "reads": list(one.reads),
                    "needs": list(one.needs),
                    "gives": list(one.gives),
                    "outputs": [list(pair) for pair in one.outputs],
                }
                for place, one in enumerate(segments)
                if one.box == number
            },
        }
        return BoxPlan(box.environment, service, constants, box.bundle, box.has_script)

    def _design_source(self, item: GraphInput) -> PortRef | None:
        """What feeds the input's port while nobody calls."""
        return next((found for found in map(self._design.sources.get, item.targets) if found), None)

    # -- the graph ------------------------------------------------------------------------------------------

    def _module(self, name: NodeId) -> tuple[ModuleNode, ModuleSpec]:
        node = self._graph.node(name)
        assert isinstance(node, ModuleNode)
        return node, self._graph.spec(node)

    def _type_of(self, source: PortRef) -> str:
        return _port_type(self._graph, source)

    def _step_faults(self, name: NodeId) -> Iterator[Problem]:
        node, spec = self._module(name)
        entry = spec.entry
        is_callable = isinstance(entry, FunctionEntry) or (
            isinstance(entry, ScriptEntry) and entry.language in ("python", "r", "sql")
        )
        if not is_callable or spec.fetches:
            what = f"{spec.name} cannot be carried out on each call of a web service."
            fix = "Move the web service input behind it, or run the graph as a batch."
            yield Problem("W204", what, f"nodes.{node.id}", fix)


def _output_faults(graph: Graph) -> Iterator[Problem]:
    if not graph.outputs:
        fix = "Put a Web service output behind the module whose table callers want."
        yield Problem("W201", "The graph has no web service output.", "outputs", fix)
    off = graph.disabled()
    for output in graph.outputs:
        if output.source.node in off:
            what = f"The output '{output.name}' comes from '{output.source.node}', which is switched off."
            fix = "Enable the module and all before it, or take the output away."
            yield Problem("G301", what, str(output.source), fix)
            continue
        kind = _port_type(graph, output.source)
        if kind != "Dataset":
            what = f"The output '{output.name}' gives content of type {kind}; a call is answered with tables."
            yield Problem("W202", what, str(output.source), "Run it as a batch, or choose another port.")


def _port_type(graph: Graph, source: PortRef) -> str:
    node = graph.node(source.node)
    if isinstance(node, DataNode):
        return node.type
    port = graph.spec(node).output(source.port) if isinstance(node, ModuleNode) else None
    return port.type if port is not None else "Any"


def _entry_json(spec: ModuleSpec) -> Json:
    entry = spec.entry
    if isinstance(entry, ScriptEntry):
        return {"kind": "script", "language": entry.language, "function": entry.function}
    assert isinstance(entry, FunctionEntry)
    return {"kind": "function", "target": entry.target}


def _plain(value: object) -> Json:
    """Tuples as lists."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value  # type: ignore[return-value]
