"""What a client of a web service is told of a fault: status, code and details (services.md 1.2).

Clients index ``details[0].message`` and one of them refuses a body without it, so there is always one. User
code that fails is 400 and its traceback stands in the first detail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from skyloom.core.codes import CODES
from skyloom.core.identity import Json
from skyloom.core.problem import Problem


class ErrorForm(NamedTuple):
    """HTTP status, the error's code, and the code of its detail; "" is the problem's own."""

    status: int
    code: str
    detail: str = ""


_INTERNAL = ErrorForm(500, "InternalError")
_MODULE = ErrorForm(400, "ModuleExecutionError")

FORMS: Mapping[str, ErrorForm] = {
    "W210": ErrorForm(503, "ServiceUnavailable", "NoMoreResources"),
    "W211": ErrorForm(503, "ServiceUnavailable", "TooManyConcurrentRequests"),
    "W212": ErrorForm(503, "InitializingContainers", "TooManyHostsBeingInitialized"),
    "W213": ErrorForm(413, "BadArgument", "RequestBodyInvalid"),
    "W214": ErrorForm(400, "BadArgument", "BadVersionCall"),
    "W220": ErrorForm(400, "BadArgument", "RequestBodyInvalid"),
    "W221": ErrorForm(400, "BadArgument", "RequestIsEmpty"),
    "W222": ErrorForm(400, "BadArgument", "MissingRequestInput"),
    "W223": ErrorForm(400, "BadArgument", "InvalidInputNames"),
    "W224": ErrorForm(400, "BadUserArgument", "InputParseError"),
    "W225": ErrorForm(400, "BadUserArgument", "InputMismatchError"),
    "W226": ErrorForm(400, "LibraryExecutionError", "TableSchemaColumnCountMismatch"),
    "W227": ErrorForm(400, "BadArgument", "MissingRequiredGlobalParameters"),
    "W228": ErrorForm(400, "BadArgument", "UnexpectedParameter"),
    "W229": ErrorForm(400, "BadArgument", "BadParameterValue"),
    "W230": ErrorForm(408, "RequestTimeout", "ScoreRequestTimeout"),
    "W231": ErrorForm(413, "MemoryQuotaViolation", "OutOfMemoryLimit"),
    "W232": _MODULE,
    "W234": ErrorForm(500, "InternalError", "ModuleLoadFailed"),
    "W233": ErrorForm(500, "InternalError", "OutputConversionFailed"),
}


def form_of(problem: Problem) -> ErrorForm:
    """How a problem is told; a module's or script's own fault has Studio's error number as detail code."""
    known = FORMS.get(problem.code)
    if known is not None:
        return known
    if problem.code.startswith(("S", "M", "D", "C")):
        return _MODULE
    return _INTERNAL


def error_body(problems: Sequence[Problem]) -> dict[str, Json]:
    """The body of an answer that is no success."""
    first = problems[0]
    return {
        "error": {
            "code": form_of(first).code,
            "message": _sentence(first),
            "details": [
                {"code": _detail_code(problem), "target": problem.where, "message": _detail(problem)}
                for problem in problems
            ],
        }
    }


def _detail_code(problem: Problem) -> str:
    """The documented word; for a module's fault Studio's number without zeros ("85", services.md 1.2)."""
    form = form_of(problem)
    if form.detail:
        return form.detail
    code = CODES.get(problem.code)
    number = code.studio.lstrip("0") if code is not None and code.studio else ""
    return number or problem.code


def _sentence(problem: Problem) -> str:
    return f"{problem.code}: {problem.message}" + (f" {problem.fix}" if problem.fix else "")


def _detail(problem: Problem) -> str:
    text = _sentence(problem)
    return f"{text}\n{problem.traceback}" if problem.traceback else text
