"""Replies: strict JSON, whatever the values hold."""

from __future__ import annotations

from starlette.responses import Response

from skyloom.client.strict_json import strict_json


class JsonReply(Response):
    """A JSON answer that every parser takes (no NaN, no lone surrogates)."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return strict_json(content).encode("utf-8")


class ProblemReply(JsonReply):
    """RFC 9457."""

    media_type = "application/problem+json"
