"""Schedules over stores in memory and a clock that is told: once each, also when an agent dies in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from skyloom.core.data_reference import DataReference
from skyloom.core.graph import Graph
from skyloom.core.identity import RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.publication import Publication
from skyloom.core.recurrence import Recurrence
from skyloom.core.schedule import Schedule, Watch
from skyloom.core.workspace_api import Submission
from skyloom.stores.memory import MemoryDatasets, MemoryRunRecords
from skyloom.stores.memory_documents import MemoryDocuments
from skyloom.workspace.schedules import Schedules


@dataclass
class Loom:
    """A workspace's schedules, what they started, and the time."""

    now: datetime = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
    started: dict[str, Submission] = field(default_factory=dict)  # by idempotency key
    files: dict[str, str] = field(default_factory=dict)
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    dies: Callable[[], None] = lambda: None

    def agent(self) -> Schedules:
        """A fresh agent of the workspace."""
        return Schedules(
            self.documents,
            MemoryRunRecords(MemoryDatasets()),
            lambda submission: Graph(()),
            self._submit,
            lambda run, notes: notes,
            lambda: self.now.isoformat(timespec="milliseconds"),
            listing=lambda place: dict(self.files),
        )

    def _submit(self, submission: Submission) -> RunId:
        assert submission.idempotency_key is not None
        self.started[submission.idempotency_key] = submission
        self.dies()
        return RunId(f"run of {submission.idempotency_key}")

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def loom() -> Loom:
    return Loom()


def hourly(agent: Schedules, **facts: object) -> Schedule:
    pipeline = agent.publish_pipeline(Publication("p", document={}))
    wish = Schedule("", "hourly", "E", pipeline.id, recurrence=Recurrence("Hour"))
    return agent.create_schedule(replace(wish, **facts))  # type: ignore[arg-type]


def watching(agent: Schedules, parameter: str = "") -> Schedule:
    pipeline = agent.publish_pipeline(Publication("p", document={}))
    watch = Watch(DataReference("store", "in"), 5, parameter)
    return agent.create_schedule(Schedule("", "watching", "E", pipeline.id, watch=watch))


def test_it_goes_off_when_it_is_due_and_not_before(loom: Loom) -> None:
    agent = loom.agent()
    schedule = hourly(agent)
    assert agent.tick() == 60.0 and len(loom.started) == 1  # looks again within a minute
    loom.passes(minutes=59, seconds=50)
    assert agent.tick() == 10.0 and len(loom.started) == 1
    loom.passes(seconds=10)
    agent.tick()
    assert [one.state for one in agent.triggers(schedule.id)] == ["started", "started"]
    assert [call.schedule for call in agent.calls(schedule=schedule.id)] == [schedule.id] * 2


def test_it_is_started_at_once_by_hand_and_keeps_its_times(loom: Loom) -> None:
    agent = loom.agent()
    schedule = hourly(agent, recurrence=Recurrence("Hour", start="2024-05-01T12:00:00"))
    run = agent.run_schedule(schedule.id)
    (trigger,) = agent.triggers(schedule.id)
    assert (trigger.state, trigger.run, trigger.due) == ("started", run, trigger.at)
    assert agent.schedule(schedule.id).next_at == "2024-05-01T12:00:00.000Z"
    assert agent.next_times(schedule.id, 2) == ["2024-05-01T12:00:00.000Z", "2024-05-01T13:00:00.000Z"]
    agent.set_pipeline_active(schedule.pipeline, False)
    with pytest.raises(ProblemError) as refused:
        agent.run_schedule(schedule.id)
    assert refused.value.problem.code == "P201"
    newest, _ = agent.triggers(schedule.id)
    assert newest.state == "failed" and "disabled" in newest.message
    agent.change_schedule(replace(agent.schedule(schedule.id), is_active=False))
    assert agent.next_times(schedule.id) == []


def test_the_next_looks_of_a_watch_are_as_far_apart_as_it_says(loom: Loom) -> None:
    agent = loom.agent()
    schedule = watching(agent)
    assert agent.next_times(schedule.id, 2) == ["2024-05-01T10:05:00.000Z", "2024-05-01T10:10:00.000Z"]


