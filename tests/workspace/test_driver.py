"""Runs are claimed as they are accepted while there is room, and by the loop otherwise."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run_notes import RunNotes
from skyloom.core.state import State, is_terminal
from skyloom.core.workspace_api import Submission
from skyloom.engine.ports import Claimant
from skyloom.engine.submit import accept
from skyloom.workspace.driver import MOST_LIVE_RUNS, Driver
from tests.core.samples import SampleCatalogue
from tests.engine.world import SCRIPT, Bench, node

ONE: dict[str, Json] = {"a": node("one")}
NO_NOTES = RunNotes()
WITHIN_S = 20.0


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.script("one")
    return made


@pytest.fixture
def driver(bench: Bench) -> Iterator[Driver]:
    """Its loops are not started: what is not claimed at once is not claimed."""
    made = Driver(bench.world, 4)
    yield made
    made.stop(5)


def test_a_run_is_claimed_as_it_is_accepted_and_driven(bench: Bench, driver: Driver) -> None:
    run = submitted(bench, driver)
    ended(bench, run, State.COMPLETED)
    assert bench.compute.called == ["a"]


def test_what_is_annotated_is_left_to_the_loop(bench: Bench, driver: Driver) -> None:
    run = submitted(bench, driver, notes=RunNotes(tags={"of": "mine"}))
    assert bench.loaded(run).state is State.CREATED
    driver.start()
    ended(bench, run, State.COMPLETED)


def test_an_older_run_goes_first(bench: Bench, driver: Driver) -> None:
    older = bench.submit(ONE)
    run = submitted(bench, driver)
    ended(bench, older, State.COMPLETED)
    assert bench.loaded(run).state is State.CREATED
    driver.start()
    ended(bench, run, State.COMPLETED)


def test_there_is_no_place_for_more_than_can_be_driven(bench: Bench, driver: Driver) -> None:
    goes_on = threading.Event()
    bench.script("waits", lambda texts, canceled: str(goes_on.wait(WITHIN_S)))
    first = [submitted(bench, driver, {"a": node("waits")}) for _ in range(MOST_LIVE_RUNS)]
    with driver.place() as claimant:
        assert claimant is None
    late = submitted(bench, driver)
    assert bench.loaded(late).state is State.CREATED
    goes_on.set()
    driver.start()
    for run in (*first, late):
        ended(bench, run, State.COMPLETED)
    with driver.place() as claimant:
        assert claimant is not None


def test_a_driver_that_stops_has_no_place(bench: Bench, driver: Driver) -> None:
    driver.stop(1)
    with driver.place() as claimant:
        assert claimant is None


def test_a_cancel_that_comes_while_the_run_is_claimed_is_not_lost(bench: Bench, driver: Driver) -> None:
    bench.script("waits", lambda texts, canceled: str(canceled.wait(WITHIN_S)))
    with driver.place() as claimant:
        accepted = accept(bench.world, SampleCatalogue(SCRIPT), submission({"a": node("waits")}), claimant)
        bench.records.request_cancel(accepted.run.id)
        driver.cancel(accepted.run.id)  # nobody drives it yet
        driver.drive(accepted)
    assert ended(bench, accepted.run.id) is State.CANCELED


def test_a_run_that_cannot_begin_is_released_and_taken_up_again(
    bench: Bench, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(bench.records, "reusable", _no_answer)
        run = submitted(bench, driver)
        assert driver.live_runs() == 0
    driver.start()
    ended(bench, run, State.COMPLETED)


def _no_answer(fingerprint: object) -> None:
    raise ProblemError(Problem("R019", "The database does not answer.", "", "Try again."))


def test_a_driver_whose_run_was_claimed_anew_leaves_that_one_alone(bench: Bench, driver: Driver) -> None:
    goes_on = threading.Event()
    bench.script("waits", lambda texts, canceled: str(goes_on.wait(WITHIN_S)))
    run = submitted(bench, driver, {"a": node("waits")})
    outrun = driver._live[run]
    bench.records.release(outrun._claim)  # as a lease that ran out while the machine slept
    driver.start()
    driver.wake()
    until = time.monotonic() + WITHIN_S
    while driver._live[run] is outrun and time.monotonic() < until:
        time.sleep(0.01)
    driver._leave(run, outrun)
    assert driver.live_runs() == 1
    goes_on.set()
    ended(bench, run)


def test_a_claim_that_was_made_without_our_knowing_runs_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skyloom.workspace.driver.LEASE_S", 0.3)
    driver = Driver(bench.world, 4)
    run = bench.submit(ONE)
    assert bench.records.claim(driver_claimant(driver))
    driver.start()
    try:
        ended(bench, run, State.COMPLETED)
    finally:
        driver.stop(5)


def driver_claimant(driver: Driver) -> Claimant:
    with driver.place() as claimant:
        assert claimant is not None
        return claimant


def submission(nodes: dict[str, Json], notes: RunNotes = NO_NOTES) -> Submission:
    return Submission({"schema_version": 1, "name": "test", "nodes": nodes}, notes=notes)


def submitted(
    bench: Bench, driver: Driver, nodes: dict[str, Json] = ONE, notes: RunNotes = NO_NOTES
) -> RunId:
    """As a workspace submits."""
    with driver.place() as claimant:
        accepted = accept(bench.world, SampleCatalogue(SCRIPT), submission(nodes, notes), claimant)
        driver.drive(accepted)
    return accepted.run.id


def ended(bench: Bench, run: RunId, state: State | None = None) -> State:
    until = time.monotonic() + WITHIN_S
    while not is_terminal(bench.loaded(run).state):
        assert time.monotonic() < until, f"{run} does not end"
        time.sleep(0.01)
    found = bench.loaded(run).state
    assert state is None or found is state
    return found
