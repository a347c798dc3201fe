from __future__ import annotations

import pytest

from skyloom.cli.exit_codes import of_problem, of_report
from skyloom.core.problem import Problem


@pytest.mark.parametrize(
    ("state", "reasons", "interrupted", "code"),
    [
        ("completed", [], False, 0),
        ("failed", ["script_error"], False, 1),
        ("failed", ["timeout"], False, 6),
        ("failed", ["timeout", "memory"], False, 1),
        ("failed", [], False, 1),
        ("canceled", [], False, 7),
        ("canceled", [], True, 130),
        ("completed", [], True, 130),
    ],
)
def test_the_end_of_a_run_decides(state: str, reasons: list[object], interrupted: bool, code: int) -> None:
    assert of_report(state, reasons, interrupted) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        ("R001", 3),
        ("D060", 3),
        ("A021", 3),
        ("A003", 4),
        ("A006", 4),
        ("A001", 5),
        ("A002", 5),
        ("X001", 1),
        ("D040", 1),
    ],
)
def test_a_problem_decides(problem: str, code: int) -> None:
    assert of_problem(Problem(problem, "")) == code
