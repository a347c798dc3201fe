"""Experiments over a workspace in memory, and graphs of scripts for them."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

from skyloom.core.experiment import Experiment
from skyloom.core.experiments_api import ExperimentRun
from skyloom.core.identity import Json, NodeId
from skyloom.core.run import Run, RunOptions
from skyloom.core.state import State, is_terminal
from skyloom.studio.experiments import Experiments
from tests.server.memory_workspace import MemoryWorkspace

WRITES = "open('result.csv', 'w').write('a,b\\n1,2\\n')"


class Desk:
    """What a test of experiments needs."""

    def __init__(self, home: Path) -> None:
        self.workspace = MemoryWorkspace(home)
        self.api = Experiments(self.workspace)

    @classmethod
    def over(cls, workspace: MemoryWorkspace) -> Desk:
        """Over a workspace whose palette was changed."""
        made = cls(workspace.home)
        made.workspace, made.api = workspace, Experiments(workspace)
        return made

    def create(self, nodes: dict[str, Any], name: str = "Income", **top: Any) -> Experiment:
        return self.api.create_experiment(document(nodes, name, **top))

    def run(self, reference: str, **how: Any) -> tuple[Experiment, Run]:
        """Run to the end."""
        version = self.api.run_experiment(reference, ExperimentRun(**how))
        assert version.run is not None
        until = time.monotonic() + 15
        while not is_terminal(self.workspace.run(version.run).state):
            assert time.monotonic() < until
            time.sleep(0.01)
        return version, self.workspace.run(version.run)

    def states(self, reference: str) -> dict[str, str]:
        return {str(one.node): one.state for one in self.api.experiment_nodes(reference)}

    def dataset(self, name: str, content: str = "x,y\n1,2\n", file: str = "data.csv") -> None:
        kept = self.workspace.upload(io.BytesIO(content.encode()), file)
        self.workspace.register_dataset(name, kept)


def document(nodes: dict[str, Any], name: str = "Income", **top: Any) -> dict[str, Json]:
    return {"schema_version": 1, "name": name, "nodes": nodes, **top}


def script(text: str = WRITES, **inputs: str) -> dict[str, Any]:
    return {"module": "Execute Python Script", "parameters": {"Python Script": text}, "inputs": dict(inputs)}


def pipeline(text: str = WRITES) -> dict[str, Any]:
    """a -> b -> c, and d on its own."""
    return {
        "a": script(),
        "b": script(text, Dataset1="a"),
        "c": script(f"{WRITES}  # c", Dataset1="b"),
        "d": script(f"{WRITES}  # d"),
    }


def selected(*nodes: str) -> RunOptions:
    return RunOptions(selection=tuple(NodeId(node) for node in nodes))


COMPLETED = State.COMPLETED.value
