"""Times of schedules (core/recurrence.py)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.recurrence import WEEK_DAYS, Recurrence, next_after, occurrences, recurrence_faults

MADE = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)


def first(rule: Recurrence, count: int = 3) -> list[str]:
    return [f"{one:%m-%d %H:%M}" for one in islice(occurrences(rule, MADE), count)]


def test_without_a_start_the_first_time_is_when_the_rule_was_made() -> None:
    assert first(Recurrence("Minute", 15)) == ["05-01 10:00", "05-01 10:15", "05-01 10:30"]
    assert first(Recurrence("Month")) == ["05-01 10:00", "06-01 10:00", "07-01 10:00"]


def test_nine_o_clock_stays_nine_o_clock_when_summer_time_begins_and_ends() -> None:
    for day, hours in (("2024-03-30", ("08", "07", "07")), ("2024-10-26", ("07", "08", "08"))):
        rule = Recurrence("Day", 1, f"{day}T09:00:00", "Europe/Berlin")
        assert tuple(one[6:8] for one in first(rule)) == hours


def test_a_time_that_the_clock_leaves_out_falls_after_the_gap() -> None:
    rule = Recurrence("Day", 1, "2024-03-30T02:30:00", "Europe/Berlin")
    assert first(rule) == ["03-30 01:30", "03-31 01:30", "04-01 00:30"]


def test_hours_and_week_days_choose_within_their_period() -> None:
    rule = Recurrence("Week", 2, "2024-05-01T00:00:00", "UTC", (17, 9), (30,), week_days=("Friday", "Monday"))
    assert first(rule, 5) == ["05-03 09:30", "05-03 17:30", "05-13 09:30", "05-13 17:30", "05-17 09:30"]


def test_a_month_without_the_day_is_left_out() -> None:
    rule = Recurrence("Month", 1, "2024-01-31T06:00:00")
    assert first(rule) == ["01-31 06:00", "03-31 06:00", "05-31 06:00"]


def test_what_lies_behind_is_counted() -> None:
    rule = Recurrence("Hour", 2, "2024-05-01T00:00:00")
    assert next_after(rule, MADE, datetime(2024, 5, 1, 5, tzinfo=UTC)) == (
        datetime(2024, 5, 1, 6, tzinfo=UTC),
        3,
    )
    assert next_after(rule, MADE, None) == (datetime(2024, 5, 1, tzinfo=UTC), 0)
    assert next_after(rule, MADE, datetime(2024, 4, 1, tzinfo=UTC))[1] == 0


RULES = st.builds(
    Recurrence,
    st.sampled_from(["Minute", "Hour", "Day", "Week", "Month"]),
    st.integers(1, 40),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
        lambda one: one.isoformat(timespec="seconds")
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)


@given(RULES, st.integers(0, 5))
def test_times_ascend_and_the_next_one_is_the_first_behind(rule: Recurrence, place: int) -> None:
    found = list(islice(occurrences(rule, MADE), 8))
    assert all(earlier < later for earlier, later in pairwise(found))
    assert next_after(rule, MADE, found[place]) == (found[place + 1], place + 1)
    assert next_after(rule, MADE, found[place] - timedelta(seconds=1)) == (found[place], place)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"frequency": "Year"}, "frequency"),
        ({"interval": 0}, "interval"),
        ({"interval": True}, "interval"),
        ({"frequency": "Hour", "hours": (3,)}, "Day and Week"),
        ({"week_days": ("Monday",)}, "week_days"),
        ({"frequency": "Week", "week_days": ("Mo",)}, "Monday to Sunday"),
        ({"hours": (24,)}, "hour of a day"),
        ({"minutes": (60,)}, "minute of an hour"),
        ({"start": "tomorrow"}, "start_time"),
        ({"start": "2024-01-01T00:00:00+01:00"}, "zone of its own"),
        ({"zone": "Europe/Nowhere"}, "time zone"),
    ],
)
def test_what_makes_a_rule_none_is_told(change: dict[str, Any], word: str) -> None:
    faults = recurrence_faults(Recurrence(**{"frequency": "Day", **change}))
    assert len(faults) == 1 and word in faults[0]
    assert recurrence_faults(Recurrence("Week", 2, hours=(9,), week_days=WEEK_DAYS)) == []
