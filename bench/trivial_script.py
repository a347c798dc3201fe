"""A trivial azureml_main over ten rows, agent warm: from submit to record, and hand-over to result alone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.datasets import TEN, store_ten_rows
from bench.graphs import ADD_A_COLUMN, over_dataset
from bench.hand_over import handing_over
from bench.measure import Case, Floor, Measurement
from bench.setting import Item, Setting
from skyloom.core.identity import Json

THINK_S = 0.2  # between two runs of one person; spares are made anew meanwhile
COMMITS = 2  # the run accepted; node and run completed. That it runs is not synced, for it may run again
RESULT_BYTES = 4096


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    floors = setting.floors
    store_ten_rows(setting.workspace)
    with handing_over(setting.workspace, "full") as hand_over:
        yield (
            _recorded(setting, "trivial.recorded", "full"),
            _recorded(setting, "trivial.recorded_at_default_level", None),
            Case("trivial.hand_over", "ms", hand_over, 6, 4, (Floor(floors.spare()),), {"isolation": "full"}),
        )


ITEM = Item("trivial", 30, prepare)


def _recorded(setting: Setting, name: str, isolation: str | None) -> Case:
    """From submit until the completed run can be read from the records."""
    workspace, floors = setting.workspace, setting.floors
    level = workspace.node(workspace.carry_out(_document(), isolation).run, "node").isolation

    def take() -> Measurement:
        document = _document()
        time.sleep(THINK_S)
        carried = workspace.carry_out(document, isolation, kind=name)
        return Measurement(carried.milliseconds, workspace.executed(carried.run).nodes[0].timings_ms)

    parts = (Floor(floors.spare()), Floor(floors.commit(), COMMITS), Floor(floors.write(RESULT_BYTES)))
    return Case(name, "ms", take, limit=15, floors=parts, facts={"isolation": level})


def _document() -> Json:
    return over_dataset(TEN, ADD_A_COLUMN)
