"""A whole world: real engine, real stores, and a compute that runs plain functions in this process.

The functions stand where user scripts stand: their text is the node's "Python Script", looked up by name.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from skyloom.core.identity import Json, RunId, digest_of
from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter
from skyloom.core.problem import Problem
from skyloom.core.run import Run, RunOptions
from skyloom.core.state import State
from skyloom.core.task import Outcome, Produced, Reason, Task
from skyloom.core.workspace_api import Submission
from skyloom.engine.ports import Claimant, ResolvedEnvironment, World
from skyloom.engine.schedule import RunDriver
from skyloom.engine.submit import submit
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.memory import MemoryDatasets, MemoryRunRecords, MemorySources
from tests.core.samples import SampleCatalogue

SCRIPT = ModuleSpec(
    "Script",
    "1",
    "Test",
    ScriptEntry("python"),
    inputs=(
        InputPort("Dataset1", ("File",), required=False),
        InputPort("Dataset2", ("File",), required=False),
    ),
    outputs=(OutputPort("Result", "File"),),
    parameters=(Parameter("Python Script", "script", required=True),),
)
PLAIN = RunOptions()
Script = Callable[[Mapping[str, str], threading.Event], str]


class FunctionCompute:
    """Carries out a task by calling a function with its inputs' texts; it gives the text of its output."""

    def __init__(self, folder: Path) -> None:
        self.scripts: dict[str, Script] = {}
        self.called: list[str] = []
        self._folder = folder

    def execute(
        self,
        task: Task,
        *,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Outcome:
        name = str(task.values.get("Python Script"))
        self.called.append(str(task.node))
        texts = {port: Path(staged.path).read_text() for port, staged in task.inputs.items() if staged}
        try:
            made = self.scripts[name](texts, canceled)
        except InterruptedError:
            return Outcome(Reason.INTERRUPTED)
        except Exception as error:
            problem = Problem("S001", f"{type(error).__name__}: {error}", str(task.node))
            return Outcome(Reason.SCRIPT_ERROR, problem)
        if canceled.is_set():
            return Outcome(Reason.CANCELED)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False) as file:
            file.write(made)
        port = next(iter(task.outputs))
        return Outcome(None, outputs={port: Produced("File", file.name)}, isolation="none")


class OneEnvironment:
    """Every name leads to the same ready environment."""

    def resolve(self, name: str | None, script: str | None, requirements: str | None) -> ResolvedEnvironment:
        return ResolvedEnvironment(name or "studio", digest_of(name), False)

    def with_r(self) -> ResolvedEnvironment:
        return ResolvedEnvironment("r", digest_of("r"), False)

    def gave_way(self, environment: ResolvedEnvironment) -> tuple[str, ...]:
        return ()

    def is_ready(self, environment: ResolvedEnvironment) -> bool:
        return True

    def prepare(self, environment: ResolvedEnvironment, on_line: Callable[[str], None]) -> None:
        return None


class Bench:
    """What a test needs to submit graphs of scripts and to look at what became of them."""

    def __init__(self, folder: Path) -> None:
        self.compute = FunctionCompute(folder)
        self.records = MemoryRunRecords()
        self.datasets = MemoryDatasets()
        self.artifacts = ArtifactsFolder(folder / "artifacts")
        self.world = World(
            self.records,
            self.datasets,
            self.artifacts,
            self.compute,
            OneEnvironment(),
            MemorySources(),
            os.fspath(folder / "runs"),
        )
        self.pool = ThreadPoolExecutor(4)

    def script(self, name: str, function: Script | None = None) -> None:
        """Give a name to a function; without one, it joins its inputs behind its own name."""
        self.compute.scripts[name] = function or (lambda texts, canceled: "+".join([name, *texts.values()]))

    def submit(self, nodes: Mapping[str, Json], options: RunOptions = PLAIN, **values: Json) -> RunId:
        document: Json = {
            "schema_version": 1,
            "name": "test",
            "nodes": dict(nodes),
            "parameters": {name: {"type": "string", "default": ""} for name in values},
        }
        return submit(
            self.world, SampleCatalogue(SCRIPT), Submission(document, values=values, options=options)
        ).id

    def driver(self, agent: str = "agent") -> RunDriver:
        claim = self.records.claim(Claimant(agent, 10))
        assert claim is not None
        return RunDriver(self.world, self.pool, claim)

    def run(self, nodes: Mapping[str, Json], options: RunOptions = PLAIN) -> Run:
        """Submit and drive to the end."""
        run = self.submit(nodes, options)
        self.driver().drive()
        return self.loaded(run)

    def loaded(self, run: RunId) -> Run:
        found = self.records.load(run)
        assert found is not None
        return found

    def states(self, run: Run) -> dict[str, State]:
        return {str(node.node): node.state for node in run.nodes}

    def text(self, run: Run, node: str) -> str:
        """What the node's first output holds."""
        now = run.node(node)
        assert now is not None
        return Path(self.artifacts.stage(next(iter(now.outputs.values()))).path).read_text()


def node(script: str, *sources: str, reuse: bool = True, after: tuple[str, ...] = ()) -> dict[str, Json]:
    """A script node fed by up to two others."""
    inputs: dict[str, Json] = {f"Dataset{place}": source for place, source in enumerate(sources, start=1)}
    body: dict[str, Json] = {"module": "Script", "parameters": {"Python Script": script}, "inputs": inputs}
    return {**body, **({} if reuse else {"reuse": False}), **({"after": list(after)} if after else {})}
