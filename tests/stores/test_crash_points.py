"""A process that dies at any commit point breaks no promise (reliability.md 3.3, row 2)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.core.run import fold_states
from skyloom.core.state import State
from skyloom.engine.crashpoint import CRASH_POINTS, EXIT_CODE
from skyloom.engine.ports import Claimant
from skyloom.stores.artifacts_folder import ArtifactsFolder
from tests.contracts.rooms import chain, new_run
from tests.stores.crash_worker import open_room

pytestmark = pytest.mark.xdist_group("crash points")  # what they set up is set up once

NEVER_PASSED = {"records.backed_up"}  # only a migration does; test_migrations.py
ONCE_PASSED = {"artifact.before_sweep"}
TIMES = (1, 2, 3, 5, 8)


@pytest.fixture(scope="module")
def crashed() -> Iterator[Path]:
    """A folder a case, left behind by a process that died there; no power was cut, so memory will do."""
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="skyloom-crashes-", dir=in_memory) as folder:
        _crash_everywhere(Path(folder))
        yield Path(folder)


def _crash_everywhere(folder: Path) -> None:
    cases = [f"{name}:{n}" for name in CRASH_POINTS if name not in NEVER_PASSED for n in TIMES]
    worker = Path(__file__).with_name("crash_worker.py")
    done = subprocess.run(
        [sys.executable, worker, folder, *cases], capture_output=True, text=True, check=True, timeout=200
    )
    codes = dict(line.split() for line in done.stdout.splitlines())
    died = {case for case, code in codes.items() if int(code) == EXIT_CODE}
    assert set(codes.values()) <= {"0", str(EXIT_CODE)}, done.stderr
    assert {case.partition(":")[0] for case in died} == set(CRASH_POINTS) - NEVER_PASSED
    assert {f"{name}:3" for name in CRASH_POINTS} - died == {
        f"{name}:3" for name in NEVER_PASSED | ONCE_PASSED
    }


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("name", sorted(set(CRASH_POINTS) - NEVER_PASSED))
def test_every_promise_holds_after_a_crash_at(name: str, times: int, crashed: Path) -> None:
    folder = crashed / f"{name}-{times}"
    promised = [line.split() for line in (folder / "promises").read_text().splitlines()]
    records = open_room(folder)
    artifacts = ArtifactsFolder(folder / "artifacts")
    try:
        assert artifacts.fsck() == []
        for word, number, run_id in promised:
            graph = chain(1)
            assert records.create(new_run(graph), graph, f"key {number}") == run_id
            run = next(one for one in records.newest(100) if one.id == run_id)
            assert word == "submitted" or run.state is State.COMPLETED
        for row in records.newest(100):
            kept = records.load(row.id)
            assert kept is not None
            told = fold_states(records.events(row.id))
            assert told.get(None, State.CREATED) is kept.state
            for node in kept.nodes:
                assert told.get(node.node, State.CREATED) is node.state
                assert (node.state is State.COMPLETED) == bool(node.outputs)
                assert all(artifacts.exists(output) for output in node.outputs.values())
        assert len(records.newest(100)) <= len({number for _, number, _ in promised}) + 1
        left = records.claim(Claimant("next", 60.0))  # nobody holds what the dead one held
        unfinished = [row.id for row in records.newest(100) if row.state is not State.COMPLETED]
        assert (left.run if left else None) == (unfinished[-1] if unfinished else None)
    finally:
        records.close()
