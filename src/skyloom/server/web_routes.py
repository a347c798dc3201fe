"""Routes on the network: each handler behind its scope, each with its words in the OpenAPI document."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import ADMIN
from skyloom.server.answers import ANSWERS
from skyloom.server.descriptions import CALL, Description
from skyloom.server.gate import require

UNKNOWN = Description(ADMIN)
_PROBLEM = {
    "description": "refused: problem+json",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}


def add_routes(
    app: FastAPI,
    routes: Iterable[Route],
    described: Mapping[tuple[str, str], Description],
    prefix: str,
    tag: str,
) -> None:
    """Put the routes of a noun into the application under their scopes."""
    for route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            words = described.get((method, route.path), UNKNOWN)
            app.add_api_route(
                prefix + route.path,
                guarded(route.endpoint, words.scope),
                methods=[method],
                tags=[tag],
                operation_id=_operation_id(method, prefix + route.path),
                summary=_summary(route.endpoint),
                status_code=words.status,
                responses={"4XX": _PROBLEM},
                openapi_extra=_openapi_part(
                    prefix + route.path, words, ANSWERS.get((method, route.path), {})
                ),
                response_class=Response,
            )


def guarded(handler: Callable[..., Any], scope: str) -> Callable[[Request], Awaitable[Response]]:
    """The handler, for those whose grant covers the scope; "" is for everybody."""
    is_async = inspect.iscoroutinefunction(handler)

    async def behind(request: Request) -> Response:
        if scope and scope != CALL:
            require(request, scope)
        if is_async:
            reply = await handler(request)
        else:
            reply = await to_thread.run_sync(handler, request)
        assert isinstance(reply, Response)
        return reply

    # FastAPI reads annotations to know what to hand in
    behind.__annotations__ = {"request": Request, "return": Response}
    behind.__name__ = getattr(handler, "__name__", "handler")
    return behind


def _summary(handler: Callable[..., Any]) -> str:
    text = inspect.getdoc(handler) or str(getattr(handler, "__name__", ""))
    return text.split("\n")[0].rstrip(".").replace("_", " ")


def _operation_id(method: str, path: str) -> str:
    words = re.sub(r"[^0-9A-Za-z]+", "_", path).strip("_") + ("_at_its_end" if path.endswith("/") else "")
    return f"{method.lower()}_{words}"


def _openapi_part(path: str, words: Description, gives: Mapping[str, Any]) -> dict[str, Any]:
    names = re.findall(r"{([a-z_]+)(?::path)?}", path)
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in names
    ]
    for place, given in (("query", words.query), ("header", words.headers)):
        parameters += [
            {"name": name, "in": place, "required": name in words.needed, "schema": dict(schema)}
            for name, schema in given.items()
        ]
    part: dict[str, Any] = {
        "responses": {
            str(words.status): {"description": "done", "content": {words.answer: {"schema": dict(gives)}}},
            "4XX": _PROBLEM,
        },
    }
    if parameters:
        part["parameters"] = parameters
    if words.body is not None:
        content = {"application/json": {"schema": dict(words.body)}}
        part["requestBody"] = {"required": True, "content": content}
    if words.binary:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        part["requestBody"] = {"required": True, "content": content}
    if words.scope:
        part["security"] = [{"bearer": []}, {"session": []}]
        part["description"] = f"Needs the scope `{words.scope}`."
    return part
