"""The oracle and the look at the machine bite: faults that were put there are found."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.instance import MARK
from skyloom.core.event import RunEvent
from skyloom.core.identity import Digest, NodeId, RunId
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State
from tests.chaos.footprint import Footprint
from tests.chaos.oracle import story_faults
from tests.chaos.sleepers import sleepers

RUN, NODE = RunId("r"), NodeId("a")
GOOD: list[tuple[NodeId | None, str]] = [
    *((None, word) for word in ("queued", "preparing", "running")),
    *((NODE, word) for word in ("queued", "preparing", "running", "finalizing", "completed")),
    *((None, word) for word in ("finalizing", "completed")),
]


def faults_of(run: Run, states: list[tuple[NodeId | None, str]], gap_at: int = 1000) -> list[str]:
    events = [RunEvent(RUN, 1, "", "submitted")]
    for place, (node, state) in enumerate(states, start=2):
        events.append(RunEvent(RUN, place + (place >= gap_at), "", "state", node, {"state": state}))
    return list(story_faults(run, events))


def ended(node: State = State.COMPLETED, attempt: int = 1) -> Run:
    return Run(
        RUN,
        "e",
        Digest("sha256:0"),
        {},
        "cli",
        state=State.COMPLETED,
        nodes=(NodeRun(RUN, NODE, attempt, node),),
    )


def test_a_good_story_has_no_faults() -> None:
    assert faults_of(ended(), GOOD) == []


def test_a_gap_is_found() -> None:
    assert "stands where" in faults_of(ended(), GOOD, gap_at=5)[0]


def test_a_second_end_is_found() -> None:
    assert "may not become" in faults_of(ended(), [*GOOD, (NODE, "completed")])[0]


def test_a_state_that_the_events_do_not_tell_is_found() -> None:
    assert "is recorded as failed" in faults_of(ended(State.FAILED), GOOD)[0]


def test_an_attempt_that_the_events_do_not_tell_is_found() -> None:
    assert "attempt 2" in faults_of(ended(attempt=2), GOOD)[0]


@pytest.fixture
def dead_instance(tmp_path: Path) -> Iterator[tuple[Footprint, str]]:
    """A footprint that has seen an instance which nobody holds."""
    name = os.urandom(6).hex()
    (tmp_path / "work" / f"instance-{name}").mkdir(parents=True)
    found = Footprint(tmp_path)
    found.note()
    yield found, name


def test_a_folder_of_the_dead_is_found(dead_instance: tuple[Footprint, str]) -> None:
    footprint, name = dead_instance
    (fault,) = footprint.left_by_the_dead(None)
    assert fault.startswith("folder ") and fault.endswith(name)


def test_a_process_of_the_dead_is_found_by_its_mark(dead_instance: tuple[Footprint, str]) -> None:
    footprint, name = dead_instance
    child = subprocess.Popen(["sleep", "33.125"], env={**os.environ, MARK: name})
    try:
        while not sleepers("33.125"):
            pass
        assert any(f"process {child.pid} " in fault for fault in footprint.left_by_the_dead(None))
    finally:
        child.kill()
        child.wait()


def test_what_stays_is_told_once_a_round(dead_instance: tuple[Footprint, str]) -> None:
    footprint, _ = dead_instance
    assert len(footprint.new_faults(None)) == 1
    assert footprint.new_faults(None) == []
