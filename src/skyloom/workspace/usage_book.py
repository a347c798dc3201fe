"""UsageBook: counts calls of web services as they are answered, and keeps the counts for ninety days.

A call costs a few additions in memory; every half minute what was counted is written, a document for each
endpoint, day and agent. An agent that is killed loses at most that half minute of counts.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service_usage import SLOT_S, ServiceUsage, Slot, added, place_of, point
from skyloom.engine.document_ports import Documents
from skyloom.workspace.kept import Kept

_log = logging.getLogger("skyloom.usage")
WRITE_EVERY_S = 30.0
KEPT_DAYS = 90
DAY_S = 86_400
SPANS: Mapping[str, tuple[int, int]] = {  # name -> how long, and how long a part of it
    "hour": (3600, SLOT_S),
    "day": (DAY_S, 3600),
    "week": (7 * DAY_S, 6 * 3600),
    "month": (30 * DAY_S, DAY_S),
}


@dataclass(frozen=True)
class UsageDay:
    """The calls of one endpoint on one day (UTC), as one agent counted them; slots by their number."""

    id: str
    endpoint: str
    day: int  # since 1970
    slots: Mapping[str, Slot] = field(default_factory=dict)
    revision: int = 1


@dataclass
class _Counting:
    calls: int = 0
    errors: int = 0
    durations: dict[str, int] = field(default_factory=dict)

    def told(self) -> Slot:
        return Slot(self.calls, self.errors, dict(self.durations))


class UsageBook:
    """Of one workspace; safe to share between threads."""

    def __init__(self, documents: Documents, now: Callable[[], float] = time.time) -> None:
        self._kept = Kept(documents, "service usage", UsageDay, parent=lambda day: day.endpoint)
        self._now = now
        self._agent = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._counting: dict[tuple[str, int], _Counting] = {}
        self._days: dict[tuple[str, int], UsageDay] = {}
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, endpoint: str, is_fault: bool, seconds: float) -> None:
        """One call was answered."""
        key, place = (endpoint, int(self._now()) // SLOT_S), str(place_of(seconds))
        with self._lock:
            slot = self._counting.get(key)
            if slot is None:
                slot = self._counting[key] = _Counting()
                self._start()
            slot.calls += 1
            slot.errors += is_fault
            slot.durations[place] = slot.durations.get(place, 0) + 1

    def usage(self, endpoint: str, span: str) -> ServiceUsage:
        """The calls of the last hour, day, week or month.

        Raises
        ------
        ProblemError
            W383 a span that is none.
        """
        if span not in SPANS:
            what = f"There is no span '{span:.20}'."
            raise ProblemError(Problem("W383", what, "span", f"There are: {', '.join(SPANS)}."))
        self.write()
        length, part = SPANS[span]
        end = (int(self._now()) // part + 1) * part
        found = self._slots(endpoint, end - length, end)
        parts = [
            (begin, [slot for at, slot in found if begin <= at < begin + part])
            for begin in range(end - length, end, part)
        ]
        points = tuple(point(_told(begin), part, added(slots)) for begin, slots in parts)
        return ServiceUsage(point(_told(end - length), length, added(slot for _, slot in found)), points)

    def write(self) -> None:
        """Keep what was counted since."""
        with self._writing:
            with self._lock:
                counted, self._counting = self._counting, {}
            fresh: dict[tuple[str, int], dict[str, Slot]] = {}
            for (endpoint, number), slot in counted.items():
                fresh.setdefault((endpoint, number * SLOT_S // DAY_S), {})[str(number)] = slot.told()
            for (endpoint, day), slots in fresh.items():
                self._write_day(endpoint, day, slots)

    def close(self) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join(10.0)
        self.write()

    # --- inside -----------------------------------------------------------------------------------------

    def _slots(self, endpoint: str, begin: int, end: int) -> list[tuple[int, Slot]]:
        """When each slot begins, and what was counted in it."""
        return [
            (int(number) * SLOT_S, slot)
            for day in self._kept.all(endpoint)
            if begin // DAY_S <= day.day <= end // DAY_S
            for number, slot in day.slots.items()
            if begin <= int(number) * SLOT_S < end
        ]

    def _write_day(self, endpoint: str, day: int, slots: Mapping[str, Slot]) -> None:
        key = (endpoint, day)
        known = self._days.get(key)
        if known is None:
            made = UsageDay(f"{endpoint}:{day}:{self._agent}", endpoint, day, slots)
            if self._kept.add(made):
                self._days = {one: kept for one, kept in self._days.items() if one[1] >= day - 1}
                self._days[key] = made
                self._forget_old(day)
            return
        both = {number: added((known.slots.get(number, Slot()), slot)) for number, slot in slots.items()}
        changed = replace(known, slots={**known.slots, **both})
        if self._kept.change(changed, known.revision):
            self._days[key] = replace(changed, revision=known.revision + 1)

    def _forget_old(self, day: int) -> None:
        for old in self._kept.all():
            if old.day < day - KEPT_DAYS:
                self._kept.remove(old.id)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_now_and_then, name="usage", daemon=True)
            self._thread.start()

    def _write_now_and_then(self) -> None:
        while not self._ending.wait(WRITE_EVERY_S):
            try:
                self.write()
            except ProblemError as error:
                _log.error("counts of calls could not be written: %s", error)


def _told(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
