"""Scoring over HTTP: a logistic regression on eight columns, the server on one processor (W4).

A rate is told as milliseconds a request, so that less is better everywhere; the requests a second stand among
the parts. The floor is bare ASGI with the model as one line of arithmetic, measured in the same rounds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import SECONDS, Burst, NoLoader, burst
from bench.measure import Case, Floor, Measurement
from bench.processes import memory_of_tree
from bench.scoring_model import classic_body, request_rows
from bench.scoring_server import published
from bench.serving import started
from bench.setting import Item, Setting

MANY_ROWS = 1000
KEPT_UP = 100_000  # requests over which memory is to be flat
FEW = 2_000


@dataclass
class Loaded:
    """A server and what to post to it; remembers what went wrong."""

    address: str
    bodies: dict[int, Path]
    pid: int
    key: str = ""
    seconds: int = SECONDS
    problems: list[str] = field(default_factory=list)

    def burst(self, rows: int, connections: int) -> Burst:
        found = burst(self.address, self.bodies[rows], connections, self.key, self.seconds)
        if found.errors:
            self.problems.append(f"{found.errors} of {found.requests} requests failed")
        return found


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    with served(_seconds(setting)) as (ours, floor):
        plain, append, script = ours["score"], ours["append"], ours["script"]
        yield (
            _latency("score.one_row", plain, floor, limit=0.6, goal=0.35),
            _rate("score.one_row_32", plain, floor, 1, 32, limit=1000 / 3500, goal=1000 / 6000),
            _rate("score.thousand_rows_8", plain, floor, MANY_ROWS, 8, limit=1000 / 600, goal=1000 / 950),
            _rate("score.whole_rows_32", append, floor, 1, 32),
            Case(
                "score.script_adds",
                "ms",
                lambda: _added(plain, script),
                limit=5,
                problems=lambda: script.problems,
                facts={"of": "p50, one connection"},
            ),
        )


@contextmanager
def prepare_memory(setting: Setting) -> Iterator[Sequence[Case]]:
    count = FEW if setting.sizes.table_rows < KEPT_UP else KEPT_UP
    with served(_seconds(setting)) as (ours, _):
        plain = ours["score"]

        def take() -> Measurement:
            plain.burst(1, 32)
            before, done = memory_of_tree(plain.pid), 0
            while done < count:
                done += plain.burst(1, 32).requests
            after = memory_of_tree(plain.pid)
            return Measurement((after - before) / 1e6, {"requests": done, "before_mb": before / 1e6})

        yield (Case("score.memory_growth", "MB", take, limit=5, goal=1, problems=lambda: plain.problems),)


ITEM = Item("score", 5, prepare)
MEMORY = Item("score-memory", 1, prepare_memory)


@contextmanager
def served(seconds: int = SECONDS) -> Iterator[tuple[dict[str, Loaded], Loaded]]:
    """Skyloom's endpoints and the floor, each server on the same processor."""
    with (
        tempfile.TemporaryDirectory() as folder,
        published() as (endpoints, agent),
        started("bench.scoring_floor") as floor,
    ):
        place = Path(folder)
        classic = {rows: _written(place / f"classic-{rows}", classic_body(rows)) for rows in (1, MANY_ROWS)}
        bare = {
            rows: _written(place / f"bare-{rows}", json.dumps({"data": request_rows(rows)}).encode())
            for rows in (1, MANY_ROWS)
        }
        ours = {
            name: Loaded(one.address, classic, agent, one.key, seconds) for name, one in endpoints.items()
        }
        yield ours, Loaded(f"http://127.0.0.1:{floor['port']}/", bare, floor["pid"], "", seconds)


def _seconds(setting: Setting) -> int:
    return SECONDS if setting.sizes.table_rows >= KEPT_UP else 1


def milliseconds_a_request(loaded: Loaded, rows: int, connections: int) -> Measurement:
    found = loaded.burst(rows, connections)
    return Measurement(1000 / found.rate, {"requests_per_s": found.rate, "p50": found.p50, "p99": found.p99})


def _latency(name: str, ours: Loaded, floor: Loaded, limit: float, goal: float) -> Case:
    def p50(loaded: Loaded) -> Callable[[], Measurement]:
        def take() -> Measurement:
            found = loaded.burst(1, 1)
            return Measurement(found.p50, {"requests_per_s": found.rate, "p99": found.p99})

        return take

    floors = (Floor(Case("floor.scoring_one_row", "ms", p50(floor))),)
    facts = {"connections": 1, "rows": 1, "of": "p50"}
    return Case(name, "ms", p50(ours), limit, goal, floors, facts, lambda: ours.problems)


def _rate(
    name: str,
    ours: Loaded,
    floor: Loaded,
    rows: int,
    connections: int,
    limit: float | None = None,
    goal: float | None = None,
) -> Case:
    below = Case(
        f"floor.scoring_{rows}_rows_{connections}",
        "ms",
        lambda: milliseconds_a_request(floor, rows, connections),
    )
    facts = {"connections": connections, "rows": rows, "of": "a request, from the rate"}
    return Case(
        name,
        "ms",
        lambda: milliseconds_a_request(ours, rows, connections),
        limit,
        goal,
        (Floor(below),),
        facts,
        lambda: ours.problems,
    )


def _added(plain: Loaded, script: Loaded) -> Measurement:
    without, with_it = plain.burst(1, 1).p50, script.burst(1, 1).p50
    return Measurement(with_it - without, {"with_script": with_it, "without": without})


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


__all__ = ["ITEM", "MEMORY", "Loaded", "NoLoader", "milliseconds_a_request", "served"]
