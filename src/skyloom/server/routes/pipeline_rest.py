"""The old addresses of published pipelines, endpoints and their runs (sdk.md 15, services.md 4).

Whatever stands for subscription and resource group is taken; the workspace must be this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import READ, SUBMIT
from skyloom.core.identity import Json, RunId, step_run_id
from skyloom.core.pipeline_address import endpoint_path, pipeline_path, workspace_path
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.publication import EndpointVersion, PipelineCall, PipelineEndpoint, PublishedPipeline
from skyloom.core.run import NodeRun, Run
from skyloom.server.bodies import read_object
from skyloom.server.desk import desk_of
from skyloom.server.gate import forbidden, grant_of_request, require_pipeline
from skyloom.server.origin import base_of
from skyloom.server.pipeline_shapes import (
    endpoint_entity,
    node_status,
    pipeline_entity,
    run_entity,
)
from skyloom.server.replies import JsonReply
from skyloom.server.routes.runs import idempotency_key

WORKSPACE = (
    "/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}"
)
PATH = "/pipelines/v1.0" + WORKSPACE
_FLAGS = {"true": True, "false": False}


# --- starting ---------------------------------------------------------------------------------------------


async def submit(request: Request) -> Response:
    """Start a published pipeline; only ExperimentName is needed."""
    check_workspace(request)
    pipeline = request.path_params["id"]
    require_pipeline(request, pipeline)
    call = await _call(request)
    api = desk_of(request).workspace.publishing
    return await to_thread.run_sync(lambda: _run_reply(request, api.call_pipeline(pipeline, call)))


async def submit_endpoint(request: Request) -> Response:
    """Start what stands behind an endpoint: its default version, or the one at the end of the address."""
    check_workspace(request)
    version = request.path_params.get("version") or request.query_params.get("pipelineVersion")
    return await _submit_endpoint(request, request.path_params["id"], version)


async def submit_named_endpoint(request: Request) -> Response:
    """The same, by ``name`` and ``pipelineVersion`` in the query."""
    check_workspace(request)
    name = request.query_params.get("name", "")
    api = desk_of(request).workspace.publishing
    found = await to_thread.run_sync(partial(api.pipeline_endpoint, name=name))
    return await _submit_endpoint(request, found.id, request.query_params.get("pipelineVersion"))


async def _submit_endpoint(request: Request, endpoint: str, version: str | None) -> Response:
    api = desk_of(request).workspace.publishing
    found = await to_thread.run_sync(api.pipeline_endpoint, endpoint)
    require_pipeline(request, endpoint, found.pipeline_of(version) or endpoint)
    call = await _call(request)
    return await to_thread.run_sync(
        lambda: _run_reply(request, api.call_pipeline_endpoint(endpoint, version, call))
    )


# --- runs -------------------------------------------------------------------------------------------------


def run(request: Request) -> Response:
    """How a run stands."""
    check_workspace(request)
    return _run_reply(request, _visible_run(request).id)


def cancel(request: Request) -> Response:
    """End a run."""
    check_workspace(request)
    found = _visible_run(request, SUBMIT)
    desk_of(request).workspace.cancel(found.id)
    return _run_reply(request, found.id)


def all_nodes(request: Request) -> Response:
    """The state of every step, by its node."""
    check_workspace(request)
    found = _visible_run(request)
    return JsonReply({node.node: node_status(found, node) for node in found.nodes})


def one_node(request: Request) -> Response:
    check_workspace(request)
    found = _visible_run(request)
    return JsonReply(node_status(found, _node(request, found)))


def outputs(request: Request) -> Response:
    """What the steps made, by node and port: digests, names and sizes."""
    check_workspace(request)
    found = _visible_run(request)
    told: dict[str, Json] = {
        node.node: {
            port: {"Name": made.name, "Digest": made.digest, "Size": made.size}
            for port, made in node.outputs.items()
        }
        for node in found.nodes
    }
    return JsonReply(told)


def console(request: Request) -> Response:
    """The text of STDOUT, STDERR or JobLog of a step."""
    check_workspace(request)
    found = _visible_run(request)
    streams = {"STDOUT": "stdout", "STDERR": "stderr", "JobLog": "environment"}
    stream = streams.get(request.path_params["stream"])
    if stream is None:
        raise ProblemError(Problem("A008", "There is nothing at this address.", request.url.path, ""))
    content = desk_of(request).workspace.log(found.id, _node(request, found).node, stream)
    return JsonReply(content.decode("utf-8", "replace"))


# --- published pipelines and endpoints --------------------------------------------------------------------


def pipelines(request: Request) -> Response:
    check_workspace(request)
    is_all = _FLAGS.get(request.query_params.get("activeOnly", "").lower()) is False
    found = desk_of(request).workspace.publishing.published_pipelines(not is_all)
    return JsonReply([pipeline_entity(one, _pipeline_url(request, one)) for one in found])


def pipeline(request: Request) -> Response:
    check_workspace(request)
    found = desk_of(request).workspace.publishing.published_pipeline(request.path_params["id"])
    return JsonReply(pipeline_entity(found, _pipeline_url(request, found)))


async def pipeline_status(request: Request) -> Response:
    """Enable or disable; the body is a status as text, or an object with one."""
    check_workspace(request)
    status = (await request.body()).decode("utf-8", "replace")
    is_active = "disabled" not in status.lower()
    if not is_active or "active" in status.lower():
        api = desk_of(request).workspace.publishing
        found = await to_thread.run_sync(api.set_pipeline_active, request.path_params["id"], is_active)
        return JsonReply(pipeline_entity(found, _pipeline_url(request, found)))
    raise _unreadable("the status must be Active or Disabled", "EntityStatus")


def endpoints(request: Request) -> Response:
    check_workspace(request)
    found = desk_of(request).workspace.publishing.pipeline_endpoints()
    return JsonReply([endpoint_entity(one, _endpoint_url(request, one)) for one in found])


def endpoint(request: Request) -> Response:
    """By id in the address, or by ``name`` in the query."""
    check_workspace(request)
    return _endpoint_reply(request, _endpoint(request))


async def create_endpoint(request: Request) -> Response:
    """An endpoint with a pipeline as its first version."""
    check_workspace(request)
    body = await read_object(request)
    name, description, pipeline = (_text(body, key) for key in ("Name", "Description", "PipelineId"))
    api = desk_of(request).workspace.publishing
    made = await to_thread.run_sync(api.create_pipeline_endpoint, name, description, pipeline)
    return _endpoint_reply(request, made)


async def change_endpoint(request: Request) -> Response:
    """Name, words, activity, default version or the whole list of versions."""
    check_workspace(request)
    body = await read_object(request)
    found = await to_thread.run_sync(_endpoint, request)
    listed = body.get("PipelineVersionList")
    versions = found.versions
    if isinstance(listed, list):
        versions = tuple(
            EndpointVersion(str(one.get("Version")), str(one.get("PipelineId")))
            for one in listed
            if isinstance(one, dict)
        )
    changed = replace(
        found,
        name=_text(body, "Name") or found.name,
        description=_text(body, "Description") or found.description,
        default_version=_text(body, "DefaultVersion") or found.default_version,
        is_active={"Active": True, "Disabled": False}.get(_text(body, "EntityStatus"), found.is_active),
        versions=versions,
    )
    api = desk_of(request).workspace.publishing
    return _endpoint_reply(request, await to_thread.run_sync(api.change_pipeline_endpoint, changed))


def endpoint_pipelines(request: Request) -> Response:
    """The pipelines behind an endpoint."""
    check_workspace(request)
    api = desk_of(request).workspace.publishing
    found = [api.published_pipeline(one.pipeline) for one in _endpoint(request).versions]
    return JsonReply([pipeline_entity(one, _pipeline_url(request, one)) for one in found])


# --- reading what came ------------------------------------------------------------------------------------


async def _call(request: Request) -> PipelineCall:
    body = await read_object(request)
    go_on = body.get("ContinueRunOnStepFailure")
    data_paths = {name: _place(one) for name, one in _object(body, "DataPathAssignments").items()}
    datasets: dict[str, Json] = {}
    for name, one in _object(body, "DataSetDefinitionValueAssignments").items():
        _put_dataset(name, one, data_paths, datasets)
    return PipelineCall(
        _text(body, "ExperimentName"),
        _object(body, "ParameterAssignments"),
        data_paths,
        datasets,
        _text(body, "Description"),
        _text(body, "DisplayName"),
        _text(body, "RunSource") or "SDK",
        _text(body, "RunType") or "HTTP",
        go_on if isinstance(go_on, bool) else None,
        tags={name: _plain(one) for name, one in _object(body, "tags").items()},
        properties={name: _plain(one) for name, one in _object(body, "Properties").items()},
        schedule=_text(body, "ScheduleId"),
        parent_run=_text(body, "ParentRunId"),
        idempotency_key=idempotency_key(request),
    )


def _put_dataset(name: str, given: Json, data_paths: dict[str, Json], datasets: dict[str, Json]) -> None:
    """A dataset by its id, by a reference, or a place where its files lie."""
    found = given if isinstance(given, dict) else {}
    saved, literal = found.get("SavedDataSetReference"), found.get("LiteralValue")
    if isinstance(saved, dict):
        datasets[name] = {"dataset": saved.get("Id")}
    elif isinstance(literal, dict):
        data_paths[name] = {"datastore": literal.get("DatastoreName"), "path": literal.get("Path") or ""}
    else:
        datasets[name] = found.get("DataSetReference")


def _place(given: Json) -> Json:
    if not isinstance(given, dict):
        raise _unreadable("a path is an object with DataStoreName and RelativePath", "DataPathAssignments")
    return {"datastore": given.get("DataStoreName"), "path": given.get("RelativePath") or ""}


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _unreadable(f"{name} must be text", name)
    return value or ""


def _object(body: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise _unreadable(f"{name} must be an object", name)
    return value or {}


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else str(value)


def _unreadable(why: str, where: str) -> ProblemError:
    return ProblemError(
        Problem("P202", f"The call does not read: {why}.", where, "See docs/publishing-pipelines.md.")
    )


# --- finding what is named --------------------------------------------------------------------------------


def check_workspace(request: Request) -> None:
    """Go on if the address names this workspace (W112)."""
    desk = desk_of(request)
    asked = request.path_params["ws"]
    name = str(desk.workspace.pipelines.facts().get("name") or "local")
    if asked not in (name, desk.workspace_id):
        raise ProblemError(
            Problem("W112", f"There is no workspace '{asked}' here.", asked, f"This one is called '{name}'.")
        )


def _visible_run(request: Request, scope: str = READ) -> Run:
    """A run that the one who asks may see: all with the scope, else those of pipelines that he may start."""
    workspace = desk_of(request).workspace
    run = RunId(request.path_params["id"])
    grant = grant_of_request(request)
    if grant is not None and not grant.may(scope):
        call = workspace.publishing.call_of(run)
        if call is None:
            raise forbidden(scope)
        require_pipeline(request, call.pipeline, call.endpoint or call.pipeline)
    return workspace.run(run)


def _node(request: Request, run: Run) -> NodeRun:
    wanted = request.query_params.get("nodeId", "")
    for node in run.nodes:
        if wanted in (node.node, step_run_id(run.id, node.node)):
            return node
    known = ", ".join(node.node for node in run.nodes)
    raise ProblemError(Problem("R003", f"The run has no step '{wanted}'.", "nodeId", f"Its steps: {known}."))


def _endpoint(request: Request) -> PipelineEndpoint:
    api = desk_of(request).workspace.publishing
    if "id" in request.path_params:
        return api.pipeline_endpoint(request.path_params["id"])
    return api.pipeline_endpoint(name=request.query_params.get("name", ""))


# --- answers ----------------------------------------------------------------------------------------------


def _run_reply(request: Request, run: RunId) -> Response:
    workspace = desk_of(request).workspace
    found = workspace.run(run)
    call, notes = workspace.publishing.call_of(run), workspace.pipelines.notes(run)
    return JsonReply(run_entity(found, call, notes, dict(found.values)))


def _endpoint_reply(request: Request, endpoint: PipelineEndpoint) -> Response:
    return JsonReply(endpoint_entity(endpoint, _endpoint_url(request, endpoint)))


def _pipeline_url(request: Request, pipeline: PublishedPipeline) -> str:
    return _base(request) + pipeline_path(pipeline.id)


def _endpoint_url(request: Request, endpoint: PipelineEndpoint) -> str:
    return _base(request) + endpoint_path(endpoint.id)


def _base(request: Request) -> str:
    words = request.path_params
    return base_of(request) + workspace_path(words["sub"], words["group"], words["ws"])


_RUN = f"{PATH}/PipelineRuns/{{id}}"
ROUTES = (
    Route(f"{PATH}/PipelineRuns/PipelineSubmit/{{id}}", submit, methods=["POST"]),
    Route(f"{PATH}/Experiments/PublishedPipelineSubmit/{{id}}", submit, methods=["POST"]),
    Route(f"{PATH}/PipelineRuns/PipelineEndpointSubmit/Id/{{id}}", submit_endpoint, methods=["POST"]),
    Route(
        f"{PATH}/PipelineRuns/PipelineEndpointSubmit/Id/{{id}}/{{version}}", submit_endpoint, methods=["POST"]
    ),
    Route(f"{PATH}/PipelineRuns/PipelineEndpointSubmit/Name", submit_named_endpoint, methods=["POST"]),
    Route(_RUN, run, methods=["GET"]),
    Route(f"{_RUN}/Execution", cancel, methods=["DELETE"]),
    Route(f"{_RUN}/Cancel", cancel, methods=["POST"]),
    Route(f"{_RUN}/Outputs", outputs, methods=["POST"]),
    Route(f"{_RUN}/Graph/AllNodes/Status", all_nodes, methods=["POST"]),
    Route(f"{_RUN}/Graph/Node/Status", one_node, methods=["POST"]),
    Route(f"{_RUN}/Graph/Shareable/{{stream}}", console, methods=["POST"]),
    Route(f"{PATH}/Pipelines", pipelines, methods=["GET"]),
    Route(f"{PATH}/Pipelines/{{id}}", pipeline, methods=["GET"]),
    Route(f"{PATH}/Pipelines/{{id}}/status", pipeline_status, methods=["PUT"]),
    Route(f"{PATH}/PublishedPipelines", pipelines, methods=["GET"]),
    Route(f"{PATH}/PublishedPipelines/{{id}}", pipeline, methods=["GET"]),
    Route(f"{PATH}/PublishedPipelines/{{id}}/status", pipeline_status, methods=["PUT"]),
    Route(f"{PATH}/PipelineEndpoints", endpoints, methods=["GET"]),
    Route(f"{PATH}/PipelineEndpoints/Name", endpoint, methods=["GET"]),
    Route(f"{PATH}/PipelineEndpoints/Id/{{id}}", endpoint, methods=["GET"]),
    Route(f"{PATH}/PipelineEndpoints/Create", create_endpoint, methods=["POST"]),
    Route(f"{PATH}/PipelineEndpoints/{{id}}", change_endpoint, methods=["PUT"]),
    Route(f"{PATH}/PipelineEndpoints/{{id}}/pipelines", endpoint_pipelines, methods=["GET"]),
)
