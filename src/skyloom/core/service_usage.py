"""ServiceUsage: how an endpoint of a web service was called over time; durations are counted, not kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SLOT_S = 600  # the shortest time that is told apart
_FIRST_S, _STEP = 0.0002, 1.15
BOUNDS_S = tuple(_FIRST_S * _STEP**place for place in range(92))  # 0.2 ms to 67 s, each 15 % above the last


@dataclass(frozen=True)
class Slot:
    """The calls of ten minutes: how many, how many of them failed, and durations by the bound above them."""

    calls: int = 0
    errors: int = 0
    durations: Mapping[str, int] = field(default_factory=dict)  # place in BOUNDS_S -> calls


@dataclass(frozen=True)
class UsagePoint:
    """Calls from ``at`` on (UTC, ISO 8601), for ``seconds``; half of them were quicker than ``p50_ms``."""

    at: str
    seconds: int
    calls: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True)
class ServiceUsage:
    """All calls of a time, and the same in parts of it; parts without calls are among them."""

    total: UsagePoint
    points: tuple[UsagePoint, ...]


def place_of(seconds: float) -> int:
    """The bound that a duration is counted under."""
    return min(bisect_left(BOUNDS_S, seconds), len(BOUNDS_S) - 1)


def added(slots: Iterable[Slot]) -> Slot:
    """All of them as one."""
    calls = errors = 0
    durations: dict[str, int] = {}
    for slot in slots:
        calls += slot.calls
        errors += slot.errors
        for place, count in slot.durations.items():
            durations[place] = durations.get(place, 0) + count
    return Slot(calls, errors, durations)


def percentile_ms(slot: Slot, share: float) -> float | None:
    """The duration that so great a share of the calls keeps below, within 7 %; None without calls.

    >>> percentile_ms(Slot(2, 0, {"0": 1, "50": 1}), 0.5) == BOUNDS_S[0] * 1000
    True
    """
    left = share * sum(slot.durations.values())
    for place in sorted(slot.durations, key=int):
        left -= slot.durations[place]
        if left <= 1e-9:
            bound_ms = 1000 * BOUNDS_S[int(place)]
            return bound_ms if place == "0" else round(bound_ms / _STEP**0.5, 3)
    return None


def point(at: str, seconds: int, slot: Slot) -> UsagePoint:
    return UsagePoint(
        at, seconds, slot.calls, slot.errors, percentile_ms(slot, 0.5), percentile_ms(slot, 0.95)
    )
