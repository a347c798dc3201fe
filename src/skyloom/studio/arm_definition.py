"""ARM definition: a "new" web service (2016-05-01-preview, package type Graph) read into a graph.

Source: studio.md, Corrections. Keys are read regardless of case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, GraphOutput, ModuleNode, Node, PortRef
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter, ParameterRef, Value
from skyloom.core.serialize import spec_digest
from skyloom.studio.arm_expression import NotKnown, Template
from skyloom.studio.embedded_content import Embedded, embedded_in
from skyloom.studio.foreign_graph import ForeignGraph, ForeignModule
from skyloom.studio.foreign_json import Fields
from skyloom.studio.secret_redaction import REDACTED

UNTITLED = "Imported web service"
RESOURCE = "microsoft.machinelearning/webservices"
_FAMILY = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", re.IGNORECASE)
# types of ports as the old product wrote them, with ours (studio.md 2.1)
TYPES: Mapping[str, str] = {
    "dataset": "Dataset",
    "datatabledotnet": "Dataset",
    "genericcsv": "Dataset",
    "genericcsvnoheader": "Dataset",
    "generictsv": "Dataset",
    "generictsvnoheader": "Dataset",
    "arff": "Dataset",
    "svmlight": "Dataset",
    "plaintext": "PlainText",
    "zip": "Zip",
    "ilearnerdotnet": "ILearner",
    "itransformdotnet": "ITransform",
}


def service_resource(top: Mapping[str, Json]) -> Fields | None:
    """The properties of the web service: in a template's resources, in a resource, or alone."""
    whole = Fields(dict(top))
    candidates = [one for one in whole.items("resources") if one.text("type").casefold() == RESOURCE]
    for one in (*candidates, whole):
        for properties in (one.fields("properties"), one):
            if "nodes" in properties.fields("package"):
                return properties
    return None


def read_definition(top: Mapping[str, Json]) -> ForeignGraph:
    """The scoring graph, every module a placeholder; data that it does not hold waits to be bound."""
    properties = service_resource(top)
    assert properties is not None
    return _Definition(properties, _template(Fields(dict(top)))).read(_name(Fields(dict(top)), properties))


