from __future__ import annotations

import os
import signal
import time

import pytest

from skyloom.core.task import Reason
from tests.compute.boxes import Boxes

pytestmark = pytest.mark.real("sandbox")

ONE_ROW = "import pandas\ndef azureml_main():\n    return pandas.DataFrame({'a': [1]}),"


def _zygotes() -> list[int]:
    """Zygotes of this process that live."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as told:
        children = [int(word) for word in told.read().split()]
    for thread in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{thread}/children", encoding="ascii") as told:
            children += [int(word) for word in told.read().split()]
    found = []
    for child in set(children):
        with open(f"/proc/{child}/cmdline", "rb") as line:
            if b"skyloom.compute.zygote" in line.read():
                found.append(child)
    return found


def test_a_zygote_that_died_is_replaced_whoever_notices(boxes: Boxes) -> None:
    """Two threads make boxes: the second to notice used to end the zygote that the first had started."""
    boxes.run(ONE_ROW)
    killed = 0
    for _ in range(4):
        for zygote in _zygotes():
            os.kill(zygote, signal.SIGKILL)
            killed += 1
        # boxes die with their zygote, also one that a task has just taken: the engine tries again then
        reasons = [boxes.run(ONE_ROW).outcome.reason for _ in range(4)]
        assert None in reasons and set(reasons) <= {None, Reason.INTERRUPTED}
    assert killed


def test_a_zygote_that_dies_while_boxes_are_made_costs_no_run_its_isolation(boxes: Boxes) -> None:
    """Boxes in the making end with their zygote: each counted as a failure, and three were the end."""
    boxes.run(ONE_ROW)
    killed = 0
    for moment in range(10):
        for zygote in _zygotes():
            os.kill(zygote, signal.SIGKILL)
            killed += 1
        seen = boxes.run(ONE_ROW).outcome.reason
        assert seen in (None, Reason.INTERRUPTED)
        time.sleep(moment * 0.005)  # makers are at work on the spares then: the next death meets them
    assert killed
