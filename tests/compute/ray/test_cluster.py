"""A cluster of real Ray processes, asked as a pool asks it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from skyloom.compute.ray.cluster import RayCluster

pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
WITHIN_S = 120.0


@pytest.fixture
def lost() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def cluster(
    tmp_path: Path, lost: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[RayCluster]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = RayCluster("c", "", tmp_path / "ray", lambda node, why: lost.append((node, why)))
    yield made
    made.close()


def test_nodes_that_start_at_one_moment_all_come_up_at_the_first_try(
    cluster: RayCluster, lost: list[tuple[str, str]], tmp_path: Path
) -> None:
    names = [f"c-{number}" for number in range(3)]
    said = [one.result(WITHIN_S) for one in [_added(cluster, name) for name in names]]
    assert said == [{"hello": name} for name in names]
    assert "was lost while it started" not in (tmp_path / "ray" / "bridge.log").read_text()
    assert not lost


def test_a_node_that_dies_while_it_starts_is_started_again(
    cluster: RayCluster, lost: list[tuple[str, str]], tmp_path: Path
) -> None:
    killed: list[int] = []
    killing = threading.Thread(target=_kill_first_start, args=("c-1", killed))
    killing.start()
    said = _added(cluster, "c-1").result(WITHIN_S)
    killing.join()
    assert said == {"hello": "c-1"} and killed
    assert "c-1 was lost while it started" in (tmp_path / "ray" / "bridge.log").read_text()
    assert not lost  # nobody had been told of it


def _added(cluster: RayCluster, name: str) -> Future[Any]:
    return cluster.ask(
        "add", node=name, cores=1, gpus=0, memory_bytes=2**28, is_low=False,
        does="tests.compute.ray.hello_node:HelloNode", config={"name": name},
    )  # fmt: skip


def _kill_first_start(node: str, killed: list[int]) -> None:
    until = time.monotonic() + WITHIN_S
    while not killed and time.monotonic() < until:
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            try:
                is_of_node = f"/{node}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes()
                words = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if is_of_node and b"\0start\0--block\0" in words:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                break
        time.sleep(0.01)
