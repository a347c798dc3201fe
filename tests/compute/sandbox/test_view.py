from __future__ import annotations

import sys
from pathlib import Path

from skyloom.compute.sandbox import view
from skyloom.compute.sandbox.view import View


def test_interpreter_and_our_code_are_seen_and_homes_are_not() -> None:
    package = str(Path(view.__file__).parents[2])
    seen = view.view_for(package).readable
    assert package in seen
    assert any(sys.base_prefix == path or sys.base_prefix.startswith(path + "/") for path in seen)
    assert not {"/", "/root", "/home", "/var", "/etc", "/run"} & set(seen)


def test_work_folder_moves_aside_for_an_interpreter_below_it() -> None:
    assert view.work_path(View((), ())) == "/work"
    assert view.work_path(View((("/x", "/work/venv"),), ())) == "/workfolder"
    assert view.work_path(View((("/x", "/workshop"),), ())) == "/work"


def test_scratch_folder_moves_aside_for_an_interpreter_below_tmp() -> None:
    assert view.scratch_path(View((("/x", "/tmp/venv"),), ())) == "/skyloom-tmp"
