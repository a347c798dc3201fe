"""Faults that Studio numbers, under the same number."""

from __future__ import annotations

from skyloom.core.problem import Problem, ProblemError


def studio_error(number: int, message: str, where: str = "", fix: str = "") -> ProblemError:
    """Error 0028 of the old product has the code M0028 (studio.md 1.8); the wording is our own.

    >>> studio_error(28, "Two columns are named 'a'.").problem.code
    'M0028'
    """
    return ProblemError(Problem(f"M{number:04d}", message, where, fix))
