"""One task given to a warm compute and its outcome back: neither submitted, nor staged, nor recorded."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.datasets import TEN
from bench.graphs import ADD_A_COLUMN, fresh
from bench.measure import Measurement
from bench.workspace import Workspace
from skyloom.compute.current_environment import current_interpreter
from skyloom.compute.local import LocalCompute
from skyloom.core.identity import NodeId, RunId
from skyloom.core.module import ScriptEntry
from skyloom.core.task import Staged, Task

THINK_S = 0.2


@contextmanager
def handing_over(workspace: Workspace, isolation: str) -> Iterator[Callable[[], Measurement]]:
    """A measurement of hand-over to result at a level, in a compute of its own with its spares ready."""
    folder = Path(workspace.home) / "hand-over"
    store = folder / "store"
    store.mkdir(parents=True)
    artifact = workspace.api.dataset(TEN).artifact
    staged = Staged(artifact.type, workspace.api.download(artifact, "raw"), artifact.digest, TEN)
    compute = LocalCompute(str(folder / "boxes"), str(store))
    interpreter = current_interpreter()

    def take() -> Measurement:
        time.sleep(THINK_S)
        task = _task(staged, folder / uuid4().hex, isolation)
        started = time.perf_counter()
        outcome = compute.execute(task, interpreter, canceled=threading.Event())
        took = (time.perf_counter() - started) * 1000
        for descriptor in outcome.descriptors:
            os.close(descriptor)
        if outcome.reason is not None or outcome.isolation != isolation:
            raise RuntimeError(f"{outcome.reason} at {outcome.isolation}: {outcome.problem}")
        return Measurement(took, outcome.timings_ms)

    try:
        yield take
    finally:
        compute.close()
        shutil.rmtree(folder, ignore_errors=True)


def _task(staged: Staged, folder: Path, isolation: str) -> Task:
    return Task(
        run=RunId("hand-over"),
        node=NodeId("node"),
        attempt=1,
        entry=ScriptEntry("python"),
        values={"Python Script": fresh(ADD_A_COLUMN)},
        inputs={"Dataset1": staged, "Dataset2": None, "Script Bundle": None},
        outputs={"Result Dataset": "Dataset", "Result Dataset2": "Dataset"},
        environment="current",
        optional=frozenset({"Result Dataset2"}),
        folder=str(folder),
        isolation=isolation,
    )
