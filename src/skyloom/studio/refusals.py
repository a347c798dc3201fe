"""Refusals: why an experiment may not be saved, or not be run (studio.md 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.graph_problems import service_port_problems
from skyloom.core.graph_view import GraphView
from skyloom.core.problem import Problem

IsKnown = Callable[[DatasetVersion], bool]


def save_problems(graph: Graph, view: GraphView) -> Iterator[Problem]:
    """Reasons not to keep it: no name, no module, a service port with a colon, one dataset twice."""
    if not view.name.strip():
        yield Problem("G201", "The experiment has no name.", "name", "Give it a name.")
    if not any(isinstance(node, ModuleNode) for node in graph.nodes):
        yield Problem(
            "G013", "The graph has no module, so there is nothing to run.", "nodes", "Add a module."
        )
    yield from (problem for problem in service_port_problems(graph) if problem.code == "G015")
    yield from _twice(graph)


def unbound_data(graph: Graph, is_known: IsKnown) -> Iterator[Problem]:
    """Data of an imported graph that leads to nothing here (G204)."""
    for node in graph.nodes:
        if isinstance(node, DataNode) and isinstance(node.data, DatasetVersion) and not is_known(node.data):
            yield Problem(
                "G204",
                f"'{node.id}' is {_article(node.type)} that this workspace does not have.",
                f"nodes.{node.id}",
                f"Bind a file to it: skyloom experiment bind NAME '{node.id}=FILE'.",
            )


def _twice(graph: Graph) -> Iterator[Problem]:
    seen: dict[object, DataNode] = {}
    for node in graph.nodes:
        if not isinstance(node, DataNode):
            continue
        first = seen.setdefault(node.data, node)
        if first is not node:
            yield Problem(
                "G202",
                f"'{first.id}' and '{node.id}' are the same data.",
                f"nodes.{node.id}",
                f"Keep one of them; one output may feed many inputs. Link from '{first.id}'.",
            )


def _article(type: str) -> str:
    return f"an {type}" if type[:1] in "AEIOU" else f"a {type}"
