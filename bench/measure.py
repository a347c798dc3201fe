"""Cases, interleaved rounds, and the one JSON line that tells a figure beside its floor."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.machine import load_now, machine_facts

DIGITS = 3


@dataclass(frozen=True)
class Measurement:
    """One measured value in its case's unit, and named parts of it (or facts beside it) as numbers."""

    value: float
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Floor:
    """What the machine itself takes for the same work: a case, counted ``times``."""

    case: Case
    times: float = 1.0


@dataclass(frozen=True)
class Case:
    """One thing that is measured.

    Parameters
    ----------
    limit
        The worst median that the project promises; None: the figure is told without a judgement.
    goal
        Where the figure is meant to go.
    floors
        Their medians are added up.
    facts
        Sizes and levels that belong to the figure.
    problems
        What makes the case fail apart from its time, asked for after the last round.
    """

    name: str
    unit: str
    take: Callable[[], Measurement]
    limit: float | None = None
    goal: float | None = None
    floors: tuple[Floor, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    problems: Callable[[], Sequence[str]] = tuple


def interleaved(cases: Iterable[Case], runs: int, warmups: int = 1) -> dict[str, list[Measurement]]:
    """Measure A B C A B C ..., so that what disturbs the machine disturbs all of them alike."""
    by_name = {case.name: case for case in cases}
    for _ in range(warmups):
        for case in by_name.values():
            case.take()
    taken: dict[str, list[Measurement]] = {name: [] for name in by_name}
    for _ in range(runs):
        for name, case in by_name.items():
            taken[name].append(case.take())
    return taken


def with_floors(cases: Sequence[Case]) -> list[Case]:
    """The floors of the cases, each once, then the cases."""
    floors = {floor.case.name: floor.case for case in cases for floor in case.floors}
    return [*floors.values(), *cases]


def line_of(case: Case, taken: Mapping[str, Sequence[Measurement]]) -> dict[str, object]:
    """What is printed of a case: the figures of its rounds beside those of its floors."""
    values = [one.value for one in taken[case.name]]
    median = statistics.median(values)
    line: dict[str, object] = {
        "name": case.name,
        "unit": case.unit,
        "median": _short(median),
        "min": _short(min(values)),
        "max": _short(max(values)),
        "n": len(values),
    }
    if case.limit is not None:
        problems = list(case.problems())
        line |= {"goal": case.goal, "limit": case.limit, "within": median <= case.limit and not problems}
        line |= {"problems": problems} if problems else {}
    if case.floors:
        floor = sum(floor.times * _median_of(taken[floor.case.name]) for floor in case.floors)
        line |= {
            "floor": _short(floor),
            "ratio": _short(median / floor) if floor else None,
            "floor_of": {floor.case.name: floor.times for floor in case.floors},
        }
    parts = _parts_of(taken[case.name])
    line |= {"parts": parts} if parts else {}
    line |= dict(case.facts)
    line["load"] = load_now()
    return line


def print_line(line: Mapping[str, object]) -> None:
    """One JSON object on one line, with the machine it was measured on."""
    print(json.dumps({**line, "machine": machine_facts()}), flush=True)


def _parts_of(measurements: Sequence[Measurement]) -> dict[str, float]:
    names = dict.fromkeys(name for one in measurements for name in one.parts)
    return {
        name: _short(statistics.median(one.parts[name] for one in measurements if name in one.parts))
        for name in names
    }


def _median_of(measurements: Sequence[Measurement]) -> float:
    return statistics.median(one.value for one in measurements)


def _short(value: float) -> float:
    return round(value, DIGITS)
