"""Recurrence: the times of a schedule, in its own time zone. Source: sdk.md 14, ScheduleRecurrence."""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Frequency = Literal["Minute", "Hour", "Day", "Week", "Month"]
WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STEP = {"Minute": timedelta(minutes=1), "Hour": timedelta(hours=1)}
_MOST_EMPTY = 3000  # periods that are looked through for one that has a day (a 31st, a week day)


@dataclass(frozen=True)
class Recurrence:
    """Every ``interval`` minutes, hours, days, weeks or months, from ``start`` on.

    ``start`` is a wall clock's time in ``zone``, as ``YYYY-MM-DDThh:mm:ss``; ``zone`` a name of the time zone
    database. ``hours``, ``minutes`` and ``week_days`` choose times within a day and days within a week.
    """

    frequency: Frequency
    interval: int = 1
    start: str | None = None
    zone: str = "UTC"
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_days: tuple[str, ...] = ()


def occurrences(rule: Recurrence, created: datetime) -> Iterator[datetime]:
    """Every time of the rule, in order, in UTC. ``created`` (aware) is the start where the rule names none.

    Minutes and hours are counted in elapsed time; days, weeks and months on the wall clock, so that nine
    o'clock stays nine o'clock when summer time begins. A time that a clock leaves out falls after the gap.

    >>> rule = Recurrence("Day", 1, "2024-03-30T09:00:00", "Europe/Berlin")
    >>> [f"{one:%d %H:%M}" for one in itertools.islice(occurrences(rule, datetime.now(UTC)), 3)]
    ['30 08:00', '31 07:00', '01 07:00']
    """
    zone = ZoneInfo(rule.zone)
    first = datetime.fromisoformat(rule.start) if rule.start else None
    begin = created.astimezone(zone).replace(tzinfo=None, microsecond=0) if first is None else first
    if rule.frequency in _STEP:
        start = created if first is None else _in_utc(first, zone)
        step = _STEP[rule.frequency] * rule.interval
        yield from (start + step * count for count in itertools.count())
        return
    last: datetime | None = None
    for moment in _wall_times(rule, begin):
        found = _in_utc(moment, zone)
        if last is None or found > last:
            last = found
            yield found


def next_after(rule: Recurrence, created: datetime, after: datetime | None) -> tuple[datetime | None, int]:
    """The first time behind ``after`` (None: the very first), and how many lie at or before ``after``."""
    if rule.frequency in _STEP and after is not None:
        start = next(occurrences(rule, created))
        step = _STEP[rule.frequency] * rule.interval
        passed = 0 if after < start else (after - start) // step + 1
        return start + step * passed, passed
    passed = 0
    for moment in occurrences(rule, created):
        if after is None or moment > after:
            return moment, passed
        passed += 1
    return None, passed


def recurrence_faults(rule: Recurrence) -> list[str]:
    """Everything that makes the rule none, in words."""
    faults: list[str] = []
    if rule.frequency not in ("Minute", "Hour", "Day", "Week", "Month"):
        faults.append(f"frequency must be Minute, Hour, Day, Week or Month, not {rule.frequency!r}")
    if isinstance(rule.interval, bool) or not isinstance(rule.interval, int) or rule.interval < 1:
        faults.append(f"interval must be a whole number from 1, not {rule.interval!r}")
    if (rule.hours or rule.minutes) and rule.frequency not in ("Day", "Week"):
        faults.append("hours and minutes go with the frequencies Day and Week only")
    if rule.week_days and rule.frequency != "Week":
        faults.append("week_days go with the frequency Week only")
    faults += [f"{hour!r} is no hour of a day" for hour in rule.hours if hour not in range(24)]
    faults += [f"{minute!r} is no minute of an hour" for minute in rule.minutes if minute not in range(60)]
    faults += [
        f"{day!r} is no week day; they are Monday to Sunday" for day in rule.week_days if day not in WEEK_DAYS
    ]
    if rule.start is not None:
        try:
            if datetime.fromisoformat(rule.start).tzinfo is not None:
                faults.append("start_time must not have a time zone of its own")
        except ValueError:
            faults.append(f"start_time must read YYYY-MM-DDThh:mm:ss, not {rule.start!r}")
    try:
        ZoneInfo(rule.zone)
    except (ValueError, OSError, LookupError):
        faults.append(f"there is no time zone {rule.zone!r}")
    return faults


def _wall_times(rule: Recurrence, begin: datetime) -> Iterator[datetime]:
    times = _times_of_day(rule, begin)
    empty = 0
    for count in itertools.count():
        found = False
        for day in _days(rule, begin, count * rule.interval):
            for moment in (datetime.combine(day, one) for one in times):
                if moment >= begin:
                    found = True
                    yield moment
        empty = 0 if found else empty + 1
        if empty > _MOST_EMPTY:
            return


def _days(rule: Recurrence, begin: datetime, periods: int) -> list[datetime]:
    day = datetime.combine(begin.date(), time())
    if rule.frequency == "Day":
        return [day + timedelta(days=periods)]
    if rule.frequency == "Week":
        monday = day - timedelta(days=day.weekday()) + timedelta(weeks=periods)
        wanted = sorted(WEEK_DAYS.index(name) for name in rule.week_days) or [day.weekday()]
        return [monday + timedelta(days=number) for number in wanted]
    month = begin.year * 12 + begin.month - 1 + periods
    year, number = divmod(month, 12)
    if year > 9990 or begin.day > calendar.monthrange(year, number + 1)[1]:
        return []  # no 31st in this month
    return [day.replace(year=year, month=number + 1)]


def _times_of_day(rule: Recurrence, begin: datetime) -> list[time]:
    hours = rule.hours or (begin.hour,)
    minutes = rule.minutes or ((0,) if rule.hours else (begin.minute,))
    second = 0 if rule.hours or rule.minutes else begin.second
    return sorted({time(hour, minute, second) for hour in hours for minute in minutes})


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone).astimezone(UTC)
