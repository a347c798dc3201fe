"""Looking after a workspace, over HTTP: storage and its clean-up, environments, where content comes from."""

from __future__ import annotations

import re
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.environment_view import EnvironmentsApi
from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.core.storage_use import StorageApi
from skyloom.server.bodies import query_text, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def use(request: Request) -> Response:
    """What lies in the workspace's home, by kind."""
    return JsonReply(to_json(_storage(request).use()))


async def clean(request: Request) -> Response:
    """Remove what nobody can reach; with ``dry_run``, as it is unless it is false, tell what would go."""
    body = await read_object(request)
    given = body.get("parts")
    parts = [str(one) for one in given] if isinstance(given, list) else []
    ask = partial(_storage(request).clean, parts, body.get("dry_run") is not False)
    return JsonReply(to_json(await to_thread.run_sync(ask)))


def maker(request: Request) -> Response:
    """The run and node that made stored content, if one did that is still there."""
    found = _storage(request).maker(_digest(request.path_params["digest"]))
    return JsonReply({"maker": None if found is None else to_json(found)})


def environments(request: Request) -> Response:
    """The built-in, the registered, and those that scripts asked for."""
    return JsonReply({"environments": [to_json(one) for one in _environments(request).all()]})


async def build(request: Request) -> Response:
    """Begin to build an environment."""
    digest = _digest(text_of(await read_object(request), "digest"))
    return JsonReply(to_json(await to_thread.run_sync(_environments(request).build, digest)), 202)


def build_log(request: Request) -> Response:
    """The end of the log of an environment's last build."""
    return JsonReply(to_json(_environments(request).log(_digest(query_text(request, "digest")))))


def remove(request: Request) -> Response:
    """Remove a built environment; it is built again when it is asked for."""
    digest = _digest(query_text(request, "digest"))
    _environments(request).remove(digest)
    return JsonReply({"removed": digest})


def _digest(text: str) -> Digest:
    if not _DIGEST.fullmatch(text):
        raise ProblemError(Problem("A111", "That is no digest.", "digest", "sha256: and 64 hex digits."))
    return Digest(text)


def _storage(request: Request) -> StorageApi:
    return desk_of(request).workspace.storage


def _environments(request: Request) -> EnvironmentsApi:
    return desk_of(request).workspace.environments


ROUTES = (
    Route("/storage/use", use, methods=["GET"]),
    Route("/storage/clean", clean, methods=["POST"]),
    Route("/artifacts/{digest}/maker", maker, methods=["GET"]),
    Route("/environments", environments, methods=["GET"]),
    Route("/environments", remove, methods=["DELETE"]),
    Route("/environments/build", build, methods=["POST"]),
    Route("/environments/log", build_log, methods=["GET"]),
)
