"""Folders for debugging, over the Unix socket alone: they are written on this machine, for its owner."""

from __future__ import annotations

import os

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.identity import RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.bodies import read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply


async def lay_out(request: Request) -> Response:
    """A folder with a step's snapshot, inputs, arguments and a file that starts it."""
    body = await read_object(request)
    folder = text_of(body, "folder")
    if not os.path.isabs(folder):
        raise ProblemError(Problem("A007", "'folder' must be an absolute path.", "folder", ""))
    run, step = RunId(request.path_params["run"]), text_of(body, "step", "")
    workspace = desk_of(request).workspace
    return JsonReply(await to_thread.run_sync(workspace.lay_out_step, run, step, folder), 201)


ROUTES = (Route("/runs/{run}/debug", lay_out, methods=["POST"]),)
