"""`skyloom runs list` with the agent up, as a whole process, and what it may not load."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.graphs import TEN_ROWS, graph, script
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting

PROGRAM = Path(sys.executable).with_name("skyloom")
HEAVY = ("pandas", "numpy", "pyarrow", "sqlalchemy", "starlette", "uvicorn", "fastapi")
RUNS_LISTED = 50
THINK_S = 0.05


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    workspace, floors = setting.workspace, setting.floors
    document = graph("listed", {"node": script(TEN_ROWS)})
    for _ in range(RUNS_LISTED):
        workspace.carry_out(document)
    yield (
        Case(
            "command.runs_list",
            "ms",
            _list,
            limit=200,
            goal=60,
            floors=(Floor(floors.python()),),
            facts={"runs": RUNS_LISTED},
            problems=loaded_heavily,
        ),
    )


ITEM = Item("command", 20, prepare)


def skyloom(*words: str) -> bytes:
    """What a command prints.

    Raises
    ------
    RuntimeError
        It ended with another code than 0.
    """
    done = subprocess.run([PROGRAM, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")[-500:]
        raise RuntimeError(f"skyloom {' '.join(words)} ended with {done.returncode}: {said}")
    return done.stdout


def loaded_heavily() -> list[str]:
    """Libraries that the list of runs may not load and does."""
    words = [sys.executable, "-X", "importtime", str(PROGRAM), "runs", "list"]
    told = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stderr
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in told.splitlines()}
    return [f"loads {name}" for name in HEAVY if name in loaded]


def _list() -> Measurement:
    time.sleep(THINK_S)
    started = time.perf_counter()
    skyloom("runs", "list")
    return Measurement((time.perf_counter() - started) * 1000)
