"""Published pipelines, endpoints, drafts and schedules over HTTP, in our own form."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.identity import RunId
from skyloom.core.publication import PipelineCall, PipelineDraft, PipelineEndpoint, Publication
from skyloom.core.publishing_api import PublishingApi
from skyloom.core.schedule import Schedule
from skyloom.core.serialize import to_json
from skyloom.server.bodies import query_number, read_as, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.gate import require_pipeline
from skyloom.server.replies import JsonReply
from skyloom.server.routes.runs import idempotency_key

MOST_TRIGGERS = 1000
MOST_TIMES = 50


async def publish(request: Request) -> Response:
    """A pipeline from a document or a run, frozen."""
    given = read_as(Publication, dict(await read_object(request)), "publication")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).publish_pipeline, given)), 201)


def pipelines(request: Request) -> Response:
    found = _api(request).published_pipelines(_active_only(request))
    return JsonReply({"pipelines": [to_json(one) for one in found]})


def pipeline(request: Request) -> Response:
    return JsonReply(to_json(_api(request).published_pipeline(_id(request))))


async def set_active(request: Request) -> Response:
    is_active = (await read_object(request)).get("active") is not False
    changed = await to_thread.run_sync(_api(request).set_pipeline_active, _id(request), is_active)
    return JsonReply(to_json(changed))


async def call(request: Request) -> Response:
    """Start a run of a published pipeline; an Idempotency-Key makes a repetition harmless."""
    require_pipeline(request, _id(request))
    given = await _call(request)
    run = await to_thread.run_sync(_api(request).call_pipeline, _id(request), given)
    return JsonReply({"run": run}, 201, {"Location": f"/api/v1/runs/{run}"})


def calls(request: Request) -> Response:
    """Runs that calls of this pipeline, or of this schedule, became, newest first."""
    query = request.query_params
    found = _api(request).calls(query.get("pipeline", ""), query.get("schedule", ""))
    return JsonReply({"calls": [to_json(one) for one in found]})


def call_of(request: Request) -> Response:
    found = _api(request).call_of(RunId(request.path_params["run"]))
    return JsonReply({"call": None if found is None else to_json(found)})


async def create_endpoint(request: Request) -> Response:
    body = await read_object(request)
    words = text_of(body, "name"), text_of(body, "description", ""), text_of(body, "pipeline")
    made = await to_thread.run_sync(_api(request).create_pipeline_endpoint, *words)
    return JsonReply(to_json(made), 201)


def endpoints(request: Request) -> Response:
    found = _api(request).pipeline_endpoints(_active_only(request))
    return JsonReply({"endpoints": [to_json(one) for one in found]})


def endpoint(request: Request) -> Response:
    """By ``id`` or by ``name``."""
    query = request.query_params
    return JsonReply(to_json(_api(request).pipeline_endpoint(query.get("id", ""), query.get("name", ""))))


async def change_endpoint(request: Request) -> Response:
    given = read_as(PipelineEndpoint, dict(await read_object(request)), "endpoint")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).change_pipeline_endpoint, given)))


async def call_endpoint(request: Request) -> Response:
    """Start the pipeline behind a version of an endpoint; without ``version``, the default one."""
    require_pipeline(request, _id(request))
    given = await _call(request)
    version = request.query_params.get("version")
    run = await to_thread.run_sync(_api(request).call_pipeline_endpoint, _id(request), version, given)
    return JsonReply({"run": run}, 201, {"Location": f"/api/v1/runs/{run}"})


async def create_draft(request: Request) -> Response:
    given = read_as(PipelineDraft, dict(await read_object(request)), "draft")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).create_draft, given)), 201)


def drafts(request: Request) -> Response:
    return JsonReply({"drafts": [to_json(one) for one in _api(request).drafts()]})


def draft(request: Request) -> Response:
    return JsonReply(to_json(_api(request).draft(_id(request))))


async def change_draft(request: Request) -> Response:
    given = read_as(PipelineDraft, dict(await read_object(request)), "draft")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).change_draft, given)))


def delete_draft(request: Request) -> Response:
    _api(request).delete_draft(_id(request))
    return JsonReply({"deleted": True})


async def create_schedule(request: Request) -> Response:
    given = read_as(Schedule, dict(await read_object(request)), "schedule")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).create_schedule, given)), 201)


def schedules(request: Request) -> Response:
    query = request.query_params
    found = _api(request).schedules(
        _active_only(request), query.get("pipeline", ""), query.get("endpoint", "")
    )
    return JsonReply({"schedules": [to_json(one) for one in found]})


def schedule(request: Request) -> Response:
    return JsonReply(to_json(_api(request).schedule(_id(request))))


async def change_schedule(request: Request) -> Response:
    given = read_as(Schedule, dict(await read_object(request)), "schedule")
    return JsonReply(to_json(await to_thread.run_sync(_api(request).change_schedule, given)))


def triggers(request: Request) -> Response:
    """What a schedule did: when it went off, why, and which run that became; newest first."""
    limit = max(1, int(query_number(request, "limit", 100, MOST_TRIGGERS)))
    return JsonReply({"triggers": [to_json(one) for one in _api(request).triggers(_id(request), limit)]})


def next_times(request: Request) -> Response:
    """When a schedule goes off next, in UTC; a disabled one has no times."""
    count = max(1, int(query_number(request, "count", 5, MOST_TIMES)))
    return JsonReply({"times": list(_api(request).next_times(_id(request), count))})


async def run_schedule(request: Request) -> Response:
    """Start a schedule's pipeline now, beside its times."""
    run = await to_thread.run_sync(_api(request).run_schedule, _id(request))
    request.state.run = str(run)
    return JsonReply({"run": run}, 201, {"Location": f"/api/v1/runs/{run}"})


