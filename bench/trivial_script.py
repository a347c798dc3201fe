"""A trivial azureml_main over ten rows, agent warm: as its user waits for it, and hand-over to result alone."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.datasets import store_ten_rows
from bench.graphs import ADD_A_COLUMN, over_dataset
from bench.hand_over import ten_rows_task, warm_compute
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from skyloom.core.identity import Json

THINK_S = 0.2  # between two runs of one person; spares are made anew meanwhile
COMMITS = 3  # run accepted; node running; node and run completed
RESULT_BYTES = 4096


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    floors = setting.floors
    document = over_dataset(store_ten_rows(setting.workspace), ADD_A_COLUMN)
    recorded = (
        Floor(floors.spare()),
        Floor(floors.commit(), COMMITS),
        Floor(floors.write(RESULT_BYTES)),
    )
    with _hand_over(setting, "full") as handed:
        yield (
            _submit(setting, document, "full", "trivial.recorded", recorded),
            _submit(setting, document, None, "trivial.recorded_at_default_level", recorded),
            Case("trivial.hand_over", "ms", handed, 6, 4, (Floor(floors.spare()),), {"isolation": "full"}),
        )


ITEM = Item("trivial", 30, prepare)


def _submit(
    setting: Setting, document: Json, isolation: str | None, name: str, floors: tuple[Floor, ...]
) -> Case:
    """From submit until the completed run can be read from the records."""
    workspace = setting.workspace
    level = workspace.node(workspace.carry_out(document, isolation).run, "node").isolation

    def take() -> Measurement:
        time.sleep(THINK_S)
        carried = workspace.carry_out(document, isolation, kind=name)
        return Measurement(carried.milliseconds, workspace.node(carried.run, "node").timings_ms)

    return Case(name, "ms", take, 15, None, floors, {"isolation": level})
