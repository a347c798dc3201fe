"""What a box leaves of a failed script's variables, and what is kept of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from skyloom.compute.locals_file import checked_locals, keep_locals
from skyloom.runner.local_values import FILE, MOST_FRAMES, MOST_TEXT
from tests.compute.boxes import Boxes

FRAME = {"file": "a.py", "line": 3, "function": "f", "locals": [["x", "int", "1"]], "left_out": 0}
TOLD = {"errors": [{"error": "KeyError", "frames": [FRAME]}]}
FAILING = "def azureml_main(dataframe1=None, dataframe2=None):\n    total = 41\n    raise KeyError(total)\n"


def left(folder: Path, content: bytes) -> tuple[str, str]:
    work, kept = folder / "work", folder / "kept"
    (work / ".skyloom").mkdir(parents=True)
    kept.mkdir()
    (work / ".skyloom" / FILE).write_bytes(content)
    return str(work), str(kept)


def test_the_agreed_form_is_kept(tmp_path: Path) -> None:
    work, kept = left(tmp_path, json.dumps(TOLD).encode())
    assert keep_locals(work, kept) == FILE
    assert json.loads(Path(kept, FILE).read_text()) == TOLD


@pytest.mark.parametrize(
    "content", [b"", b"[", b"[]", b"5", b'{"errors": 5}', b"[" * 100_000, b'"' + b"x" * 2_000_000 + b'"']
)
def test_anything_else_is_nothing(tmp_path: Path, content: bytes) -> None:
    work, kept = left(tmp_path, content)
    assert keep_locals(work, kept) == ""
    assert os.listdir(kept) == []


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    work, kept = left(tmp_path, b"")
    file = Path(work, ".skyloom", FILE)
    file.unlink()
    (tmp_path / "elsewhere.json").write_text(json.dumps(TOLD))
    file.symlink_to(tmp_path / "elsewhere.json")
    assert keep_locals(work, kept) == ""


def test_a_liar_is_cut() -> None:
    frame: dict[str, Any] = {**FRAME, "line": -5, "locals": [["x", "int", "y" * 10**6], ["x"], 5, None]}
    told = checked_locals({"errors": [{"error": 5, "frames": [frame] * 1000, "more": 1}], "more": 1})
    (error,) = told["errors"]
    assert isinstance(error, dict) and isinstance(error["frames"], list)
    assert len(error["frames"]) == MOST_FRAMES
    assert len(json.dumps(told)) < 3 * MOST_TEXT
    assert error["frames"][0]["line"] == 0  # type: ignore[index,call-overload]


@pytest.mark.real("sandbox")
def test_a_script_that_fails_in_a_box_leaves_its_variables_where_they_are_wanted(
    boxes: Boxes, level: str
) -> None:
    ran = boxes.run(FAILING, level=level, keeps_locals=True)
    assert ran.outcome.problem is not None and ran.outcome.problem.code == "S001"
    told = json.loads((ran.folder / ran.outcome.locals).read_text())
    assert told["errors"][0]["frames"][-1]["locals"][-1] == ["total", "int", "41"]
    again = boxes.run(FAILING, level=level)
    assert again.outcome.locals == ""
    assert "locals.json" not in os.listdir(again.folder)


@pytest.mark.real("sandbox")
def test_a_script_that_ends_well_leaves_nothing(boxes: Boxes) -> None:
    fine = "import pandas\ndef azureml_main(a=None, b=None):\n    return pandas.DataFrame({'x': [1]}),\n"
    assert boxes.run(fine, keeps_locals=True).outcome.locals == ""
