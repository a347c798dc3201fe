"""Edits: Graph -> Graph, one for each thing a hand does on the canvas. Nothing is changed in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from skyloom.core.data_type import is_a
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, GraphOutput, ModuleNode, Node, PortRef
from skyloom.core.graph_problems import close_name, is_placeholder, output_port
from skyloom.core.identity import Digest, NodeId
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import ParameterRef, Value
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import spec_digest

Newest = Callable[[ModuleSpec], ModuleSpec | None]


def free_id(graph: Graph, wanted: str) -> NodeId:
    """``wanted``, or the first of ``wanted 2``, ``wanted 3`` ... that no node has."""
    taken = {node.id for node in graph.nodes}
    name, number = NodeId(wanted), 2
    while name in taken:
        name, number = NodeId(f"{wanted} {number}"), number + 1
    return name


def add_module(graph: Graph, node: NodeId, spec: ModuleSpec, values: Mapping[str, Value]) -> Graph:
    """A module with these values; its other parameters stand at their defaults."""
    digest = spec_digest(spec)
    return replace(
        graph,
        nodes=(*graph.nodes, ModuleNode(node, digest, dict(values))),
        modules={**graph.modules, digest: spec},
    )


def add_data(graph: Graph, node: DataNode) -> Graph:
    return replace(graph, nodes=(*graph.nodes, node))


def remove_node(graph: Graph, node: NodeId) -> Graph:
    """Without the node and every link, order and web service port that named it."""
    return _tidied(
        replace(
            graph,
            nodes=tuple(n for n in graph.nodes if n.id != node),
            edges=tuple(e for e in graph.edges if node not in (e.source.node, e.target.node)),
            order=tuple(pair for pair in graph.order if node not in pair),
            inputs=_without_targets(graph.inputs, lambda ref: ref.node == node),
            outputs=tuple(port for port in graph.outputs if port.source.node != node),
        )
    )


def without_disabled(graph: Graph) -> Graph:
    """The graph without the modules that are switched off and all that is behind them."""
    for node in graph.disabled():
        graph = remove_node(graph, node)
    return graph


def replace_node(graph: Graph, now: Node) -> Graph:
    """The node of that id as it is given; its place in the graph stays."""
    _required(graph, now.id)
    return replace(graph, nodes=tuple(now if node.id == now.id else node for node in graph.nodes))


def replace_module(graph: Graph, node: NodeId, spec: ModuleSpec) -> Graph:
    """Another definition behind a node; values of parameters and links of ports that it lacks go."""
    found = _module(graph, node)
    digest = spec_digest(spec)
    kept = {name: value for name, value in found.values.items() if spec.parameter(name) is not None}
    graph = replace(
        replace_node(graph, replace(found, module=digest, values=kept)),
        modules={**graph.modules, digest: spec},
    )
    edges = tuple(edge for edge in graph.edges if node not in _ends(edge) or _fits(graph, edge))
    return _tidied(
        replace(
            graph,
            edges=edges,
            inputs=_without_targets(
                graph.inputs, lambda ref: ref.node == node and spec.input(ref.port) is None
            ),
            outputs=tuple(
                port
                for port in graph.outputs
                if port.source.node != node or spec.output(port.source.port) is not None
            ),
        )
    )


def connect(graph: Graph, source: PortRef, target: PortRef) -> Graph:
    """A link; the one that entered the port before gives way, for an input takes one source.

    Raises
    ------
    ProblemError
        G001, G002 no such node or port; G005 the types do not fit; G003 the link would close a loop.
    """
    edge = Edge(source, target)
    made = output_port(graph, _required(graph, source.node), source.port)
    wanted = graph.spec(_module(graph, target.node)).input(target.port)
    for port, ref in ((made, source), (wanted, target)):
        if port is None:
            raise _problem(
                "G002", f"The node '{ref.node}' has no port '{ref.port}'.", str(ref), "Link another."
            )
    if not _fits(graph, edge):
        raise _problem(
            "G005",
            f"'{source}' does not give what '{target}' takes.",
            str(target),
            "Link an output of a fitting type, or put a conversion module between them.",
        )
    if target.node in graph.ancestors({source.node}):
        raise _problem(
            "G003", f"A link from '{source}' to '{target}' would close a loop.", str(target), "Link another."
        )
    kept = tuple(known for known in graph.edges if known.target != target)
    return replace(graph, edges=(*kept, edge))


def disconnect(graph: Graph, target: PortRef) -> Graph:
    """Without the link that enters the port."""
    return replace(graph, edges=tuple(edge for edge in graph.edges if edge.target != target))


def set_value(graph: Graph, node: NodeId, name: str, value: Value) -> Graph:
    """A parameter's value; None brings the default back.

    Raises
    ------
    ProblemError
        G009: the module has no such parameter.
    """
    found = _module(graph, node)
    spec = graph.spec(found)
    if spec.parameter(name) is None:
        known = [parameter.name for parameter in spec.parameters]
        hint = close_name(name, known) or f"It has: {', '.join(known)}."
        raise _problem("G009", f"{spec.name} has no parameter '{name}'.", f"{node}.{name}", hint)
    values = {key: kept for key, kept in found.values.items() if key != name}
    if value is not None:
        values[name] = value
    return replace_node(graph, replace(found, values=values))


def set_title(graph: Graph, node: NodeId, title: str) -> Graph:
    return replace_node(graph, replace(_required(graph, node), title=title))


def set_input(graph: Graph, port: GraphInput) -> Graph:
    """A web service input; one of the same name gives way."""
    return replace(graph, inputs=(*(known for known in graph.inputs if known.name != port.name), port))


def set_output(graph: Graph, port: GraphOutput) -> Graph:
    """A web service output; one of the same name gives way."""
    return replace(graph, outputs=(*(known for known in graph.outputs if known.name != port.name), port))


def link_parameter(graph: Graph, node: NodeId, name: str, to: str = "") -> Graph:
    """Set as web service parameter (studio.md 4.4).

    Without ``to`` a graph parameter is made, named after the module parameter's label, then label1, label2;
    its default is the value that stood there. With ``to`` the value is taken from that graph parameter.

    Raises
    ------
    ProblemError
        G009, G011 no such parameter; G216 the two differ in type.
    """
    found = _module(graph, node)
    spec = graph.spec(found)
    parameter = spec.parameter(name)
    if parameter is None:
        return set_value(graph, node, name, None)  # says what is wrong
    if not to:
        to = _free_parameter(graph, parameter.label or parameter.name)
        now = found.values.get(name, parameter.default)
        default = None if isinstance(now, ParameterRef) else now
        made = replace(parameter, name=to, default=default, shown_when=None, required=default is None)
        graph = replace(graph, parameters=(*graph.parameters, made))
    known = next((one for one in graph.parameters if one.name == to), None)
    if known is None:
        names = [one.name for one in graph.parameters]
        raise _problem("G011", f"The graph has no parameter '{to}'.", to, close_name(to, names))
    if known.type != parameter.type:
        raise _problem(
            "G216",
            f"'{to}' is of type {known.type}, '{name}' of {spec.name} of type {parameter.type}.",
            f"{node}.{name}",
            "Link parameters of one type.",
        )
    return set_value(graph, node, name, ParameterRef(to))


def with_newest_modules(graph: Graph, newest: Newest) -> Graph:
    """Every module in the version that ``newest`` gives, incompatible links dropped (studio.md 4.1).

    A node's own further outputs stay its own.
    """
    for node in graph.nodes:
        if not isinstance(node, ModuleNode) or is_placeholder(graph, node):
            continue
        spec = graph.spec(node)
        found = newest(spec)
        if found is None:
            continue
        further = spec.outputs[len(found.outputs) :] if found.further_outputs else ()
        now = found.with_outputs(further)
        if now != spec:
            graph = replace_module(graph, node.id, now)
    return graph


def with_used_modules(graph: Graph) -> Graph:
    """Without definitions that no node uses."""
    return _tidied(graph)


def _fits(graph: Graph, edge: Edge) -> bool:
    source, target = graph.node(edge.source.node), graph.node(edge.target.node)
    if source is None or not isinstance(target, ModuleNode):
        return False
    made, wanted = output_port(graph, source, edge.source.port), graph.spec(target).input(edge.target.port)
    if made is None or wanted is None:
        return False
    if is_placeholder(graph, source) or is_placeholder(graph, target):
        return True
    return any(is_a(made.type, accepted) for accepted in wanted.accepts)


def _ends(edge: Edge) -> tuple[NodeId, NodeId]:
    return edge.source.node, edge.target.node


def _without_targets(
    inputs: tuple[GraphInput, ...], gone: Callable[[PortRef], bool]
) -> tuple[GraphInput, ...]:
    kept = (replace(port, targets=tuple(ref for ref in port.targets if not gone(ref))) for port in inputs)
    return tuple(port for port in kept if port.targets)


def _tidied(graph: Graph) -> Graph:
    used: set[Digest] = {node.module for node in graph.nodes if isinstance(node, ModuleNode)}
    return replace(graph, modules={digest: spec for digest, spec in graph.modules.items() if digest in used})


def _free_parameter(graph: Graph, wanted: str) -> str:
    taken = {parameter.name for parameter in graph.parameters}
    name, number = wanted, 1
    while name in taken:
        name, number = f"{wanted}{number}", number + 1
    return name


def _required(graph: Graph, node: NodeId) -> Node:
    found = graph.node(node)
    if found is None:
        names = [str(known.id) for known in graph.nodes]
        hint = close_name(node, names) or f"The graph has: {', '.join(names)}."
        raise _problem("G001", f"There is no node '{node}'.", f"nodes.{node}", hint)
    return found


def _module(graph: Graph, node: NodeId) -> ModuleNode:
    found = _required(graph, node)
    if isinstance(found, ModuleNode):
        return found
    raise _problem(
        "G002", f"The data node '{node}' has no inputs and parameters.", f"nodes.{node}", "Choose a module."
    )


def _problem(code: str, message: str, where: str, fix: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, fix))
