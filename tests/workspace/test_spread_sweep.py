"""A sweep that is led from here: where trials go, and what their ends mean for the whole.

Trials on real nodes are in tests/stories/test_ray.py; here each ends as a test says.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.identity import NodeId, RunId
from skyloom.core.module import CommandEntry
from skyloom.core.problem import Problem
from skyloom.core.task import Command, Outcome, Reason, Task
from skyloom.workspace.spread_sweep import OnConsole, carry_out_sweep, sweep_plan
from tests.compute.test_command_folder import staged_folder

Ends = Callable[[int, threading.Event, OnConsole], Outcome]


def sweep_task(work: Path, **more: Any) -> Task:
    usual = {
        "sampling": "grid",
        "space": {"--rate": ["choice", [[0, 1, 2, 3, 4, 5]]]},
        "metric": "loss",
        "goal": "MINIMIZE",
        "max_total_runs": 6,
        "max_concurrent_runs": 4,
        "max_duration_minutes": 5,
        "policy": {"name": "bandit", "slack_amount": 1},
    }
    snapshot = staged_folder(work, {"_skyloom_sweep.json": json.dumps({**usual, **more}), "train.py": "pass"})
    words = ("_skyloom_driver.py", "--", "train.py")
    command = Command(snapshot, words, {"AZUREML_RUN_ID": "r1"}, {}, {})
    return Task(
        RunId("run"), NodeId("sweep"), 1, CommandEntry(snapshot.digest, (), "python"), {}, {}, {}, "e",
        frozenset(), str(work / "kept"), command=command,
    )  # fmt: skip


class Nodes:
    """Remembers which trial was where, and how many were at a time."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._lock = threading.Lock()
        self.places: dict[int, str] = {}
        self.canceled: set[int] = set()
        self.now: list[str] = []
        self.most: dict[str, int] = {}

    def __call__(self, node: str, one: Task, canceled: threading.Event, hear: OnConsole) -> Outcome:
        assert one.command is not None
        number = int(json.loads(one.command.variables["SKYLOOM_TRIAL"])["number"])
        with self._lock:
            self.places[number] = node
            self.now.append(node)
            self.most[node] = max(self.most.get(node, 0), self.now.count(node))
        try:
            return self._ends(number, canceled, hear)
        finally:
            with self._lock:
                self.now.remove(node)
                self.canceled |= {number} if canceled.is_set() else set()


def go(
    task: Task, ends: Ends, rooms: dict[str, int], canceled: threading.Event | None = None
) -> tuple[Outcome, Nodes]:
    nodes, plan = Nodes(ends), sweep_plan(task)
    assert plan is not None
    outcome = carry_out_sweep(
        task, plan, rooms, nodes, canceled or threading.Event(), lambda stream, content: None
    )
    assert nodes.now == []  # no trial is left behind
    return outcome, nodes


def until_canceled(canceled: threading.Event) -> Outcome:
    assert canceled.wait(30)
    return Outcome(Reason.CANCELED)


def test_trials_go_where_room_is_and_no_more_run_than_may(tmp_path: Path) -> None:
    def ends(number: int, canceled: threading.Event, hear: OnConsole) -> Outcome:
        time.sleep(0.15)
        return Outcome(metrics=(("loss", number),))

    outcome, nodes = go(sweep_task(tmp_path), ends, {"a": 2, "b": 1})
    assert nodes.most == {"a": 2, "b": 1} and len(nodes.places) == 6
    assert outcome.reason == Reason.SCRIPT_ERROR  # none of them told its end: none is taken for completed
    assert "trials failed" in str(outcome.problem) and "It told no end" in str(outcome.problem)


def test_the_policy_hears_values_while_trials_run(tmp_path: Path) -> None:
    def ends(number: int, canceled: threading.Event, hear: OnConsole) -> Outcome:
        if number == 0:
            hear("stderr", b'["value", 0.5]\nof the script: [1\n["val')
            return until_canceled(canceled) if canceled.wait(0.6) else Outcome(metrics=(("loss", 0.5),))
        time.sleep(0.2)
        hear("stderr", b'["value", 9')
        hear("stderr", b".5]\n")
        return until_canceled(canceled)

    task = sweep_task(tmp_path, max_total_runs=2)
    _, nodes = go(task, ends, {"a": 1, "b": 1})
    assert nodes.canceled == {1}
    told = json.loads((Path(task.folder) / "files/hyperdrive/runs.json").read_text())
    assert [one["status"] for one in told["runs"]] == ["Failed", "Canceled"]
    assert told["runs"][1]["metrics"] == [["loss", 9.5]]


@pytest.mark.parametrize("reason", [Reason.INTERRUPTED, Reason.REJECTED, Reason.TIMEOUT])
def test_a_trial_that_no_node_could_carry_out_ends_the_whole_and_all_others(
    tmp_path: Path, reason: Reason
) -> None:
    problem = Problem("C142", "The node was lost.", "", "Again.")

    def ends(number: int, canceled: threading.Event, hear: OnConsole) -> Outcome:
        return Outcome(reason, problem) if number == 2 else until_canceled(canceled)

    outcome, nodes = go(sweep_task(tmp_path), ends, {"a": 2, "b": 2})
    assert (outcome.reason, outcome.problem) == (reason, problem)
    assert nodes.canceled == {0, 1, 3}
    assert not (tmp_path / "kept/trials").exists()


def test_a_cancel_ends_every_trial(tmp_path: Path) -> None:
    canceled = threading.Event()
    threading.Timer(0.2, canceled.set).start()
    outcome, nodes = go(
        sweep_task(tmp_path), lambda number, ended, hear: until_canceled(ended), {"a": 2, "b": 2}, canceled
    )
    assert outcome.reason == Reason.CANCELED and nodes.canceled == {0, 1, 2, 3}


def test_numbers_of_a_sweep_that_make_no_sense_are_a_problem_and_no_crash(tmp_path: Path) -> None:
    task = sweep_task(tmp_path, sampling="random", space={"--rate": ["quniform", [0, 1, 0]]})
    outcome, nodes = go(task, lambda number, ended, hear: Outcome(), {"a": 1, "b": 1})
    assert outcome.reason == Reason.SCRIPT_ERROR and outcome.problem is not None
    assert "ZeroDivisionError" in outcome.problem.message and nodes.places == {}


def test_another_step_is_no_sweep(tmp_path: Path) -> None:
    task = sweep_task(tmp_path)
    assert task.command is not None
    plain = Command(staged_folder(tmp_path, {"train.py": ""}), ("train.py", "--", "x"), {}, {}, {})
    broken = Command(staged_folder(tmp_path, {"_skyloom_sweep.json": "["}), task.command.argv, {}, {}, {})
    for command in (plain, broken, None):
        assert sweep_plan(Task(**{**vars(task), "command": command})) is None