@dataclass
class _Definition:
    """One definition while it is read."""

    properties: Fields
    template: Template
    notes: list[str] = field(default_factory=list)
    node_notes: dict[NodeId, list[str]] = field(default_factory=dict)
    embedded: dict[NodeId, Embedded] = field(default_factory=dict)

    def read(self, name: str) -> ForeignGraph:
        package = self.properties.fields("package")
        assets = dict(self.properties.named("assets")) or dict(package.named("assets"))
        linked = self._linked(package)
        ports: dict[str, tuple[str, str]] = {}  # node of a service port -> ("input" or "output", its name)
        nodes: dict[str, Node] = {}
        specs: dict[NodeId, ModuleSpec] = {}
        for node, body in package.named("nodes"):
            side = next((side for side in ("input", "output") if body.text(f"{side}Id")), None)
            if side is not None:
                ports[node] = (side, body.text(f"{side}Id"))
                continue
            asset = assets.get(body.text("assetId"), Fields(None))
            if _is_resource(asset):
                nodes[node] = self._resource(node, asset)
            else:
                made, spec = self._module(node, body, asset, linked.get(node, {})).placeholder()
                nodes[node], specs[made.id] = made, spec
        graph = Graph(
            tuple(nodes.values()),
            (),
            {spec_digest(spec): spec for spec in specs.values()},
            self._parameters(package),
        )
        graph = self._joined(graph, package, ports, specs)
        view = GraphView(name, self.properties.text("description"))
        return ForeignGraph(graph, view, raw=graph, graph_notes=tuple(self.notes), embedded=self.embedded)

    def _module(self, node: str, body: Fields, asset: Fields, linked: Mapping[str, str]) -> ForeignModule:
        place = asset.fields("locationInfo").text("uri")
        family = next((found[0] for text in (asset.text("id"), place) if (found := _families(text))), "")
        values: dict[str, Value] = {}
        for name, value in body.fields("parameters").value.items():
            told = self._value(node, name, value)
            if told is not None:
                values[name] = told
        for name, graph_parameter in linked.items():
            values[name] = ParameterRef(graph_parameter)
        inputs = list(asset.fields("inputPorts").value)
        outputs = {
            port: TYPES.get(what.text("type").casefold(), "Any") for port, what in asset.named("outputPorts")
        }
        label = asset.text("name") or body.text("assetId") or node
        return ForeignModule(
            NodeId(node), place or label, family, label, "", values, tuple(inputs), tuple(outputs.items())
        )

    def _value(self, node: str, name: str, value: Json) -> Json:
        """A literal, a worked out expression, or what stands beside a certificate's name."""
        if isinstance(value, dict):
            body = Fields(value)
            if body.text("certificateThumbprint"):
                self.notes.append(f"'{node}': the value of '{name}' is encrypted; type it anew")
                return None
            value = body.get("value")
        try:
            value = self.template.value(value)
        except NotKnown:
            self.notes.append(f"'{node}': the value of '{name}' is known at deployment only; type it in")
            return None
        if value == REDACTED:
            self.notes.append(f"'{node}': the secret in '{name}' was not taken over; type it anew")
            return None
        return value if value is None or isinstance(value, str) else _text(value)

    def _resource(self, node: str, asset: Fields) -> DataNode:
        """A dataset, a model, a transform or a script bundle; ``title`` is what the file calls it."""
        types = [TYPES.get(port.text("type").casefold(), "File") for _, port in asset.named("outputPorts")]
        made = DataNode(
            NodeId(node), DatasetVersion(node), types[0] if types else "Dataset", asset.text("name")
        )
        found = embedded_in(asset, made.title or node, made.type, self.notes)
        if found is not None:
            self.embedded[made.id] = found
        return made

    def _linked(self, package: Fields) -> dict[str, dict[str, str]]:
        """Node -> its parameter -> the graph parameter that feeds it."""
        found: dict[str, dict[str, str]] = {}
        for name, body in package.named("graphParameters"):
            for link in body.items("links"):
                found.setdefault(link.text("nodeId"), {})[link.text("parameterKey")] = name
        return found

    def _parameters(self, package: Fields) -> tuple[Parameter, ...]:
        given = dict(self.properties.named("parameters"))
        folded = {name.casefold(): body for name, body in given.items()}
        found = []
        for name, body in package.named("graphParameters"):
            described = folded.get(name.casefold(), Fields(None))
            default = described.get("value") if "value" in described else described.get("defaultValue")
            value = self._value("parameters", name, default) if default is not None else None
            found.append(
                Parameter(name, "string", value, required=value is None, doc=body.text("description"))
            )
        return tuple(found)

    def _joined(
        self,
        graph: Graph,
        package: Fields,
        ports: Mapping[str, tuple[str, str]],
        specs: Mapping[NodeId, ModuleSpec],
    ) -> Graph:
        """Edges between modules are links; those from and to service ports are the ports themselves.

        A port may have both: the rows of a call then replace the table that is linked.
        """
        edges: dict[PortRef, Edge] = {}
        inputs: dict[str, list[PortRef]] = {}
        outputs: dict[str, GraphOutput] = {}
        for body in package.items("edges"):
            source, target = body.text("sourceNodeId"), body.text("targetNodeId")
            given, taken = ports.get(source), ports.get(target)
            from_port = self._port(graph, specs, source, body.text("sourcePortId"), "outputs")
            to_port = self._port(graph, specs, target, body.text("targetPortId"), "inputs")
            if given is not None and taken is None and graph.node(target) is not None:
                inputs.setdefault(given[1], []).append(to_port)
            elif taken is not None and given is None and graph.node(source) is not None:
                outputs.setdefault(taken[1], GraphOutput(taken[1], from_port))
            elif graph.node(source) is None or graph.node(target) is None:
                self.notes.append(f"a link from '{source}' to '{target}' names a node that is not there")
            elif to_port in edges:
                self.notes.append(f"several links enter '{to_port}'; the first is taken")
            else:
                edges[to_port] = Edge(from_port, to_port)
        return replace(
            graph,
            edges=tuple(edges.values()),
            inputs=tuple(GraphInput(name, tuple(refs)) for name, refs in inputs.items()),
            outputs=tuple(outputs.values()),
        )

    def _port(
        self, graph: Graph, specs: Mapping[NodeId, ModuleSpec], node: str, port: str, side: str
    ) -> PortRef:
        """A port by its name; the first where the file names none, ``data`` of a resource."""
        found = graph.node(node)
        if isinstance(found, DataNode):
            return PortRef(found.id, "data")
        spec = specs.get(NodeId(node))
        if not port and spec is not None and isinstance(found, ModuleNode):
            names = [known.name for known in (spec.inputs if side == "inputs" else spec.outputs)]
            port = names[0] if names else ""
        return PortRef(NodeId(node), port)


def _is_resource(asset: Fields) -> bool:
    """A resource asset says so, or has outputs and neither inputs nor parameters of its own."""
    kind = asset.text("type").casefold()
    if kind:
        return kind == "resource"
    return (
        bool(asset.fields("outputPorts").value)
        and not asset.fields("inputPorts").value
        and "parameters" not in asset
    )


def _families(text: str) -> list[str]:
    """Ids of 32 digits in an asset's id or address: a workspace's stands before the module's."""
    found = _FAMILY.findall(text.replace("-", "").lower())
    return found[1:2] or found[:1]


def _template(top: Fields) -> Template:
    parameters = {name: body.get("defaultValue") for name, body in top.named("parameters")}
    return Template(parameters, top.fields("variables").value)


def _name(top: Fields, properties: Fields) -> str:
    title = properties.text("title").strip()
    resource = next((one for one in top.items("resources") if one.text("type").casefold() == RESOURCE), top)
    try:
        name = _template(top).value(resource.text("name"))
    except NotKnown:
        name = ""
    return title or str(name or "").strip() or UNTITLED


def _text(value: Json) -> str:
    return str(value) if isinstance(value, (bool, int, float)) else repr(value)
