"""Promotion: which result an output of a finished node is, and what it is called when it is saved."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.artifact import Artifact
from skyloom.core.experiment import Experiment, NodeStatus
from skyloom.core.graph import ModuleNode
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import NodeId
from skyloom.core.problem import Problem, ProblemError

TRAINED = ("ILearner", "ICluster", "IRecommender")


def module_of(experiment: Experiment, node: str) -> ModuleNode:
    """The module node of that id.

    Raises
    ------
    ProblemError
        G001.
    """
    found = experiment.graph.node(node)
    if isinstance(found, ModuleNode):
        return found
    names = [str(known.id) for known in experiment.graph.nodes if isinstance(known, ModuleNode)]
    hint = close_name(node, names) or f"It has: {', '.join(names)}."
    raise ProblemError(Problem("G001", f"'{experiment.name}' has no module '{node}'.", node, hint))


def result_of(
    experiment: Experiment, states: Mapping[NodeId, NodeStatus], node: str, port: str = ""
) -> tuple[str, Artifact]:
    """The port (the first, where none is named) and what a finished node gave through it.

    Raises
    ------
    ProblemError
        G001 no such module, G002 no such port, G209 nothing there to promote.
    """
    found = module_of(experiment, node)
    names = [output.name for output in experiment.graph.spec(found).outputs]
    if (port and port not in names) or not names:
        hint = close_name(port, names) or (f"It has: {', '.join(names)}." if names else "It has none.")
        raise ProblemError(Problem("G002", f"'{node}' has no output '{port}'.", f"{node}.{port}", hint))
    port = port or names[0]
    status = states[found.id]
    outputs = status.node_run.outputs if status.node_run is not None and status.executed_by else {}
    if port not in outputs:
        why = "gave nothing there" if status.executed_by else f"is {status.state}, not completed"
        raise ProblemError(
            Problem(
                "G209", f"'{node}' {why}.", f"{node}.{port}", "Run the experiment, then promote the output."
            )
        )
    return port, outputs[port]


def promoted_name(experiment: Experiment, node: str, port: str, artifact: Artifact) -> str:
    """The name to save an output under where none is given; the old product's for trained models."""
    found = module_of(experiment, node)
    if artifact.type in TRAINED:
        return f"{experiment.name} [trained model]"
    return f"{experiment.name} - {found.title or experiment.graph.spec(found).name} - {port}"
