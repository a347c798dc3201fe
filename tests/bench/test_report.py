"""The tables that are made of the benchmark's lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench.report import main


def written(folder: Path, *lines: dict[str, object]) -> str:
    path = folder / "lines"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def test_missed_promise_is_marked_and_floors_have_no_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures: dict[str, object] = {"median": 20.0, "min": 1.0, "max": 1234.5, "n": 3, "load": 0.5}
    judged: dict[str, object] = {"name": "a", "unit": "ms", "goal": None, "limit": 15, "within": False}
    floor: dict[str, object] = {"name": "floor.spare", "unit": "ms", **figures}
    main([written(tmp_path, floor, {**judged, **figures, "floor": 2.5, "ratio": 8.0})])
    rows = capsys.readouterr().out.splitlines()[2:]
    assert rows == ["| `a` |  | 15 | 20 ms (1 .. 1234, 3) **missed** | 2.5 | 8 | 0.5 |"]


def test_peer_that_was_not_measured_is_named_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([written(tmp_path, {"name": "peer.zen", "skipped": "no such package"})])
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| `zen` | not measured: no such package |  |  |  |  |"
    ]
