"""Counts of calls: what is told of them, and that they outlive the agent."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass

import pytest

from skyloom.core.problem import ProblemError
from skyloom.stores.memory_documents import MemoryDocuments
from skyloom.workspace.usage_book import DAY_S, KEPT_DAYS, UsageBook

NOON = 20_000 * DAY_S + 43_200.0


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def documents() -> MemoryDocuments:
    return MemoryDocuments()


def test_calls_and_faults_are_told_by_when_they_were(clock: Clock, documents: MemoryDocuments) -> None:
    book = UsageBook(documents, clock)
    for hour in (0, 0, 2):
        clock.now = NOON + hour * 3600
        book.note("one", hour == 2, 0.01)
    book.note("other", True, 0.01)
    told = book.usage("one", "day")
    assert (told.total.calls, told.total.errors) == (3, 1)
    assert [(point.at[11:13], point.calls, point.errors) for point in told.points if point.calls] == [
        ("12", 2, 0),
        ("14", 1, 1),
    ]
    assert len(told.points) == 24 and told.points[0].p50_ms is None


@pytest.mark.parametrize(("span", "count"), [("hour", 6), ("day", 24), ("week", 28), ("month", 30)])
def test_a_span_has_its_parts_and_the_newest_call_is_in_the_last(
    clock: Clock, documents: MemoryDocuments, span: str, count: int
) -> None:
    book = UsageBook(documents, clock)
    book.note("one", False, 0.01)
    points = book.usage("one", span).points
    assert len(points) == count and points[-1].calls == 1


def test_percentiles_are_near_the_true_ones(clock: Clock, documents: MemoryDocuments) -> None:
    book, chance = UsageBook(documents, clock), random.Random(4)
    took = [chance.lognormvariate(-5, 1) for _ in range(2000)]
    for seconds in took:
        book.note("one", False, seconds)
    total = book.usage("one", "hour").total
    assert total.p50_ms == pytest.approx(1000 * statistics.median(took), rel=0.1)
    assert total.p95_ms == pytest.approx(1000 * sorted(took)[1900], rel=0.1)


def test_counts_outlive_the_agent_and_those_of_two_add_up(clock: Clock, documents: MemoryDocuments) -> None:
    first, second = UsageBook(documents, clock), UsageBook(documents, clock)
    first.note("one", False, 0.01)
    second.note("one", False, 0.02)
    first.close()
    second.close()
    again = UsageBook(documents, clock)
    again.note("one", False, 0.03)
    assert again.usage("one", "hour").total.calls == 3
    again.note("one", False, 0.03)
    assert again.usage("one", "hour").total.calls == 4


def test_old_counts_are_forgotten(clock: Clock, documents: MemoryDocuments) -> None:
    book = UsageBook(documents, clock)
    book.note("one", False, 0.01)
    book.write()
    clock.now += (KEPT_DAYS + 1) * DAY_S
    book.note("one", False, 0.01)
    book.write()
    assert len(documents.all("service usage")) == 1


def test_a_span_that_is_none_is_refused(documents: MemoryDocuments) -> None:
    with pytest.raises(ProblemError, match="W383"):
        UsageBook(documents).usage("one", "year")
