from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.sandbox import levels
from skyloom.core.problem import ProblemError
from tests.compute.boxes import Boxes, script


@pytest.fixture(scope="session")
def boxes() -> Iterator[Boxes]:
    # not below pytest's own folder: its mode keeps the run's user id out at level kernel-filter
    with tempfile.TemporaryDirectory(prefix="skyloom-boxes-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        made = Boxes(Path(folder))
        try:
            yield made
        finally:
            made.compute.close()


@pytest.fixture(params=[levels.FULL_CGROUP, levels.FULL, levels.KERNEL_FILTER])
def level(request: pytest.FixtureRequest, boxes: Boxes) -> str:
    """Every level that this machine offers; a skip says why one is missing."""
    wanted = str(request.param)
    try:
        outcome = boxes.run(script("pass"), level=wanted).outcome
    except ProblemError as error:  # pragma: no cover
        pytest.skip(str(error))
    if outcome.problem is not None and outcome.problem.code == "C001":
        pytest.skip(outcome.problem.message)
    return wanted
