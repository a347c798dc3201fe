"""Run states follow their nodes, and events tell them again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.event import RunEvent
from skyloom.core.identity import Json, NodeId, RunId
from skyloom.core.run import fold_states
from skyloom.core.state import NEXT, State, is_terminal, may_follow, run_state

RUN, NODE = RunId("r"), NodeId("n")


def event(sequence: int, kind: str = "state", **body: Json) -> RunEvent:
    return RunEvent(RUN, sequence, "", kind, NODE, body)  # type: ignore[arg-type]


def test_the_table_of_changes_is_closed() -> None:
    assert set(NEXT) == set(State)
    assert all(after <= set(NEXT) for after in NEXT.values())


@given(st.lists(st.sampled_from(State), min_size=1))
def test_a_run_ends_exactly_when_all_its_nodes_have(states: list[State]) -> None:
    assert is_terminal(run_state(states)) == all(is_terminal(state) for state in states)


@pytest.mark.parametrize(
    ("nodes", "canceled", "expected"),
    [
        ([State.COMPLETED, State.COMPLETED], False, State.COMPLETED),
        ([State.COMPLETED, State.FAILED, State.SKIPPED], False, State.FAILED),
        ([State.COMPLETED, State.CANCELED], True, State.CANCELED),
        ([State.FAILED, State.CANCELED], True, State.FAILED),
        ([State.COMPLETED, State.RUNNING], True, State.RUNNING),
        ([], False, State.COMPLETED),
    ],
)
def test_failed_beats_canceled_beats_completed(nodes: list[State], canceled: bool, expected: State) -> None:
    assert run_state(nodes, canceled) is expected


@given(st.data())
def test_folding_the_events_of_any_walk_gives_its_last_state(data: st.DataObject) -> None:
    state, events = State.CREATED, [event(1, state="created")]
    while not is_terminal(state):
        state = data.draw(st.sampled_from(sorted(NEXT[state])))
        events.append(event(len(events) + 1, state=state.value))
    assert fold_states(events) == {NODE: state}


def test_a_gap_in_the_events_is_refused() -> None:
    with pytest.raises(ValueError, match="event 3 stands where 2"):
        fold_states([event(1, state="created"), event(3, state="queued")])


def test_a_change_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="completed may not become running"):
        fold_states([event(1, state="completed"), event(2, state="running")])
    assert not may_follow(State.COMPLETED, State.RUNNING)


def test_a_new_attempt_walks_from_created_again() -> None:
    events = [event(1, state="queued"), event(2, kind="attempt"), event(3, state="queued")]
    assert fold_states(events) == {NODE: State.QUEUED}
