"""The benchmark's verbs work; what they measure is not judged here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bench.__main__ import ITEMS

ROOT = Path(__file__).resolve().parent.parent.parent
EVERY_LINE_HAS = {"name", "unit", "median", "min", "max", "n", "load", "machine"}
EVERY_PROMISE_HAS = {"goal", "limit", "within"}


def lines_of(*words: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.real("sandbox")
@pytest.mark.timeout(1000)  # an environment with pyspark is built
@pytest.mark.parametrize("item", [item.name for item in ITEMS])
def test_item_prints_figures_beside_their_floors(item: str) -> None:
    if item.startswith("score") and shutil.which("wrk") is None:
        pytest.skip("wrk is not installed (tools/system-packages.sh installs it)")
    if item == "spark" and shutil.which("java") is None:
        pytest.skip("Java is not installed (tools/system-packages.sh installs it)")
    lines = lines_of("bench", "--only", item, "--runs", "1", "--small")
    promises = [line for line in lines if "limit" in line]
    assert all(line.keys() >= EVERY_LINE_HAS for line in lines)
    assert promises
    assert all(line.keys() >= EVERY_PROMISE_HAS and isinstance(line["within"], bool) for line in promises)
    if item != "score-memory":
        assert {"floor", "ratio"} <= promises[0].keys()


@pytest.mark.real("sandbox")
def test_no_heavy_library_is_loaded_to_list_runs() -> None:
    (line,) = (
        one for one in lines_of("bench", "--only", "command", "--runs", "1", "--small") if "limit" in one
    )
    assert "problems" not in line


@pytest.mark.real("sandbox")
def test_peer_is_measured_beside_us() -> None:
    lines = lines_of("bench.peers", "--only", "make", "--runs", "1", "--small")
    assert [line["name"] for line in lines] == [
        f"peer.make.{case}" for case in ("one", "chain", "fan", "again")
    ]
    assert all(line.keys() >= EVERY_LINE_HAS | {"skyloom", "skyloom_to_peer"} for line in lines)
