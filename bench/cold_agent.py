"""The first command on a cold workspace: how long until the agent is ready and has answered it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.command import skyloom
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from bench.workspace import temporary_home

LIBRARIES = "import pandas, sqlalchemy, starlette"


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    floors = (Floor(setting.floors.python()), Floor(setting.floors.python(LIBRARIES)))
    yield (Case("cold.agent_ready", "s", _first_command, limit=2, floors=_in_seconds(floors)),)


ITEM = Item("cold", 5, prepare)


def _in_seconds(floors: Sequence[Floor]) -> tuple[Floor, ...]:
    return tuple(Floor(floor.case, 0.001) for floor in floors)


def _first_command() -> Measurement:
    """`skyloom runs list` in a folder that was not there: it returns when the agent has answered."""
    with temporary_home():
        started = time.perf_counter()
        skyloom("runs", "list")
        return Measurement(time.perf_counter() - started)
