"""Refusals: one fault, said in the shape that the address is known for.

Addresses of the old product answer ``{"error": {...}}`` (services.md 1.2), the V2 protocol
``{"error": "..."}``, the old pipeline addresses ``{"Error": {...}}``, everything else RFC 9457.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.responses import Response

from skyloom.core.problem import Problem
from skyloom.server.classic_errors import classic_form, classic_reply
from skyloom.server.errors import problem_reply
from skyloom.server.pipeline_errors import pipeline_error
from skyloom.server.replies import JsonReply

_CLASSIC = re.compile(
    r"/(?:workspaces|apihelp|blobstore)/|/api/(?:workspaces|resourceuploads|blobuploads)(?:/|$)"
)
_PIPELINES = re.compile(r"/(?:pipelines|history)/v1\.0/")


def refusal(path: str, problems: Sequence[Problem]) -> Response:
    """The answer that refuses, in the form of its address."""
    if _CLASSIC.match(path):
        return classic_reply(problems)
    if _PIPELINES.match(path):
        return pipeline_error(problems)
    if path.startswith("/v2/"):
        return JsonReply({"error": str(problems[0])}, classic_form(problems[0]).status)
    return problem_reply(problems)
