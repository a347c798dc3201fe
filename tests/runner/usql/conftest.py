"""Runs scripts over the data of the vectors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.usql.call import call_usql
from skyloom.runner.usql.places import Places

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "usql"
# one row of every kind of value: for expressions
ROW = (
    '(VALUES (7, (int?) null, "Liam", (string) null, new DateTime(2020, 2, 29, 3, 4, 5))) AS t(a, n, s, z, d)'
)


class Ran:
    """What a script wrote: ``text(name)`` is a file of it; ``problems`` is what it had wrong."""

    def __init__(self, folder: Path, problems: tuple[Problem, ...], said: list[str]) -> None:
        self.folder, self.problems, self.said = folder, problems, said

    def text(self, name: str = "r.csv") -> str:
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return file.read()

    @property
    def places(self) -> list[str]:
        """``code line:column`` of each problem."""
        return [f"{one.code} {one.where.partition(':')[2]}" for one in self.problems]


@pytest.fixture
def run_usql(tmp_path: Path) -> Callable[..., Ran]:
    def run(
        text: str, data: Path | None = None, limits: dict[str, Any] | None = None, **parameters: Any
    ) -> Ran:
        out, work = tmp_path / "out", tmp_path / "work"
        for folder in (out, work):
            folder.mkdir(exist_ok=True)
        places = Places({"data": str(data or VECTORS / "data")}, {"out": str(out)})
        said: list[str] = []
        problems: tuple[Problem, ...] = ()
        try:
            call_usql(text, "script.usql", places, parameters, limits, str(work), said.append)
        except ProblemError as error:
            problems = error.problems
        assert list(work.iterdir()) == [], "something was left in the work folder"
        return Ran(out, problems, said)

    return run
