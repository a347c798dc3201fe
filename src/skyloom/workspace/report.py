"""The report of a run: what became of every node, with paths on this machine (docs/reference/cli.md)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State
from skyloom.engine.lower import node_folder

OutputPath = Callable[[Artifact], str]


def run_report(run: Run, runs_folder: str, output_path: OutputPath) -> dict[str, Json]:
    """One JSON object for the run; ``output_path`` says which file stands for an artifact."""
    return {
        "run": run.id,
        "experiment": run.experiment,
        "state": run.state.value,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
        "nodes": {node.node: node_report(node, runs_folder, output_path) for node in run.nodes},
    }


def node_report(node: NodeRun, runs_folder: str, output_path: OutputPath) -> dict[str, Json]:
    """The object that ``script run --json`` prints.

    A reused node shows the logs and images of the run that made its results.
    """
    folder = node_folder(runs_folder, node.reused_from or node.run, node.node)
    skipped = node.state in (State.SKIPPED, State.CREATED)
    return {
        "run": node.run,
        "state": node.state.value,
        "reason": node.reason,
        "isolation": node.isolation,
        "problem": node.problem.as_json() if node.problem else None,
        "outputs": {port: output_path(artifact) for port, artifact in node.outputs.items()},
        "images": [os.path.join(folder, "images", a.name) for a in node.others if a.role == "image"],
        "files": [os.path.join(folder, "files", a.name) for a in node.others if a.role == "file"],
        "locals": next((os.path.join(folder, a.name) for a in node.others if a.role == "locals"), None),
        "stdout": None if skipped else _log(folder, "stdout"),
        "stderr": None if skipped else _log(folder, "stderr"),
        "metrics": metrics_by_name(node),
        "notices": list(node.notices),
        "timings_ms": {name: value for name, value in node.timings_ms.items()},
        "reused_from": node.reused_from,
        "attempt": node.attempt,
    }


def _log(folder: str, stream: str) -> str:
    """The file of a stream; that of one that said nothing is made now, for whoever opens it."""
    path = os.path.join(folder, "logs", f"{stream}.txt")
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "ab").close()
    return path


def metrics_by_name(node: NodeRun) -> dict[str, Json]:
    """Logged once: the value; logged more often: the list of values, as Run.get_metrics gave them."""
    found: dict[str, list[Json]] = {}
    for name, value in node.metrics:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
