"""A short form of ``make chaos``: three kills under load, three crash points, a cancel or two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skyloom.engine.crashpoint import CRASH_POINTS
from tests.chaos.__main__ import fresh_trial
from tests.chaos.cancels import cancel_rounds
from tests.chaos.crash_points import all_cases, crash_rounds
from tests.chaos.kills import kill_rounds
from tests.chaos.report import Report
from tests.chaos.trial import Trial

READY_WITHIN_S = 15.0  # other tests run beside this one; `make chaos` holds the agent to 5 s
CASES = ["records.before_commit:8", "records.after_commit:3", "artifact.after_link:2"]

pytestmark = pytest.mark.real("sandbox")


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with fresh_trial() as found:
        if found.api.doctor()["isolation"] == "none":
            pytest.skip("no isolation could be proven on this machine")
        yield found


@pytest.fixture
def report() -> Report:
    return Report()


def test_an_agent_that_is_killed_loses_nothing(trial: Trial, report: Report) -> None:
    kill_rounds(trial, report, kills=3, ready_within_s=READY_WITHIN_S)
    report.add("every promise kept", trial.settle())
    assert not report.failed


def test_an_agent_that_dies_at_a_commit_breaks_no_promise(trial: Trial, report: Report) -> None:
    crash_rounds(trial, report, CASES, READY_WITHIN_S)
    assert not report.failed


def test_a_run_that_is_canceled_as_it_ends_has_one_end(trial: Trial, report: Report) -> None:
    cancel_rounds(trial, report, races=8)
    assert not report.failed


def test_the_long_form_knows_every_crash_point() -> None:
    assert {case.partition(":")[0] for case in all_cases()} == set(CRASH_POINTS)
