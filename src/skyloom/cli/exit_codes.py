"""Exit codes, and what leads to each. Source: stack.md 5."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from skyloom.core.identity import Json
from skyloom.core.problem import Problem

OK = 0
FAILED = 1
USAGE = 2
NOT_FOUND = 3
REFUSED = 4
UNREACHABLE = 5
TIMEOUT = 6
CANCELED = 7
INTERRUPTED = 130

_OF_CODE: Mapping[str, int] = MappingProxyType(
    {
        "A001": UNREACHABLE,
        "A002": UNREACHABLE,
        "A003": REFUSED,
        "A004": UNREACHABLE,
        "A005": REFUSED,
        "A006": REFUSED,
        "A008": NOT_FOUND,
        "A010": REFUSED,
        "A011": REFUSED,
        "A012": UNREACHABLE,
        "A020": USAGE,
        "A021": NOT_FOUND,
        "A024": INTERRUPTED,
        "A026": NOT_FOUND,
        "A027": TIMEOUT,
        "A105": NOT_FOUND,
        "A106": USAGE,
        "A107": USAGE,
        "D060": NOT_FOUND,
        "G203": REFUSED,
        "G205": NOT_FOUND,
        "G206": REFUSED,
        "G207": REFUSED,
        "G208": REFUSED,
        "R001": NOT_FOUND,
        "R002": REFUSED,
        "R003": NOT_FOUND,
        "R010": REFUSED,
        "R015": UNREACHABLE,
        "R018": REFUSED,
        "R019": UNREACHABLE,
        "W101": REFUSED,
        "W102": REFUSED,
        "W103": REFUSED,
        "W110": NOT_FOUND,
        "W111": NOT_FOUND,
        "W121": USAGE,
        "W150": REFUSED,
        "W151": USAGE,
        "W152": REFUSED,
    }
)


def of_problem(problem: Problem) -> int:
    """The exit code of a command that ended with this problem."""
    return _OF_CODE.get(problem.code, FAILED)


def of_report(state: str, reasons: list[Json], interrupted: bool = False) -> int:
    """The exit code of a command that waited for a run; ``reasons`` are those of its failed nodes.

    >>> of_report("completed", []), of_report("failed", ["timeout"]), of_report("failed", ["memory"])
    (0, 6, 1)
    """
    if interrupted:
        return INTERRUPTED
    if state == "completed":
        return OK
    if state == "canceled":
        return CANCELED
    return TIMEOUT if reasons and all(reason == "timeout" for reason in reasons) else FAILED
