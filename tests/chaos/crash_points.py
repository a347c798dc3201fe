"""Crash points: the agent dies at every commit point, the next one breaks no promise (3.3, row 2)."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from skyloom.client.start import AGENT
from skyloom.core.identity import digest_of_bytes
from skyloom.core.problem import ProblemError
from skyloom.engine.crashpoint import CRASH_POINTS
from tests.chaos.agent import UPGRADING
from tests.chaos.graphs import Story, chain, fan_out
from tests.chaos.kills import READY_WITHIN_S
from tests.chaos.report import Report
from tests.chaos.trial import Trial

TIMES = (1, 2, 3)
LATER_TIMES = (5, 8, 13)  # starting alone passes the records' points a few times: these lie in the runs
ONCE_A_START = "records.backed_up"
DIES_WITHIN_S = 20.0
_LOOSE = 3


def all_cases() -> list[str]:
    """``name:n`` for every crash point; the point that a start passes once comes three times."""
    cases = []
    for name in CRASH_POINTS:
        times = (1, 1, 1) if name == ONCE_A_START else TIMES
        later = LATER_TIMES if name in CRASH_POINTS[:3] else ()
        cases += [f"{name}:{n}" for n in (*times, *later)]
    return cases


def crash_rounds(
    trial: Trial, report: Report, cases: list[str], ready_within_s: float = READY_WITHIN_S
) -> None:
    """A round a case, all in one home, so that each finds what the one before left behind."""
    for number, case in enumerate(cases):
        faults, ready_s = _crash(trial, case, number)
        if ready_s > ready_within_s:
            faults.append(f"ready after {ready_s:.1f} s")
        report.add(case, faults, f"ready {ready_s:.2f} s")


def _crash(trial: Trial, case: str, number: int) -> tuple[list[str], float]:
    trial.agent.stop()
    command = _prepare(trial.home, case)
    value = 10_000 + 100 * number  # results of other rounds are not taken over
    stories = {f"crash-{number}-chain": chain(value), f"crash-{number}-fan": fan_out(value)}
    faults = [] if _dies(trial, case, command, stories) else [f"the agent did not die at {case}"]
    ready_s = trial.agent.start(command=command)
    faults += trial.footprint.new_faults(trial.agent.pid())
    for name, story in stories.items():
        trial.ledger.submit(trial.api, name, story)  # the same key: whoever got no answer asks again
    return faults + trial.settle(), ready_s


def _dies(trial: Trial, case: str, command: tuple[str, ...], stories: dict[str, Story]) -> bool:
    """Whether the agent ended while it started or worked on the stories."""
    client = trial.agent.client(revives=False)
    try:
        trial.agent.start(case, command)
        for key, story in stories.items():
            trial.ledger.offered[key] = story
            trial.ledger.accepted[key] = client.submit(story.submission(key))
    except ProblemError as error:
        if error.problem.code not in ("A001", "A002"):
            raise
    finally:
        client.close()
    until = time.monotonic() + DIES_WITHIN_S
    while trial.agent.pid() is not None:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _prepare(home: Path, case: str) -> tuple[str, ...]:
    """Make sure that the point is passed at all; the command that starts the agent."""
    if case.startswith("artifact.before_sweep"):
        _add_loose_files(home)
    if case.startswith(ONCE_A_START):
        _make_older(home)
        return UPGRADING
    return AGENT


def _add_loose_files(home: Path) -> None:
    """Old content that nothing names."""
    for number in range(_LOOSE):
        content = b"named by nobody %d" % number
        digest = digest_of_bytes(content)
        path = home / "artifacts" / digest[7:9] / digest[9:]
        path.write_bytes(content)
        os.utime(path, (1, 1))


def _make_older(home: Path) -> None:
    connection = sqlite3.connect(home / "records.sqlite")
    with connection:
        connection.execute("UPDATE facts SET value = '0' WHERE name = 'schema version'")
    connection.close()
