"""Steps through the whole engine, with a compute that stands in for boxes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from skyloom.compute.node_pools import NodePools
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.graph import Graph
from skyloom.core.identity import NodeId, step_run_id
from skyloom.core.node_pool import NodeState, PoolSettings
from skyloom.core.problem import Problem
from skyloom.core.run import Run, RunOptions
from skyloom.core.state import State
from skyloom.core.task import Outcome, Produced, Reason, Task
from skyloom.core.workspace_api import Submission
from skyloom.engine.ports import Claimant
from skyloom.engine.schedule import RunDriver
from skyloom.engine.submit import submit
from skyloom.sdk.compile import compile_steps
from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import PythonScriptStep
from skyloom.stores.datastores import Datastores
from tests.core.samples import SampleCatalogue
from tests.engine.world import PLAIN, Bench

BLOB = "workspaceblobstore"


class StepCompute:
    """Carries out a step by writing its words into each of its outputs, or failing if its name says so."""

    def __init__(self, folder: Path) -> None:
        self.tasks: list[Task] = []
        self._folder = folder

    def execute(
        self,
        task: Task,
        *,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Outcome:
        assert task.command is not None
        self.tasks.append(task)
        if "fail" in task.node:
            return Outcome(Reason.SCRIPT_ERROR, Problem("R301", "It failed."))
        made: dict[str, Produced] = {}
        for port, place in task.command.outputs.items():
            path = self._folder / f"{len(self.tasks)}-{port}"
            (path / "sub").mkdir(parents=True)
            (path / "sub" / "words.txt").write_text(str(task.command.argv))
            made[port] = Produced("Folder", str(path), name=place.split("/", 2)[-1])
        return Outcome(outputs=made)


class Steps:
    def __init__(self, folder: Path) -> None:
        bench = Bench(folder)
        self.threads = 1
        self.compute = StepCompute(folder / "made")
        self.stores = Datastores(folder)
        self.world = replace(bench.world, compute=self.compute, datastores=self.stores)
        file = bench.artifacts.add_bytes(b"pass", "a.py", "File", "file", "text/plain")
        self.source = bench.artifacts.add_folder(Folder((FolderFile("a.py", file.digest, 4),)), "src").digest

    def run(self, *steps: PipelineStep, options: RunOptions = PLAIN, **values: int) -> Run:
        document = compile_steps(steps, lambda step: self.source, BLOB).document("steps")
        run = submit(self.world, SampleCatalogue(), Submission(document, "e", values, options=options))
        claim = self.world.records.claim(Claimant("agent", 10))
        assert claim is not None
        with ThreadPoolExecutor(self.threads) as pool:
            RunDriver(self.world, pool, claim).drive()
        found = self.world.records.load(run.id)
        assert found is not None
        return found


def two_steps() -> list[PipelineStep]:
    data = PipelineData("data")
    size = PipelineParameter("size", 1)
    make = PythonScriptStep("a.py", name="make", arguments=[data, size], outputs=[data])
    return [make, PythonScriptStep("a.py", name="use", arguments=[data], inputs=[data])]


def test_a_step_is_told_words_variables_and_places(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    run = steps.run(*two_steps(), size=5)
    make, use = (task.command for task in steps.compute.tasks)
    assert make is not None and use is not None
    step = step_run_id(run.id, NodeId("make"))
    assert make.argv[-1] == "5" and make.variables["AML_PARAMETER_size"] == "5"
    assert make.variables["AZUREML_RUN_ID"] == step and make.variables["AZUREML_ROOT_RUN_ID"] == run.id
    assert make.outputs == {"data": f"mounts/{BLOB}/azureml/{step}/data"}
    assert use.inputs == {"data": f"inputs/data/mounts/{BLOB}/azureml/{step}/data"}


def test_values_of_variables_are_kept_where_the_workspace_keeps_them(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    for wish in (False, True):
        steps.world = replace(steps.world, keeps_locals=wish)
        steps.run(*two_steps(), options=replace(PLAIN, regenerate=True))
    assert [task.keeps_locals for task in steps.compute.tasks] == [False, False, True, True]


def test_an_output_is_kept_by_content_and_lies_in_its_datastore(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    run = steps.run(*two_steps())
    made = run.nodes[0].outputs["data"]
    assert (made.type, made.name) == ("Folder", f"azureml/{step_run_id(run.id, NodeId('make'))}/data")
    file = tmp_path / "datastores" / BLOB / made.name / "sub" / "words.txt"
    assert "'1'" in file.read_text()
    file.write_text("changed by hand")  # what later steps read does not change with it
    staged = steps.world.artifacts.stage(made)
    assert all("changed" not in Path(path).read_text() for path in staged.files.values())


def test_a_step_behind_one_that_ran_again_runs_again(tmp_path: Path) -> None:
    """sdk.md 13, Reuse 2: the identity of the producing run counts, not what it made."""
    steps = Steps(tmp_path)
    steps.run(*two_steps())
    again = steps.run(*two_steps())
    assert [node.reused_from is not None for node in again.nodes] == [True, True]
    fresh = two_steps()
    assert isinstance(fresh[0], PythonScriptStep)
    fresh[0].allow_reuse = False
    assert [node.reused_from is not None for node in steps.run(*fresh).nodes] == [False, False]


def test_what_lies_at_a_place_counts_where_that_is_asked_for(tmp_path: Path) -> None:
    """sdk.md 13, Reuse: the old rule by default, contents as an opt-in."""
    steps = Steps(tmp_path)
    file = tmp_path / "datastores" / BLOB / "in" / "a.txt"
    file.parent.mkdir(parents=True)
    store: Any = type("Store", (), {"name": BLOB})()

    def reused(text: str, options: RunOptions) -> bool:
        file.write_text(text)
        given = DataReference(store, "given", "in")
        step = PythonScriptStep("a.py", name="read", arguments=[given], inputs=[given])
        return steps.run(step, options=options).nodes[0].reused_from is not None

    by_content = RunOptions(reuse="content")
    assert [reused("one", PLAIN), reused("two", PLAIN)] == [False, True]
    assert [reused(text, by_content) for text in ("one", "two", "one")] == [False, False, True]


def test_the_first_failure_stops_the_rest_only_when_asked(tmp_path: Path) -> None:
    def failing() -> list[PipelineStep]:
        return [PythonScriptStep("a.py", name=name, allow_reuse=False) for name in ("fail", "later")]

    steps = Steps(tmp_path)
    states = [node.state for node in steps.run(*failing()).nodes]
    assert states == [State.FAILED, State.COMPLETED]
    first, later = failing()
    between = PythonScriptStep("a.py", name="between", allow_reuse=False)
    later.run_after(between)
    run = steps.run(first, between, later, options=RunOptions(stop_on_failure=True))
    assert run.state is State.FAILED and run.node("later").state is State.SKIPPED  # type: ignore[union-attr]


def test_a_pool_caps_the_steps_that_run_at_a_time(tmp_path: Path) -> None:
    """sdk.md 8: max_nodes caps concurrent steps; steps of no pool are not held back."""
    steps = Steps(tmp_path)
    steps.threads = 4
    pools = NodePools(lambda name: PoolSettings(0, 2) if name == "cpu" else None)
    at_once: list[int] = []

    class Counting(StepCompute):
        def execute(self, task: Task, **words: Any) -> Outcome:
            status = pools.status("cpu")
            assert status is not None
            at_once.append(status.count(NodeState.RUNNING))
            time.sleep(0.01)
            return super().execute(task, **words)

    steps.world = replace(steps.world, compute=Counting(tmp_path / "counted"), pools=pools)
    many: list[PipelineStep] = [PythonScriptStep("a.py", f"s{n}", compute_target="cpu") for n in range(7)]
    run = steps.run(*many, PythonScriptStep("a.py", "free", compute_target="local"))
    assert run.state is State.COMPLETED and len(at_once) == 8
    assert max(at_once) == 2
    status = pools.status("cpu")
    assert status is not None and [node.state for node in status.nodes] == [NodeState.IDLE] * 2


def test_a_run_that_a_pool_holds_back_can_be_canceled(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.world = replace(steps.world, pools=NodePools(lambda name: PoolSettings(0, 0)))
    document = compile_steps(
        [PythonScriptStep("a.py", "s", compute_target="cpu")], lambda step: steps.source, BLOB
    ).document("steps")
    run = submit(steps.world, SampleCatalogue(), Submission(document, "e", {}, options=PLAIN))
    claim = steps.world.records.claim(Claimant("agent", 10))
    assert claim is not None
    with ThreadPoolExecutor(1) as pool:
        driver = RunDriver(steps.world, pool, claim)
        threading.Timer(0.05, driver.cancel).start()
        assert driver.drive() is State.CANCELED
    found = steps.world.records.load(run.id)
    assert found is not None and not steps.compute.tasks


def test_a_snapshot_that_is_gone_fails_the_step(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    folder = tmp_path / "artifacts" / steps.source[7:9] / steps.source[9:]
    os.chmod(folder, 0o600)
    folder.unlink()
    run = steps.run(PythonScriptStep("a.py", name="make"))
    assert run.nodes[0].problem is not None and run.nodes[0].problem.code == "R011"


def test_a_graph_says_which_snapshots_it_needs(tmp_path: Path) -> None:
    graph: Graph = compile_steps(two_steps(), lambda step: Steps(tmp_path).source, BLOB).graph
    assert graph.snapshots() == {Steps(tmp_path).source}
