"""Run history at its old addresses: runs and steps, what they logged and kept (services.md 4)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import READ, SUBMIT
from skyloom.core.identity import Json, RunId, step_run_id
from skyloom.core.run import NodeRun, Run
from skyloom.server.desk import desk_of
from skyloom.server.gate import require
from skyloom.server.pipeline_shapes import history_run, history_step
from skyloom.server.replies import JsonReply
from skyloom.server.routes.pipeline_rest import WORKSPACE, check_workspace

HISTORY = "/history/v1.0" + WORKSPACE + "/experiments/{experiment}/runs/{run}"


def history(request: Request) -> Response:
    """A run, or one of its steps, as run history tells it."""
    check_workspace(request)
    found, node = _found(request)
    if node is not None:
        return JsonReply(history_step(found, node))
    return JsonReply(history_run(found, desk_of(request).workspace.pipelines.notes(found.id)))


def history_children(request: Request) -> Response:
    """The steps of a run."""
    check_workspace(request)
    found, node = _found(request)
    return JsonReply({"value": [] if node else [history_step(found, one) for one in found.nodes]})


def history_metrics(request: Request) -> Response:
    """What was logged, in order, by name and value."""
    check_workspace(request)
    found, node = _found(request)
    nodes = [node] if node is not None else list(found.nodes)
    logged: list[Json] = [
        {"runId": step_run_id(found.id, one.node), "name": name, "value": value}
        for one in nodes
        for name, value in one.metrics
    ]
    return JsonReply({"value": logged})


def history_artifacts(request: Request) -> Response:
    """Files that the steps kept."""
    check_workspace(request)
    found, node = _found(request)
    nodes = [node] if node is not None else list(found.nodes)
    kept: list[Json] = [
        {"runId": step_run_id(found.id, one.node), "path": made.name, "size": made.size}
        for one in nodes
        for made in one.others
    ]
    return JsonReply({"value": kept})


def history_cancel(request: Request) -> Response:
    """End the run."""
    check_workspace(request)
    require(request, SUBMIT)
    found, _ = _found(request)
    desk_of(request).workspace.cancel(found.id)
    return JsonReply(
        history_run(
            desk_of(request).workspace.run(found.id), desk_of(request).workspace.pipelines.notes(found.id)
        )
    )


def _found(request: Request) -> tuple[Run, NodeRun | None]:
    """By the run's own id, or by that of one of its steps."""
    require(request, READ)
    wanted = request.path_params["run"]
    found = desk_of(request).workspace.run(RunId(wanted))
    return found, found.step(wanted)


ROUTES = (
    Route(HISTORY, history, methods=["GET"]),
    Route(f"{HISTORY}/details", history, methods=["GET"]),
    Route(f"{HISTORY}/children", history_children, methods=["GET"]),
    Route(f"{HISTORY}/metrics", history_metrics, methods=["GET"]),
    Route(f"{HISTORY}/artifacts", history_artifacts, methods=["GET"]),
    Route(f"{HISTORY}/cancel", history_cancel, methods=["POST"]),
)
