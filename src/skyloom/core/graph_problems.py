"""Every reason a graph cannot run, each with its place and the way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError

from skyloom.core.data_reference import PARAMETER_STORE, DataReference
from skyloom.core.data_type import BUILT_IN_TYPES, is_a
from skyloom.core.data_value import place_of
from skyloom.core.generation import GENERATION
from skyloom.core.graph import DataNode, Edge, Graph, ModuleNode, Node, PortRef
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import InputPort, OutputPort, PlaceholderEntry
from skyloom.core.parameter import ParameterRef, is_shown, value_faults
from skyloom.core.problem import Problem


def graph_problems(graph: Graph) -> Iterator[Problem]:
    """Every fault of the graph; nothing yielded means that it can run (studio.md 4.1).

    Codes: G001 unknown node, G002 unknown port, G003 loop, G004 two links into a port, G005 type,
    G006 required port empty, G007 repeated id, G009 unknown parameter, G010 bad value, G011 unknown
    graph parameter, G013 nothing to run, G015 repeated service port, G200 placeholder, G300 all of it
    is switched off. Of a module that is switched off, or stands behind one, values, empty ports and a
    missing twin are no fault.
    """
    nodes = {node.id: node for node in graph.nodes}
    yield from _repeated_ids(graph.nodes)
    if not any(isinstance(node, ModuleNode) for node in graph.nodes):
        yield Problem(
            "G013", "The graph has no module, so there is nothing to run.", "nodes", "Add a module."
        )
    off = graph.disabled()
    if off and all(node.id in off for node in graph.nodes if isinstance(node, ModuleNode)):
        yield Problem(
            "G300",
            "Every module is disabled or stands behind one that is, so there is nothing to run.",
            "nodes",
            "Enable a module.",
        )
    links = list(_dangling(graph, nodes))
    yield from links
    if not links:
        yield from _loop(graph)
    taken: set[PortRef] = set()
    for edge in graph.edges:
        if edge.target in taken:
            yield Problem(
                "G004",
                f"Two links enter the input port '{edge.target.port}' of '{edge.target.node}'.",
                str(edge.target),
                "Keep one; join the tables with Add Rows, Add Columns or Join Data if both are wanted.",
            )
        taken.add(edge.target)
        yield from _misfit(graph, nodes, edge)
    for service_input in graph.inputs:
        taken.update(service_input.targets)
    for node in graph.nodes:
        if node.id in off:
            continue
        if isinstance(node, ModuleNode) and is_placeholder(graph, node):
            yield _without_twin(graph, node)
        elif isinstance(node, ModuleNode):
            yield from _empty_ports(graph, node, taken)
            yield from _values(graph, node)
    yield from service_port_problems(graph)


def value_problems(graph: Graph, given: Mapping[str, Json]) -> Iterator[Problem]:
    """Faults of the values given to the graph's own parameters at submission (G010, G014)."""
    known = {parameter.name: parameter for parameter in graph.parameters}
    for name in given:
        if name not in known:
            yield Problem(
                "G014",
                f"The graph has no parameter '{name}'.",
                f"parameters.{name}",
                close_name(name, list(known)) or _listed("It has", list(known)),
            )
    for parameter in graph.parameters:
        checked = GENERATION if parameter.name == GENERATION.name else parameter
        for message, fix in value_faults(checked, given.get(parameter.name, parameter.default)):
            yield Problem("G010", message, f"parameters.{parameter.name}", fix)
    for node in graph.nodes:
        data = node.data if isinstance(node, DataNode) else None
        if isinstance(data, DataReference) and data.datastore == PARAMETER_STORE:
            default = known[data.path].default if data.path in known else None
            if place_of(given.get(data.path, default)) is None:
                what = (
                    f"The parameter '{data.path}' stands for data, and its value is no place and no dataset."
                )
                fix = "Give it a DataPath or a Dataset."
                yield Problem("P245", what, f"parameters.{data.path}", fix)


