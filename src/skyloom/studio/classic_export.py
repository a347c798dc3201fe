"""Classic export: an experiment as the JSON of the old product.

A graph that was imported and not edited is its file again, letter for letter. An edited one is that file with
the edits put in; what this product does not know stays where it was.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Experiment, Foreign
from skyloom.core.experiments_api import ExportFormat
from skyloom.core.graph import DataNode, Edge, Graph, ModuleNode, PortRef
from skyloom.core.graph_file import Catalogue
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json, NodeId
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import ParameterRef, Value
from skyloom.core.problem import Problem, ProblemError
from skyloom.studio.classic_graph import ASSETS, read_module, split_port
from skyloom.studio.classic_positions import with_positions
from skyloom.studio.foreign_file import read_foreign
from skyloom.studio.foreign_graph import ForeignGraph
from skyloom.studio.foreign_json import Fields, parse_foreign
from skyloom.studio.twin import matched, parameter_named

BUILT_IN_WORKSPACE = "506153734175476c4f62416c57734963"  # studio.md 2.1
_ASSET_KEYS = {type: key for key, type in ASSETS}
Body = dict[str, Any]  # an object of the file that is written


def exported(experiment: Experiment, format: ExportFormat | None, catalogue: Catalogue) -> Foreign:
    """The file of an experiment in the format it came in, or in ``format``.

    Raises
    ------
    ProblemError
        G215: a definition of a web service is wanted of a graph that does not come from one as it is.
    """
    foreign = experiment.foreign
    wanted = format or (foreign.format if foreign else "classic")
    read = read_foreign(foreign, catalogue) if foreign is not None and foreign.format == wanted else None
    if read is not None and read.foreign is not None and is_unedited(read, experiment):
        return read.foreign
    if wanted == "arm":
        raise ProblemError(
            Problem(
                "G215",
                f"'{experiment.name}' is not an unedited web service definition.",
                experiment.id,
                "Export it as a classic graph: --format classic.",
            )
        )
    top = parse_foreign(foreign.text) if read is not None and foreign is not None else _empty()
    before = read or ForeignGraph(Graph(), GraphView())
    _Edits(top, before, experiment).carry_out()
    return Foreign("classic", json.dumps(top, ensure_ascii=False), "utf-8")


def is_unedited(read: ForeignGraph, experiment: Experiment) -> bool:
    """Whether the graph is what was read; binding data to it is no edit."""
    return read.view == experiment.view and _unbound(read.graph) == _unbound(experiment.graph)


def wire_text(value: Json, is_columns: bool) -> Json:
    """A value as the old graphs have it: text, column pickers URL-encoded.

    >>> wire_text(True, False), wire_text(0.5, False), wire_text(["a"], True)
    ('True', '0.5', '%5B%22a%22%5D')
    """
    if value is None or (isinstance(value, str) and not is_columns):
        return value
    if is_columns:
        return quote(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")), safe="")
    return str(value) if isinstance(value, (bool, int, float)) else json.dumps(value)


def _unbound(graph: Graph) -> Graph:
    nodes = tuple(
        replace(node, data=DatasetVersion(node.id), type="") if isinstance(node, DataNode) else node
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes)


def _empty() -> dict[str, Json]:
    return {
        "SchemaVersion": 1,
        "Description": "",
        "Summary": "",
        "Category": "user",
        "Graph": {
            "ModuleNodes": [],
            "EdgesInternal": [],
            "Parameters": [],
            "PublishInfo": {"InputPortsForPublish": [], "OutputPortsForPublish": []},
            "SerializedClientData": "",
        },
        "WebService": {"IsWebServiceExperiment": False, "Inputs": [], "Outputs": [], "Parameters": []},
    }


class _Edits:
    """Puts what differs between the graph that was read and the one that is now into the file."""

    def __init__(self, top: dict[str, Json], before: ForeignGraph, now: Experiment) -> None:
        self._top = top
        self._before = before
        self._graph, self._view = now.graph, now.view
        holder = next((name for name in ("Graph", "ExperimentGraph") if name in top), None)
        body: Any = self._top[holder] if holder else self._top
        self._body: Body = body
        service: Any = self._top.get("WebService")
        if not isinstance(service, dict):
            service = self._top["WebService"] = {}
        self._service: Body = service

    def carry_out(self) -> None:
        if self._view.name != self._before.view.name:
            self._top["Description"] = self._view.name
        if self._view.summary != self._before.view.summary:
            self._top["Summary"] = self._view.summary
        self._modules()
        self._links()
        self._assets()
        self._ports()
        self._parameters()
        moved = {
            node: place
            for node, place in self._view.positions.items()
            if self._before.view.positions.get(node) != place and self._graph.node(node) is not None
        }
        if moved:
            self._body["SerializedClientData"] = with_positions(
                str(self._body.get("SerializedClientData") or ""), {str(node): p for node, p in moved.items()}
            )

    # --- modules ------------------------------------------------------------------------------------

    def _modules(self) -> None:
        bodies: list[Body] = [
            body
            for body in _bodies(self._body.get("ModuleNodes"))
            if self._module(body.get("Id")) is not None
        ]
        there = {body.get("Id") for body in bodies}
        for node in self._graph.nodes:
            if isinstance(node, ModuleNode) and node.id not in there:
                bodies.append(self._new_module(node))
        for body in bodies:
            self._values(body)
            self._reuse(body)
            comment = self._view.comments.get(NodeId(body["Id"]), "")
            if comment != self._before.view.comments.get(NodeId(body["Id"]), ""):
                body["Comment"] = comment
        self._body["ModuleNodes"] = bodies

    def _reuse(self, body: Body) -> None:
        node, before = self._module(body["Id"]), self._before.graph.node(NodeId(body["Id"]))
        was_allowed = before.allow_reuse if isinstance(before, ModuleNode) else True
        if node is not None and node.allow_reuse != was_allowed:
            body["UsePreviousResults"] = node.allow_reuse

    def _new_module(self, node: ModuleNode) -> Body:
        spec = self._graph.spec(node)
        return {
            "Id": str(node.id),
            "ModuleId": f"{BUILT_IN_WORKSPACE}.{spec.family}.v1-default-1" if spec.family else spec.name,
            "ModuleParameters": [],
            "InputPortsInternal": [
                {"DataSourceId": None, "TrainedModelId": None, "TransformModuleId": None, "Name": port.name,
                 "NodeId": str(node.id)}
                for port in spec.inputs
            ],
            "OutputPortsInternal": [
                {"Name": port.name, "NodeId": str(node.id), "OutputType": None} for port in spec.outputs
            ],
            "UsePreviousResults": node.allow_reuse,
        }  # fmt: skip

    def _values(self, body: Body) -> None:
        node = self._module(body["Id"])
        assert node is not None
        before = self._before.graph.node(node.id)
        old = before.values if isinstance(before, ModuleNode) else {}
        spec = self._graph.spec(node)
        bodies = _bodies(body.get("ModuleParameters"))
        for name in dict.fromkeys((*old, *node.values)):
            if name in old and name in node.values and old[name] == node.values[name]:
                continue
            there = next((one for one in bodies if _is_parameter(spec, one.get("Name"), name)), None)
            if name not in node.values:
                bodies = [one for one in bodies if one is not there]
                continue
            if there is None:
                there = {"Name": name, "ValueType": "Literal"}
                bodies.append(there)
            self._write(there, node.values[name], spec, name)
        body["ModuleParameters"] = bodies

    def _write(self, body: Body, value: Value, spec: ModuleSpec, name: str) -> None:
        parameter = spec.parameter(name)
        is_columns = parameter is not None and parameter.type == "columns"
        if isinstance(value, ParameterRef):
            default = next((one.default for one in self._graph.parameters if one.name == value.name), None)
            body |= {"Value": wire_text(default, is_columns), "LinkedGlobalParameter": value.name}
        else:
            body |= {"Value": wire_text(value, is_columns), "LinkedGlobalParameter": None}
        body["ValueType"] = "Literal"

    # --- links --------------------------------------------------------------------------------------

    def _links(self) -> None:
        """Links that hold stay as they are written; the name of a port is the file's where it has one."""
        kept, written = [], set()
        for body in _bodies(self._body.get("EdgesInternal")):
            ends = (
                split_port(_text(body, "SourceOutputPortId")),
                split_port(_text(body, "DestinationInputPortId")),
            )
            edge = self._ours(*ends)
            if edge is None:
                if all(self._module(ref.node) is not None for ref in ends) and not self._is_taken(ends[1]):
                    kept.append(body)  # a link of ports that have no twin
            elif self._holds(edge) and edge not in written:
                written.add(edge)
                kept.append(body)
        for edge in self._graph.edges:
            plain = replace(edge, staging=Edge(edge.source, edge.target).staging)
            if isinstance(self._graph.node(edge.source.node), ModuleNode) and plain not in written:
                kept.append(
                    {
                        "SourceOutputPortId": self._foreign(edge.source, "outputs"),
                        "DestinationInputPortId": self._foreign(edge.target, "inputs"),
                    }
                )
        self._body["EdgesInternal"] = kept

    def _assets(self) -> None:
        """What an input is fed with beside links: the id of a dataset, model or transform."""
        feeds = {
            edge.target: source
            for edge in self._graph.edges
            if isinstance(source := self._graph.node(edge.source.node), DataNode)
        }
        for body in self._body["ModuleNodes"]:
            for port in _bodies(body.get("InputPortsInternal")):
                ref = PortRef(NodeId(body["Id"]), _text(port, "Name"))
                ours = self._our_port(ref, "inputs")
                source = feeds.get(ours) if ours is not None else None
                named = next((key for key, _ in ASSETS if port.get(key)), None)
                if ours is None or (source is None and named is None):
                    continue
                if source is None or named is None or port[named] != source.id:
                    port |= {key: None for key, _ in ASSETS}
                    if source is not None:
                        port[_ASSET_KEYS.get(source.type, "DataSourceId")] = str(source.id)

    # --- web service --------------------------------------------------------------------------------

    def _ports(self) -> None:
        inputs = [(port.name, ref) for port in self._graph.inputs for ref in port.targets]
        outputs = [(port.name, port.source) for port in self._graph.outputs]
        if self._graph.inputs != self._before.graph.inputs:
            self._service["Inputs"] = self._service_ports("Inputs", inputs, "inputs")
            self._forget_old_form("InputPortsForPublish")
        if self._graph.outputs != self._before.graph.outputs:
            self._service["Outputs"] = self._service_ports("Outputs", outputs, "outputs")
            self._forget_old_form("OutputPortsForPublish")
        if inputs or outputs:
            self._service.setdefault("IsWebServiceExperiment", True)

    def _service_ports(self, key: str, ports: list[tuple[str, PortRef]], side: str) -> list[Body]:
        there = {(_text(one, "Name"), _text(one, "PortId")): one for one in _bodies(self._service.get(key))}
        found = []
        for name, ref in ports:
            place = self._foreign(ref, side)
            found.append(
                there.get((name, place)) or {"Id": f"{key.lower()}-{name}", "PortId": place, "Name": name}
            )
        return found

    def _forget_old_form(self, key: str) -> None:
        info = self._body.get("PublishInfo")
        if isinstance(info, dict) and info.get(key):
            info[key] = []

    def _parameters(self) -> None:
        listed = [*_bodies(self._service.get("Parameters")), *_bodies(self._body.get("Parameters"))]
        there: dict[str, Body] = {_text(one, "Name"): one for one in listed}
        told = there.keys() | _linked(self._graph)  # a link alone makes a parameter too
        if self._graph.parameters == self._before.graph.parameters and all(
            parameter.name in told for parameter in self._graph.parameters
        ):
            return
        bodies = []
        for parameter in self._graph.parameters:
            body = there.get(parameter.name) or {
                "Name": parameter.name,
                "ParameterDefinition": {
                    "Name": parameter.name,
                    "FriendlyName": parameter.label or parameter.name,
                    "ParameterType": parameter.type,
                    "HasDefaultValue": not parameter.required,
                },
            }
            bodies.append({**body, "Value": wire_text(parameter.default, parameter.type == "columns")})
        self._service["Parameters"] = bodies

    # --- names --------------------------------------------------------------------------------------

    def _module(self, node: object) -> ModuleNode | None:
        found = self._graph.node(str(node))
        return found if isinstance(found, ModuleNode) else None

    def _names(self, node: NodeId, side: str) -> dict[str, str]:
        """The file's names of a node's ports, with ours."""
        body = next((one for one in self._body["ModuleNodes"] if one.get("Id") == node), None)
        found = self._module(node)
        if body is None or found is None:
            return {}
        spec, module = self._graph.spec(found), read_module(Fields(body))
        if side == "inputs":
            return matched(module.inputs, [port.name for port in spec.inputs])
        return matched([name for name, _ in module.outputs], [port.name for port in spec.outputs])

    def _our_port(self, ref: PortRef, side: str) -> PortRef | None:
        name = self._names(ref.node, side).get(ref.port)
        return None if name is None else PortRef(ref.node, name)

    def _ours(self, source: PortRef, target: PortRef) -> Edge | None:
        ends = self._our_port(source, "outputs"), self._our_port(target, "inputs")
        return None if ends[0] is None or ends[1] is None else Edge(ends[0], ends[1])

    def _foreign(self, ref: PortRef, side: str) -> str:
        names = {ours: theirs for theirs, ours in self._names(ref.node, side).items()}
        return f"{ref.node}:{names.get(ref.port, ref.port)}"

    def _holds(self, edge: Edge) -> bool:
        return any((known.source, known.target) == (edge.source, edge.target) for known in self._graph.edges)

    def _is_taken(self, target: PortRef) -> bool:
        ours = self._our_port(target, "inputs")
        return ours is not None and any(edge.target == ours for edge in self._graph.edges)


def _bodies(value: Any) -> list[Body]:
    """Objects of a list in the file; the very ones, so that they can be written into."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _linked(graph: Graph) -> set[str]:
    """Graph parameters that some module takes a value from."""
    return {
        value.name
        for node in graph.nodes
        if isinstance(node, ModuleNode)
        for value in node.values.values()
        if isinstance(value, ParameterRef)
    }


def _is_parameter(spec: ModuleSpec, foreign: object, name: str) -> bool:
    if foreign == name:
        return True
    found = parameter_named(spec, str(foreign))
    return found is not None and found.name == name
