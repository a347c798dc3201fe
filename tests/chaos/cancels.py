"""Cancels: a race of cancel and finish has one end, and a cancel reaches every child (3.3, row 15)."""

from __future__ import annotations

import random
import threading
import time

from skyloom.core.identity import RunId
from skyloom.core.run import Run
from skyloom.core.state import State
from tests.chaos.graphs import Story, chain, family
from tests.chaos.load import wait_for_end
from tests.chaos.oracle import all_events, story_faults
from tests.chaos.report import Report
from tests.chaos.sleepers import sleepers, wait_for_sleepers
from tests.chaos.trial import Trial

RACES = 50
REACHES = 3
REACHED_WITHIN_S = 2.0
ENDED_WITHIN_S = 20.0
FAMILY = 3


def cancel_rounds(trial: Trial, report: Report, races: int = RACES, seed: int = 0) -> None:
    """Races, then what a cancel has to reach."""
    faults, ends = _races(trial, races, seed)
    report.add(f"{races} races of cancel and finish", faults, ends)
    for number in range(1, REACHES + 1):
        reach_faults, took_s = _reach(trial, number)
        report.add(f"cancel reaches every child, {number}", reach_faults, f"{took_s:.2f} s")
    report.add("after the cancels", trial.settle())


def _races(trial: Trial, races: int, seed: int) -> tuple[list[str], str]:
    """Cancel at moments around the usual end of a run."""
    chance = random.Random(seed)
    usual_s = min(_duration(trial, f"warm-{turn}", _short(turn)) for turn in range(4))
    faults: list[str] = []
    ends = {State.COMPLETED: 0, State.CANCELED: 0}
    for number in range(1, races + 1):
        key = f"race-{number}"
        run = trial.ledger.submit(trial.api, key, _short(100 + number))
        time.sleep(chance.uniform(0.5, 1.1) * usual_s)
        was_live = trial.api.cancel(run)
        if not wait_for_end(trial.api, run, threading.Event(), ENDED_WITHIN_S):
            faults.append(f"{key}: the run does not end")
            continue
        found = trial.api.run(run)
        ends[found.state] = ends.get(found.state, 0) + 1
        faults += [f"{key}: {fault}" for fault in _race_faults(trial, found, was_live)]
    told = ", ".join(f"{count} {state}" for state, count in ends.items())
    return faults, told


def _race_faults(trial: Trial, run: Run, was_live: bool) -> list[str]:
    faults = list(story_faults(run, all_events(trial.api, run.id)))
    if run.state not in (State.COMPLETED, State.CANCELED):
        faults.append(f"the run is {run.state}")
    if run.state is State.CANCELED and not was_live:
        faults.append("the run was canceled, and the cancel was told that it had ended")
    if run.cancel_requested != was_live:
        faults.append(f"the cancel was told {was_live}, the record says {run.cancel_requested}")
    if trial.api.cancel(run.id) or trial.api.run(run.id) != run:
        faults.append("a second cancel changed a run that had ended")
    return faults


def _reach(trial: Trial, number: int) -> tuple[list[str], float]:
    """A daemon, a stopped child and a deaf one are gone in time, and the run says canceled."""
    stay = f"90{number}.5"
    run = trial.ledger.submit(trial.api, f"reach-{number}", family(95_000 + number, stay, 600))
    wait_for_sleepers(stay, FAMILY)
    began = time.monotonic()
    trial.api.cancel(run)
    while (alive := sleepers(stay)) and time.monotonic() - began < ENDED_WITHIN_S:
        time.sleep(0.01)
    took_s = time.monotonic() - began
    faults = [f"process {one.pid} lives" for one in alive]
    faults += _canceled_in_time(trial, run, began)
    if took_s > REACHED_WITHIN_S:
        faults.append(f"its processes were gone after {took_s:.1f} s")
    return faults, took_s


def _canceled_in_time(trial: Trial, run: RunId, began: float) -> list[str]:
    wait_for_end(trial.api, run, threading.Event(), ENDED_WITHIN_S)
    state, took_s = trial.api.run(run).state, time.monotonic() - began
    if state is not State.CANCELED or took_s > REACHED_WITHIN_S:
        return [f"the run is {state} after {took_s:.1f} s"]
    return []


def _short(number: int) -> Story:
    """Two nodes of which none is reused."""
    return chain(90_000 + 10 * number, 2, sleep=0.03)


def _duration(trial: Trial, key: str, story: Story) -> float:
    began = time.monotonic()
    wait_for_end(trial.api, trial.ledger.submit(trial.api, key, story), threading.Event(), 60)
    return time.monotonic() - began
