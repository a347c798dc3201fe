"""Runs as experiments of the old product, for its Python, R and PowerShell clients (services.md 2.2)."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from skyloom.core.access import READ
from skyloom.core.artifact import Artifact
from skyloom.core.experiment import Experiment, ExperimentSummary
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run, RunSummary
from skyloom.core.state import State
from skyloom.server.classic_time import date_text
from skyloom.server.desk import Desk, desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.artifacts import SAFE_DOWNLOAD
from skyloom.server.routes.webservices import allow, check_workspace
from skyloom.studio.foreign_json import parse_foreign

MOST = 500
_ID = re.compile(r"([0-9a-f]{32})\.f-id\.([0-9a-f]{32})", re.ASCII)
_STATUS = {
    State.COMPLETED: "Finished",
    State.FAILED: "Failed",
    State.CANCELED: "Canceled",
    State.CREATED: "InDraft",
}


def workspace(request: Request) -> Response:
    """The workspace itself."""
    ours = check_workspace(request)
    allow(request, READ)
    return JsonReply(
        {
            "WorkspaceId": ours,
            "Id": ours,
            "FriendlyName": "Skyloom",
            "Description": "",
            "Region": "",
            "Type": "Production",
            "WorkspaceState": "Enabled",
            "OwnerId": "",
            "UserStorage": "",
            "CreatedTime": "",
        }
    )


def all_experiments(request: Request) -> Response:
    """Drafts, and the newest run of each experiment, newest first."""
    ours, desk = check_workspace(request), desk_of(request)
    allow(request, READ)
    newest: dict[str, RunSummary] = {}
    for run in desk.workspace.runs(MOST):
        newest.setdefault(run.experiment, run)
    drafts = [draft_row(ours, one) for one in desk.experiments.experiments(MOST) if one.run is None]
    return JsonReply([*drafts, *(_row(ours, run) for run in newest.values())])


def one(request: Request) -> Response:
    """One experiment with its graph; a run that no experiment is known for has none."""
    ours = check_workspace(request)
    allow(request, READ)
    version, found = experiment_and_run(request, ours)
    exported: dict[str, Json] = {}
    if version is not None:
        exported = parse_foreign(desk_of(request).experiments.export_experiment(version.id, "classic").text)
    if found is None:
        assert version is not None
        return JsonReply({**exported, **draft_row(ours, version)})
    row = {**exported, **_row(ours, found), "ExperimentId": request.path_params["eid"]}
    nodes: list[Json] = [
        {
            "NodeId": str(node.node),
            "Status": _status(node.state, found.created_at, found.ended_at),
            "OutputEndpoints": [{"Name": port} for port in sorted(node.outputs)],
        }
        for node in found.nodes
    ]
    return JsonReply({**row, "NodeStatuses": nodes})


def output(request: Request) -> Response:
    """What a node gave at a port: a table as CSV, other content as it is."""
    ours = check_workspace(request)
    allow(request, READ)
    workspace = desk_of(request).workspace
    node_name, port = request.path_params["node"], request.path_params["port"]
    _, run = experiment_and_run(request, ours)
    artifact = output_of(run, node_name, port)
    path = workspace.download(artifact, "csv" if artifact.type == "Dataset" else "raw")
    return FileResponse(path, headers=SAFE_DOWNLOAD, media_type="application/octet-stream")


def output_of(run: Run | None, node_name: str, port: str) -> Artifact:
    """What a node gave at a port; R003 where it gave nothing."""
    node = run.node(node_name) if run is not None else None
    artifact = node.outputs.get(port) if node else None
    if artifact is None:
        raise ProblemError(
            Problem("R003", f"The experiment has nothing at '{port:.100}' of '{node_name:.100}'.", port, "")
        )
    return artifact


def experiment_and_run(request: Request, ours: str, text: str = "") -> tuple[Experiment | None, Run | None]:
    """What an id of the old form names: a version of an experiment, a run, or one with the other.

    Raises
    ------
    ProblemError
        R001 neither.
    """
    text = text or request.path_params["eid"]
    found = _ID.fullmatch(text)
    if found is None or found[1] != ours:
        raise _no_experiment(text)
    desk, digits = desk_of(request), found[2]
    try:
        version = desk.experiments.experiment(digits)
    except ProblemError as error:
        if error.problem.code != "G205":
            raise
        run = desk.workspace.run(
            RunId("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))
        )
        return _version_of(desk, run), run
    return version, None if version.run is None else desk.workspace.run(version.run)


def _version_of(desk: Desk, run: Run) -> Experiment | None:
    """The version that was run, where the run came from the canvas."""
    if run.origin != "studio":
        return None
    try:
        known = desk.experiments.prior_runs(run.experiment)
    except ProblemError:  # renamed, deleted, or several of the name
        return None
    return next((desk.experiments.experiment(one.id) for one in known if one.run == run.id), None)


def _no_experiment(text: str) -> ProblemError:
    return ProblemError(Problem("R001", f"There is no experiment '{text:.100}'.", "experiment", ""))


def draft_row(ours: str, draft: Experiment | ExperimentSummary) -> dict[str, Json]:
    """A draft as a row of the list."""
    date = date_text(draft.changed_at)
    return {
        "ExperimentId": f"{ours}.f-id.{draft.id}",
        "Description": draft.name,
        "Summary": draft.view.summary if isinstance(draft, Experiment) else "",
        "Creator": "Skyloom",
        "JobId": "",
        "VersionId": "",
        "Etag": draft.etag if isinstance(draft, Experiment) else "",
        "RunId": "",
        "IsArchived": False,
        "IsDraft": True,
        "Category": "user",
        "Status": {
            "StatusCode": "InDraft",
            "StatusDetail": "",
            "CreationTime": date,
            "StartTime": date,
            "EndTime": date,
            "Metadata": None,
        },
    }


def _row(ours: str, run: Run | RunSummary) -> dict[str, Json]:
    return {
        "ExperimentId": f"{ours}.f-id.{run.id.replace('-', '')}",
        "Description": run.experiment,
        "Summary": "",
        "Creator": "Skyloom",
        "JobId": run.id,
        "VersionId": "",
        "Etag": "",
        "RunId": run.id,
        "IsArchived": False,
        "Category": "user",
        "Status": _status(run.state, run.created_at, run.ended_at),
    }


def _status(state: State, created: str, ended: str | None) -> dict[str, Json]:
    """R needs all three times (services.md 8)."""
    return {
        "StatusCode": _STATUS.get(state, "Running"),
        "StatusDetail": "",
        "CreationTime": date_text(created),
        "StartTime": date_text(created),
        "EndTime": date_text(ended or created),
        "Metadata": None,
    }


ROUTES = (
    Route("/api/workspaces/{ws}", workspace, methods=["GET"]),
    Route("/api/workspaces/{ws}/experiments", all_experiments, methods=["GET"]),
    Route("/api/workspaces/{ws}/experiments/{eid}", one, methods=["GET"]),
    Route("/api/workspaces/{ws}/experiments/{eid}/outputdata/{node}/{port:path}", output, methods=["GET"]),
)
