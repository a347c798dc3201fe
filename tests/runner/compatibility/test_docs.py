"""docs/compatibility.md has one row for each shim, and no row without one."""

from __future__ import annotations

import re
from pathlib import Path

from skyloom.runner.compatibility import install
from skyloom.runner.compatibility.shim import Shim

PAGE = Path(__file__).parents[3] / "docs" / "compatibility.md"


def row(shim: Shim) -> str:
    cells = (f"`{shim.old}`", shim.gone, shim.does, shim.modern)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def test_every_shim_has_its_row() -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    missing = [row(shim) for shim in install.shims() if row(shim) not in page]
    assert not missing, "add to docs/compatibility.md:\n" + "\n".join(missing)


def test_every_row_has_its_shim() -> None:
    rows = {row(shim) for shim in install.shims()}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    stale = [line for line in lines if re.match(r"\| `", line) and line not in rows]
    assert not stale, "remove from docs/compatibility.md:\n" + "\n".join(stale)


def test_spellings_are_unique_and_every_shim_says_what_it_does() -> None:
    shims = list(install.shims())
    assert len({shim.old for shim in shims}) == len(shims)
    assert all(shim.gone and shim.does for shim in shims)
    assert all(shim.modern for shim in shims)
    assert not [shim.old for shim in shims if "skyloom" in shim.modern]
