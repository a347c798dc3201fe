"""Errors of the old pipeline addresses (sdk.md 15, services.md 4).

Body: ``{"Error": {"Code", "Message", "Target", "Details", "InnerError", "DebugInfo"}, "Correlation": {}}``.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from skyloom.core.identity import Json
from skyloom.core.problem import Problem
from skyloom.server.errors import RETRY_AFTER, status_of
from skyloom.server.replies import JsonReply

_WORDS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "Timeout",
    409: "Conflict",
    413: "PayloadTooLarge",
    429: "TooManyRequests",
    500: "ServiceError",
    503: "ServiceUnavailable",
}


def pipeline_error(problems: Sequence[Problem]) -> Response:
    """The answer; the first problem decides, each is a detail. What is the caller's fault is 400."""
    status = status_of(problems[0])
    if status not in _WORDS:
        status = 500 if status >= 500 else 400
    details: list[Json] = [
        {"Code": one.code, "Message": str(one), "Target": one.where, "Details": [], "InnerError": None}
        for one in problems
    ]
    body: Json = {
        "Error": {
            "Code": _WORDS.get(status, "UserError"),
            "Message": " ".join(one.message for one in problems),
            "Target": problems[0].where,
            "Details": details,
            "InnerError": {"Code": problems[0].code, "InnerError": None},
            "DebugInfo": None,
        },
        "Correlation": {},
    }
    return JsonReply(body, status, {"Retry-After": RETRY_AFTER} if status == 503 else None)
