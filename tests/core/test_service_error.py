"""What a client is told of a fault (services.md 1.2)."""

from __future__ import annotations

import pytest

from skyloom.core.codes import CODES
from skyloom.core.problem import Problem
from skyloom.core.service_error import FORMS, error_body, form_of


def test_every_form_names_a_code_of_the_table_and_agrees_with_its_status() -> None:
    assert {code: form.status for code, form in FORMS.items()} == {code: CODES[code].status for code in FORMS}


@pytest.mark.parametrize("code", sorted(FORMS))
def test_there_is_always_a_detail(code: str) -> None:
    body = error_body([Problem(code, "It went wrong.", "input1", "Mend it.")])
    error = body["error"]
    assert isinstance(error, dict)
    assert error["details"] == [
        {
            "code": FORMS[code].detail or CODES[code].studio.lstrip("0"),  # type: ignore[union-attr]
            "target": "input1",
            "message": f"{code}: It went wrong. Mend it.",
        }
    ]


def test_failing_user_code_is_a_400_with_its_traceback_and_studios_number() -> None:
    problem = Problem("S001", "ValueError: no", "score", "", "Traceback ...\nValueError: no")
    assert form_of(problem).status == 400
    body = error_body([problem])
    error = body["error"]
    assert isinstance(error, dict)
    assert error["code"] == "ModuleExecutionError"
    assert error["details"] == [
        {"code": "85", "target": "score", "message": "S001: ValueError: no\nTraceback ...\nValueError: no"}
    ]


def test_every_problem_is_a_detail() -> None:
    problems = [Problem("W224", f"cell {number}", "input1") for number in range(3)]
    error = error_body(problems)["error"]
    assert isinstance(error, dict)
    details = error["details"]
    assert isinstance(details, list)
    assert len(details) == 3


def test_a_fault_of_ours_is_a_500() -> None:
    assert form_of(Problem("X001", "oh")).status == 500