async def _call(request: Request) -> PipelineCall:
    body = dict(await read_object(request))
    body["idempotency_key"] = idempotency_key(request)
    return read_as(PipelineCall, body, "call")


def _api(request: Request) -> PublishingApi:
    return desk_of(request).workspace.publishing


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _active_only(request: Request) -> bool:
    return request.query_params.get("all") != "true"


ROUTES = (
    Route("/pipelines", publish, methods=["POST"]),
    Route("/pipelines", pipelines, methods=["GET"]),
    Route("/pipelines/{id}", pipeline, methods=["GET"]),
    Route("/pipelines/{id}/active", set_active, methods=["PUT"]),
    Route("/pipelines/{id}/runs", call, methods=["POST"]),
    Route("/pipeline-calls", calls, methods=["GET"]),
    Route("/runs/{run}/call", call_of, methods=["GET"]),
    Route("/pipeline-endpoints", create_endpoint, methods=["POST"]),
    Route("/pipeline-endpoints", endpoints, methods=["GET"]),
    Route("/pipeline-endpoints", change_endpoint, methods=["PUT"]),
    Route("/pipeline-endpoints/one", endpoint, methods=["GET"]),
    Route("/pipeline-endpoints/{id}/runs", call_endpoint, methods=["POST"]),
    Route("/pipeline-drafts", create_draft, methods=["POST"]),
    Route("/pipeline-drafts", drafts, methods=["GET"]),
    Route("/pipeline-drafts", change_draft, methods=["PUT"]),
    Route("/pipeline-drafts/{id}", draft, methods=["GET"]),
    Route("/pipeline-drafts/{id}", delete_draft, methods=["DELETE"]),
    Route("/schedules", create_schedule, methods=["POST"]),
    Route("/schedules", schedules, methods=["GET"]),
    Route("/schedules", change_schedule, methods=["PUT"]),
    Route("/schedules/{id}", schedule, methods=["GET"]),
    Route("/schedules/{id}/triggers", triggers, methods=["GET"]),
    Route("/schedules/{id}/next", next_times, methods=["GET"]),
    Route("/schedules/{id}/runs", run_schedule, methods=["POST"]),
)
