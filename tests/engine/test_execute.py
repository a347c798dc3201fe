"""One node from its inputs to its record."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.state import State
from skyloom.core.task import Outcome, Task
from skyloom.stores.memory import MemoryDatasets

from .world import Bench, FunctionCompute, node


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.script("one")
    yield made
    made.pool.shutdown()


class ClockedCompute(FunctionCompute):
    """Says of every task how long its box took for what."""

    inside: Mapping[str, float] = {"stage": 1.0, "script": 10.0, "collect": 20.0}

    def execute(
        self,
        task: Task,
        *,
        canceled: threading.Event,
        on_console: Callable[[str, bytes], None] | None = None,
    ) -> Outcome:
        time.sleep(0.05)
        return replace(super().execute(task, canceled=canceled), timings_ms=self.inside)


class ForgetfulDatasets(MemoryDatasets):
    """Cannot be asked once, when told so."""

    is_out = False

    def find(self, wanted: DatasetVersion) -> Dataset | None:
        if self.is_out:
            self.is_out = False
            raise ProblemError(Problem("R015", "The records do not answer.", wanted.name, "Try again."))
        return super().find(wanted)


def test_time_in_the_box_counts_where_it_was_spent(bench: Bench, tmp_path: Path) -> None:
    compute = ClockedCompute(tmp_path)
    compute.scripts = bench.compute.scripts
    bench.world = replace(bench.world, compute=compute)
    found = bench.run({"a": node("one")}).nodes[0]
    laps = found.timings_ms
    assert laps["script"] == 10.0
    assert laps["collect"] >= 20.0
    assert laps["stage"] >= 15.0  # what the box had before the script began
    assert sum(laps[name] for name in ("queue", "stage", "record", "script", "collect")) <= laps["total"]


def test_inputs_that_could_not_be_had_at_first_are_asked_for_again(bench: Bench) -> None:
    datasets = ForgetfulDatasets()
    bench.world = replace(bench.world, datasets=datasets)
    artifact = bench.artifacts.add_bytes(b"stored", "text", "File", "output", "text/plain")
    datasets.save(Dataset("Text", 0, artifact, "now"))
    run = bench.submit({"data": {"dataset": "Text"}, "a": node("one", "data")})
    driver = bench.driver()
    datasets.is_out = True
    driver.drive()
    found = bench.loaded(run).nodes[0]
    assert found.state is State.COMPLETED
    assert found.reuse.startswith("its inputs or environment could not be had")
