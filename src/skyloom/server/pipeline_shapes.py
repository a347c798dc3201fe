"""Pipelines, their runs and endpoints as the old service wrote them (sdk.md 15, services.md 4)."""

from __future__ import annotations

from skyloom.core.identity import Json, step_run_id
from skyloom.core.publication import CallRecord, PipelineEndpoint, PublishedPipeline
from skyloom.core.run import NodeRun, Run
from skyloom.core.run_notes import RunNotes
from skyloom.core.state import State

RUN_STATUS: dict[State, str] = {
    State.CREATED: "NotStarted",
    State.QUEUED: "Running",
    State.PREPARING: "Running",
    State.RUNNING: "Running",
    State.FINALIZING: "Running",
    State.COMPLETED: "Finished",
    State.FAILED: "Failed",
    State.CANCELED: "Canceled",
    State.SKIPPED: "Canceled",
}
STEP_STATUS: dict[State, str] = {**RUN_STATUS, State.QUEUED: "Queued", State.SKIPPED: "Bypassed"}
HISTORY_STATUS: dict[State, str] = {**RUN_STATUS, State.COMPLETED: "Completed"}


def run_entity(run: Run, call: CallRecord | None, notes: RunNotes, values: dict[str, Json]) -> Json:
    """PipelineRunEntity."""
    properties: dict[str, Json] = dict(notes.properties)
    tags: dict[str, Json] = dict(notes.tags)
    return {
        "Id": run.id,
        "Description": notes.description,
        "DisplayName": notes.display_name or None,
        "Status": {
            "StatusCode": RUN_STATUS[run.state],
            "StatusDetail": _detail(run),
            "CreationTime": run.created_at,
            "EndTime": run.ended_at,
        },
        "GraphId": run.graph,
        "IsSubmitted": True,
        "HasErrors": run.state is State.FAILED,
        "HasWarnings": False,
        "UploadState": "Completed",
        "ParameterAssignments": values,
        "DataPathAssignments": {},
        "RunHistoryExperimentName": run.experiment,
        "PipelineId": call.pipeline if call else None,
        "RunSource": call.run_source if call else "SDK",
        "RunType": call.run_type if call else "SDK",
        "TotalRunSteps": len(run.nodes),
        "ScheduleId": (call.schedule or None) if call else None,
        "tags": tags,
        "Properties": properties,
        "EntityStatus": "Active",
        "Etag": f'"{run.state}"',
        "CreatedDate": run.created_at,
        "LastModifiedDate": run.ended_at or run.created_at,
    }


def pipeline_entity(pipeline: PublishedPipeline, url: str) -> Json:
    """PipelineEntity."""
    return {
        "Id": pipeline.id,
        "Name": pipeline.name,
        "Description": pipeline.description,
        "Version": pipeline.version or None,
        "GraphId": pipeline.graph,
        "TotalRunSteps": len(pipeline.steps),
        "Url": url,
        "EntityStatus": _activity(pipeline.is_active),
        "CreatedDate": pipeline.created_at,
        "LastModifiedDate": pipeline.changed_at,
        "ContinueRunOnStepFailure": pipeline.continue_on_step_failure,
    }


def endpoint_entity(endpoint: PipelineEndpoint, url: str) -> Json:
    versions: list[Json] = [{"Version": one.version, "PipelineId": one.pipeline} for one in endpoint.versions]
    return {
        "Id": endpoint.id,
        "Name": endpoint.name,
        "Description": endpoint.description,
        "DefaultVersion": endpoint.default_version,
        "PipelineVersionList": versions,
        "Url": url,
        "SwaggerUrl": None,
        "EntityStatus": _activity(endpoint.is_active),
        "CreatedDate": endpoint.created_at,
        "LastModifiedDate": endpoint.changed_at,
    }


def node_status(run: Run, node: NodeRun) -> Json:
    """The state of one step."""
    return {
        "NodeId": node.node,
        "RunId": step_run_id(run.id, node.node),
        "StatusCode": STEP_STATUS[node.state],
        "StatusDetail": str(node.problem) if node.problem else None,
        "StartTime": node.started_at,
        "EndTime": node.ended_at,
        "IsBypassed": node.state is State.SKIPPED,
        "ReusedRunId": node.reused_from,
    }


def history_run(run: Run, notes: RunNotes) -> Json:
    """A run as run history tells it."""
    properties: dict[str, Json] = dict(notes.properties)
    tags: dict[str, Json] = dict(notes.tags)
    is_ending = run.cancel_requested and run.ended_at is None
    return {
        "runId": run.id,
        "experimentName": run.experiment,
        "displayName": notes.display_name or run.id,
        "description": notes.description,
        "status": "CancelRequested" if is_ending else HISTORY_STATUS[run.state],
        "createdUtc": run.created_at,
        "startTimeUtc": run.created_at,
        "endTimeUtc": run.ended_at,
        "runType": "azureml.PipelineRun",
        "tags": tags,
        "properties": properties,
        "error": _error(run),
    }


def history_step(run: Run, node: NodeRun) -> Json:
    """A step as run history tells it."""
    return {
        "runId": step_run_id(run.id, node.node),
        "parentRunId": run.id,
        "experimentName": run.experiment,
        "name": node.node,
        "status": HISTORY_STATUS[node.state],
        "startTimeUtc": node.started_at,
        "endTimeUtc": node.ended_at,
        "runType": "azureml.StepRun",
        "error": {"error": {"code": node.problem.code, "message": node.problem.message}}
        if node.problem
        else None,
    }


def _error(run: Run) -> Json:
    problem = next((node.problem for node in run.nodes if node.problem is not None), None)
    return {"error": {"code": problem.code, "message": problem.message}} if problem else None


def _detail(run: Run) -> str | None:
    failed = [str(node.problem) for node in run.nodes if node.problem is not None]
    return "\n".join(failed) or None


def _activity(is_active: bool) -> str:
    return "Active" if is_active else "Disabled"