def close_name(name: str, known: Sequence[str]) -> str:
    """A hint such as ``Did you mean 'Dataset1'?``, or nothing when no name is near."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if not close:
        lowered = {k.lower(): k for k in known}
        close = [lowered[near] for near in get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)]
    return f"Did you mean '{close[0]}'?" if close else ""


def _listed(lead: str, names: Sequence[str]) -> str:
    return f"{lead}: {', '.join(names)}." if names else f"{lead} none."


def _repeated_ids(nodes: Sequence[Node]) -> Iterator[Problem]:
    for node, count in Counter(node.id for node in nodes).items():
        if count > 1:
            yield Problem(
                "G007", f"{count} nodes are called '{node}'.", f"nodes.{node}", "Give each its own id."
            )


def _dangling(graph: Graph, nodes: Mapping[NodeId, Node]) -> Iterator[Problem]:
    ends = [(edge.source.node, str(edge.target)) for edge in graph.edges]
    ends += [(edge.target.node, str(edge.source)) for edge in graph.edges]
    ends += [(node, "after") for pair in graph.order for node in pair]
    ends += [(ref.node, f"inputs.{port.name}") for port in graph.inputs for ref in port.targets]
    ends += [(port.source.node, f"outputs.{port.name}") for port in graph.outputs]
    for node, place in ends:
        if node not in nodes:
            yield Problem(
                "G001",
                f"There is no node '{node}'.",
                place,
                close_name(node, list(nodes)) or _listed("The graph has", list(nodes)),
            )


def _loop(graph: Graph) -> Iterator[Problem]:
    try:
        graph.topological()
    except CycleError as error:
        loop = " -> ".join(error.args[1])
        yield Problem("G003", f"The modules form a loop: {loop}.", loop, "Remove one of these links.")


def output_port(graph: Graph, node: Node, port: str) -> OutputPort | None:
    """The output port of that name; a data node has one, called ``data``."""
    if isinstance(node, DataNode):
        return OutputPort("data", node.type) if port == "data" else None
    return graph.spec(node).output(port)


def _input_port(graph: Graph, node: Node, port: str) -> InputPort | None:
    return graph.spec(node).input(port) if isinstance(node, ModuleNode) else None


def _misfit(graph: Graph, nodes: Mapping[NodeId, Node], edge: Edge) -> Iterator[Problem]:
    source, target = nodes.get(edge.source.node), nodes.get(edge.target.node)
    if source is None or target is None:
        return
    made = output_port(graph, source, edge.source.port)
    wanted = _input_port(graph, target, edge.target.port)
    if made is None:
        names = [p.name for p in graph.spec(source).outputs] if isinstance(source, ModuleNode) else ["data"]
        yield _no_port("output", edge.source, names)
    if wanted is None:
        names = [p.name for p in graph.spec(target).inputs] if isinstance(target, ModuleNode) else []
        yield _no_port("input", edge.target, names)
    if is_placeholder(graph, source) or is_placeholder(graph, target):
        return  # what its ports take and give is not known
    if made and wanted and not any(is_a(made.type, accepted) for accepted in wanted.accepts):
        yield Problem(
            "G005",
            f"The input port '{wanted.name}' of '{edge.target.node}' takes {' or '.join(wanted.accepts)}, "
            f"but '{edge.source}' gives {made.type}.",
            str(edge.target),
            "Link an output of a fitting type, or put a conversion module between them.",
        )


def is_placeholder(graph: Graph, node: Node) -> bool:
    """Whether the node stands for a module that has no twin here."""
    return isinstance(node, ModuleNode) and isinstance(graph.spec(node).entry, PlaceholderEntry)


def _without_twin(graph: Graph, node: ModuleNode) -> Problem:
    spec = graph.spec(node)
    return Problem(
        "G200",
        f"The module '{spec.name}' has no twin here, so '{node.id}' cannot be run.",
        f"nodes.{node.id}",
        "Put another module in its place, or remove it; "
        "a module of that family that is installed later takes its place by itself.",
    )


def _no_port(side: str, ref: PortRef, names: Sequence[str]) -> Problem:
    return Problem(
        "G002",
        f"The node '{ref.node}' has no {side} port '{ref.port}'.",
        str(ref),
        close_name(ref.port, names) or _listed("It has", names),
    )


def _empty_ports(graph: Graph, node: ModuleNode, taken: set[PortRef]) -> Iterator[Problem]:
    for port in graph.spec(node).inputs:
        ref = PortRef(node.id, port.name)
        if port.required and ref not in taken:
            yield Problem(
                "G006",
                f"The input port '{port.name}' of '{node.id}' has no data.",
                str(ref),
                f"Link a {' or '.join(port.accepts)} to it.",
            )


def _values(graph: Graph, node: ModuleNode) -> Iterator[Problem]:
    spec = graph.spec(node)
    graph_parameters = {parameter.name for parameter in graph.parameters}
    for name, value in node.values.items():
        where = f"{node.id}.{name}"
        if spec.parameter(name) is None:
            names = [parameter.name for parameter in spec.parameters]
            yield Problem(
                "G009",
                f"{spec.name} has no parameter '{name}'.",
                where,
                close_name(name, names) or _listed("It has", names),
            )
        elif isinstance(value, ParameterRef) and value.name not in graph_parameters:
            yield Problem(
                "G011",
                f"'{where}' takes its value from the graph parameter '{value.name}', which does not exist.",
                where,
                close_name(value.name, sorted(graph_parameters)) or "Declare it under 'parameters'.",
            )
    for parameter in spec.parameters:
        value = node.values.get(parameter.name, parameter.default)
        if isinstance(value, ParameterRef) or not is_shown(spec.parameters, parameter, node.values):
            continue
        for message, fix in value_faults(parameter, value):
            yield Problem("G010", message, f"{node.id}.{parameter.name}", fix)


def service_port_problems(graph: Graph) -> Iterator[Problem]:
    """Faults of web service ports (G015, G002)."""
    nodes = {node.id: node for node in graph.nodes}
    for side, names in (
        ("inputs", [port.name for port in graph.inputs]),
        ("outputs", [port.name for port in graph.outputs]),
    ):
        for name, count in Counter(names).items():
            if count > 1 or ":" in name:
                yield Problem(
                    "G015",
                    f"The web service port name '{name}' is used {count} times or holds a colon.",
                    f"{side}.{name}",
                    "Use each name once, without ':'.",
                )
    for service_input in graph.inputs:
        for ref in service_input.targets:
            target = nodes.get(ref.node)
            if isinstance(target, ModuleNode) and graph.spec(target).input(ref.port) is None:
                yield _no_port("input", ref, [port.name for port in graph.spec(target).inputs])
    for service_output in graph.outputs:
        ref = service_output.source
        source = nodes.get(ref.node)
        if source is not None and output_port(graph, source, ref.port) is None:
            names = (
                [p.name for p in graph.spec(source).outputs] if isinstance(source, ModuleNode) else ["data"]
            )
            yield _no_port("output", ref, names)


def known_types() -> tuple[str, ...]:
    """Names of the data types an output may have."""
    return tuple(BUILT_IN_TYPES)