def test_times_that_were_missed_become_one_run_that_says_so(loom: Loom) -> None:
    schedule = hourly(loom.agent())
    loom.passes(hours=5, minutes=1)
    agent = loom.agent()
    agent.tick()
    (trigger,) = agent.triggers(schedule.id)
    assert trigger.missed == 5
    assert agent.schedule(schedule.id).next_at == "2024-05-01T16:00:00.000Z"


def test_an_agent_that_dies_between_trigger_and_run_starts_it_once(loom: Loom) -> None:
    class Death(BaseException):
        pass

    def die() -> None:
        raise Death

    agent = loom.agent()
    schedule = hourly(agent)
    loom.dies = die
    with pytest.raises(Death):
        agent.tick()
    loom.dies = lambda: None
    again = loom.agent()
    again.take_up()
    again.tick()
    assert len(loom.started) == 1
    assert [one.state for one in again.triggers(schedule.id)] == ["started"]


def test_two_agents_of_one_workspace_start_it_once(loom: Loom) -> None:
    one, other = loom.agent(), loom.agent()
    hourly(one)
    one.tick()
    other.tick()
    assert len(loom.started) == 1


def test_all_that_changed_between_two_looks_is_one_run(loom: Loom) -> None:
    agent = loom.agent()
    loom.files["in/old"] = "1"
    schedule = watching(agent, "changed")
    loom.passes(minutes=5)
    agent.tick()
    assert agent.triggers(schedule.id) == []  # what was there already is no change
    loom.files.update({"in/a/1": "1", "in/a/2": "1", "in/old": "2"})
    loom.passes(minutes=5)
    agent.tick()
    agent.tick()
    (trigger,) = agent.triggers(schedule.id)
    assert trigger.changed == ("in/old", "in/a/1", "in/a/2")
    assert trigger.data_paths == {"changed": {"datastore": "store", "path": "in"}}
    assert len(loom.started) == 1


def test_a_place_that_cannot_be_looked_at_is_told_in_the_history(loom: Loom) -> None:
    def refuse(place: DataReference) -> dict[str, str]:
        raise ProblemError(Problem("R310", "There is no such store.", "", ""))

    agent = loom.agent()
    schedule = watching(agent)
    agent._listing = refuse
    loom.passes(minutes=5)
    agent.tick()
    (trigger,) = agent.triggers(schedule.id)
    assert trigger.state == "failed" and "no such store" in trigger.message


def test_a_run_that_cannot_be_started_is_told_and_the_schedule_goes_on(loom: Loom) -> None:
    agent = loom.agent()
    schedule = hourly(agent)
    agent.set_pipeline_active(schedule.pipeline, False)
    agent.tick()
    loom.passes(hours=1)
    agent.set_pipeline_active(schedule.pipeline, True)
    agent.tick()
    states = [(one.state, one.message[:4]) for one in agent.triggers(schedule.id)]
    assert states == [("started", ""), ("failed", "P201")]


def test_a_disabled_schedule_sleeps_and_begins_anew_when_it_is_enabled(loom: Loom) -> None:
    agent = loom.agent()
    schedule = hourly(agent)
    agent.tick()
    assert agent.has_active_schedules()
    agent.change_schedule(replace(agent.schedule(schedule.id), is_active=False))
    assert not agent.has_active_schedules()
    loom.passes(hours=10, minutes=1)
    agent.tick()
    agent.change_schedule(replace(agent.schedule(schedule.id), is_active=True))
    agent.tick()
    assert len(loom.started) == 1
    assert agent.schedule(schedule.id).next_at == "2024-05-01T21:00:00.000Z"


def test_what_people_change_does_not_undo_where_the_schedule_stands(loom: Loom) -> None:
    agent = loom.agent()
    read = hourly(agent)
    agent.tick()  # meanwhile it goes off
    changed = agent.change_schedule(replace(read, description="words"))
    assert changed.description == "words" and changed.next_at == "2024-05-01T11:00:00.000Z"
    with pytest.raises(ProblemError, match="P209"):
        watch = Watch(DataReference("store", "in"))
        agent.change_schedule(replace(read, recurrence=None, watch=watch))
