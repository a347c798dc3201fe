"""ARM export: an experiment as the definition of a "new" web service (2016-05-01-preview).

Source: studio.md, Corrections; services.md 1.5 (``webservicedefinition``). It holds no data and no secrets:
resources are named, and their content stays here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json
from skyloom.core.parameter import ParameterRef
from skyloom.studio.classic_export import BUILT_IN_WORKSPACE, wire_text

_WIRE: Mapping[str, str] = {
    "Dataset": "Dataset",
    "ILearner": "ILearnerDotNet",
    "ITransform": "ITransformDotNet",
    "Zip": "Zip",
    "PlainText": "PlainText",
}
_SECRET = "secret"


def service_definition(graph: Graph, view: GraphView) -> dict[str, Json]:
    """The properties of the web service."""
    nodes, edges = _ports(graph)
    assets: dict[str, Json] = {}
    for node in graph.nodes:
        body: dict[str, Json] = {"assetId": str(node.id)}
        if isinstance(node, ModuleNode):
            assets[str(node.id)] = _module(graph, node)
            body["parameters"] = dict(_values(graph, node))
        else:
            assets[str(node.id)] = _resource(node)
        nodes[str(node.id)] = body
    edges += [
        {
            "sourceNodeId": str(edge.source.node),
            "sourcePortId": edge.source.port,
            "targetNodeId": str(edge.target.node),
            "targetPortId": edge.target.port,
        }
        for edge in graph.edges
    ]
    return {
        "title": view.name,
        "description": view.summary,
        "packageType": "Graph",
        "package": {"nodes": nodes, "edges": edges, "graphParameters": _parameters(graph)},
        "assets": assets,
        "input": _tables(view.name, [port.name for port in graph.inputs]),
        "output": _tables(view.name, [port.name for port in graph.outputs]),
        "parameters": {
            one.name: {"defaultValue": wire_text(one.default, False)}
            for one in graph.parameters
            if one.default is not None and one.type != _SECRET
        },
    }


def _ports(graph: Graph) -> tuple[dict[str, Json], list[Json]]:
    """Nodes of the service's ports, and what links them: an input has no source port, an output no target."""
    nodes: dict[str, Json] = {}
    edges: list[Json] = []
    for port in graph.inputs:
        name = f"input-{port.name}"
        nodes[name] = {"inputId": port.name}
        edges += [
            {"sourceNodeId": name, "targetNodeId": str(target.node), "targetPortId": target.port}
            for target in port.targets
        ]
    for output in graph.outputs:
        name = f"output-{output.name}"
        nodes[name] = {"outputId": output.name}
        source = output.source
        edges.append({"sourceNodeId": str(source.node), "sourcePortId": source.port, "targetNodeId": name})
    return nodes, edges


def _module(graph: Graph, node: ModuleNode) -> dict[str, Json]:
    spec = graph.spec(node)
    known = f"{BUILT_IN_WORKSPACE}.{spec.family}.v1-default-1" if spec.family else spec.name
    return {
        "name": spec.name,
        "type": "Module",
        "id": known,
        "locationInfo": {"uri": ""},
        "inputPorts": {port.name: {"type": _WIRE.get(port.accepts[0], "Any")} for port in spec.inputs},
        "outputPorts": {port.name: {"type": _WIRE.get(port.type, "Any")} for port in spec.outputs},
    }


def _resource(node: DataNode) -> dict[str, Json]:
    return {
        "name": node.title or str(node.id),
        "type": "Resource",
        "locationInfo": {"uri": ""},
        "outputPorts": {"data": {"type": _WIRE.get(node.type, node.type)}},
    }


def _values(graph: Graph, node: ModuleNode) -> Iterator[tuple[str, Json]]:
    """Literal values; those that a graph parameter feeds stand with that, secrets nowhere."""
    spec = graph.spec(node)
    for name, value in node.values.items():
        parameter = spec.parameter(name)
        kind = parameter.type if parameter is not None else "string"
        if not isinstance(value, ParameterRef) and kind != _SECRET:
            yield name, wire_text(value, kind == "columns")


def _parameters(graph: Graph) -> dict[str, Json]:
    links: dict[str, list[Json]] = {one.name: [] for one in graph.parameters}
    for node in graph.nodes:
        for key, value in node.values.items() if isinstance(node, ModuleNode) else ():
            if isinstance(value, ParameterRef):
                links.setdefault(value.name, []).append({"nodeId": str(node.id), "parameterKey": key})
    docs = {one.name: one.doc for one in graph.parameters}
    return {
        name: {"description": docs.get(name, ""), "type": "String", "links": fed}
        for name, fed in links.items()
    }


def _tables(title: str, names: list[str]) -> dict[str, Json]:
    table: Json = {"type": "object"}
    return {"title": title, "type": "object", "properties": dict.fromkeys(names, table)}
