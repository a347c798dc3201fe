"""The page's own checks, with the packages that built it: its types, and the unit tests of web/tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parent.parent.parent / "web"
pytestmark = pytest.mark.real("node")


def _run(*words: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node on this machine")
    if not (WEB / "node_modules" / words[0]).exists():
        pytest.skip("the packages of web/ are not installed: 'make page' fetches them")
    done = subprocess.run(
        [node, f"node_modules/{words[0]}", *words[1:]], cwd=WEB, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_page_holds_to_its_types() -> None:
    _run("typescript/bin/tsc", "--noEmit")


def test_the_unit_tests_of_the_page_pass() -> None:
    _run("vitest/vitest.mjs", "run", "--no-color")
