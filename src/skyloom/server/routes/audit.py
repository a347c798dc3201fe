"""The audit log over HTTP, for admins (reliability.md 4.1, row 9)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.serialize import to_json
from skyloom.server.bodies import query_number
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply

LARGEST_PAGE = 1000


def entries(request: Request) -> Response:
    """Entries behind the number ``after``, oldest first."""
    after = int(query_number(request, "after", 0, 2**53))
    limit = max(1, int(query_number(request, "limit", 100, LARGEST_PAGE)))
    found = desk_of(request).workspace.audit.entries(after, limit)
    return JsonReply({"entries": [to_json(entry) for entry in found]})


def check(request: Request) -> Response:
    """Whether the chain holds; else the number of the first entry that does not fit."""
    broken = desk_of(request).workspace.audit.first_break()
    return JsonReply({"intact": broken is None, "first_break": broken})


ROUTES = (
    Route("/audit", entries, methods=["GET"]),
    Route("/audit/check", check, methods=["GET"]),
)
