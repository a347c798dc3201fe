"""Errors of the old product's addresses: the form of core/service_error.py, for the codes of the network too.

Body: ``{"error": {"code", "message", "details": [{"code", "target", "message"}]}}`` (services.md 1.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from skyloom.core.identity import Json
from skyloom.core.problem import Problem
from skyloom.core.service_error import FORMS, ErrorForm, error_body, form_of
from skyloom.server.errors import RETRY_AFTER, status_of
from skyloom.server.replies import JsonReply

_BAD_ARGUMENT = {
    "W120": "BadVersionCall",
    "W121": "RequestBodyInvalid",
    "W140": "MissingJobId",
    "W142": "BlobNotFound",
    "W143": "InvalidBlobExtension",
    "W144": "InvalidBlobConnectionString",
    "W145": "DuplicateInputInBatchCall",
    "W146": "BatchJobInputsNotSpecified",
    "W147": "InvalidOutputOverrideName",
    "W148": "InputBlobRelativeLocationInvalid",
    "W149": "MissingInputBlobInformation",
    "W170": "BadParameterValue",
    "W172": "BadParameterValue",
    "A007": "RequestBodyInvalid",
    "A013": "InvalidQueryParameter",
}
CLASSIC: dict[str, ErrorForm] = {
    **{code: ErrorForm(400, "BadArgument", detail) for code, detail in _BAD_ARGUMENT.items()},
    "W110": ErrorForm(404, "NotFound", "WebServiceNotFound"),
    "W111": ErrorForm(404, "NotFound", "WebServiceIdNotFoundInWorkspace"),
    "W112": ErrorForm(404, "NotFound", "WorkspaceNotFound"),
    "W141": ErrorForm(400, "InvalidOperation", "CannotStartJob"),
    "W150": ErrorForm(400, "InvalidOperation", "IncompatibleModel"),
    "W154": ErrorForm(409, "Conflict", "ModelOutputMetadataMismatch"),
    "W160": ErrorForm(400, "WebServicePackageError", "RuntimesError"),
    "W161": ErrorForm(400, "WebServicePackageError", "ValidationError"),
    "A006": ErrorForm(413, "BadArgument", "RequestBodyInvalid"),
    "A101": ErrorForm(401, "Unauthorized", "ScoreRequestUnauthorized"),
}
_OF_STATUS = {
    400: "BadArgument",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "BadArgument",
    408: "RequestTimeout",
    409: "Conflict",
    413: "BadArgument",
    421: "BadArgument",
    422: "BadArgument",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}


def classic_form(problem: Problem) -> ErrorForm:
    """How old clients know this problem."""
    known = CLASSIC.get(problem.code)
    if known is not None:
        return known
    status = status_of(problem)
    if status != 404 and (problem.code in FORMS or problem.code[:1] in "SMDC"):
        return form_of(problem)
    return ErrorForm(status, _OF_STATUS.get(status, "InternalError"))


def classic_reply(problems: Sequence[Problem]) -> Response:
    """The answer; the first problem decides, each is a detail."""
    form = classic_form(problems[0])
    body = error_body(problems)
    error = body["error"]
    assert isinstance(error, dict) and isinstance(error["details"], list)
    error["code"] = form.code
    for problem, detail in zip(problems, error["details"]):
        assert isinstance(detail, dict)
        own: Json = classic_form(problem).detail
        detail["code"] = own or detail["code"]
    return JsonReply(body, form.status, {"Retry-After": RETRY_AFTER} if form.status == 503 else None)
