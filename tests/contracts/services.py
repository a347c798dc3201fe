"""Graphs that are opened as services, and the workspace that opens them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, GraphOutput, ModuleNode, PortRef
from skyloom.core.identity import NodeId
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter
from skyloom.core.serialize import spec_digest
from skyloom.core.service import Reply
from skyloom.workspace.local import LocalWorkspace

SCRIPT = "Execute Python Script"


class Canvas:
    """Graphs drawn in a few words: nodes by name and module, links as ``node.port`` texts."""

    def __init__(self, specs: Sequence[ModuleSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs}

    def graph(
        self,
        nodes: Mapping[str, tuple[str, Mapping[str, Any]] | str],
        links: Mapping[str, str],
        inputs: Mapping[str, str],
        outputs: Mapping[str, str],
        parameters: Sequence[Parameter] = (),
    ) -> Graph:
        """``nodes``: a module with its values, or the name of a dataset. ``links``: target to source."""
        made: list[Any] = []
        modules = {}
        for name, node in nodes.items():
            if isinstance(node, str):
                made.append(DataNode(NodeId(name), DatasetVersion(node, 1)))
                continue
            spec = self._specs[node[0]]
            modules[spec_digest(spec)] = spec
            made.append(ModuleNode(NodeId(name), spec_digest(spec), dict(node[1]), environment="current"))
        return Graph(
            tuple(made),
            tuple(Edge(port(source), port(target)) for target, source in links.items()),
            modules,
            tuple(parameters),
            tuple(GraphInput(name, (port(target),)) for name, target in inputs.items()),
            tuple(GraphOutput(name, port(source)) for name, source in outputs.items()),
        )

    def script(self, text: str, rows: str = "rows") -> Graph:
        """One script over the rows of a call."""
        return self.graph(
            {"data": rows, "script": (SCRIPT, {"Python Script": text})},
            {"script.Dataset1": "data.data"},
            {"input1": "script.Dataset1"},
            {"output1": "script.Result Dataset"},
        )


def port(text: str) -> PortRef:
    node, _, name = text.partition(".")
    return PortRef(NodeId(node), name)


def add_dataset(workspace: LocalWorkspace, name: str, frame: pd.DataFrame) -> None:
    content = io.BytesIO(frame.to_parquet(index=False))
    workspace.register_dataset(name, workspace.upload(content, f"{name}.parquet"))


def request(table: Any = None, parameters: Any = None, **inputs: Any) -> bytes:
    """A classic body; NaN as it comes, as one client sends it."""
    given = dict(inputs) or {"input1": table}
    return json.dumps({"Inputs": given, "GlobalParameters": parameters or {}}).encode()


def results(reply: Reply, output: str = "output1") -> Any:
    assert reply.status == 200, reply.body
    return json.loads(reply.body)["Results"][output]


def error_of(reply: Reply) -> tuple[int, str, str]:
    """Status, code and first detail's code."""
    error = json.loads(reply.body)["error"]
    return reply.status, error["code"], error["details"][0]["code"]
