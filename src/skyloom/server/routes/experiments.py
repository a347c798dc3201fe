"""Experiments over HTTP. Their names may hold any character, so they stand in the query or the body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.experiment import Experiment, Foreign
from skyloom.core.experiments_api import ExperimentRun, ExperimentsApi, ExportFormat, ServiceSetup
from skyloom.core.graph_program import program_of
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.server.bodies import query_number, query_text, read_as, read_object, text_of
from skyloom.server.desk import desk_of
from skyloom.server.replies import JsonReply
from skyloom.studio.run_document import run_document

LARGEST_PAGE = 500
T = TypeVar("T")


def newest(request: Request) -> Response:
    limit = max(1, int(query_number(request, "limit", 100, LARGEST_PAGE)))
    return JsonReply({"experiments": [to_json(one) for one in _api(request).experiments(limit)]})


async def create(request: Request) -> Response:
    """A draft of a graph document."""
    body = await read_object(request)
    name = text_of(body, "name", "")
    made = await _done(lambda: _api(request).create_experiment(body.get("document"), name))
    return JsonReply(_told(made), 201)


def one(request: Request) -> Response:
    """The version, its graph as a document, and what stands on its nodes."""
    api, reference = _api(request), query_text(request, "experiment")
    return JsonReply(
        {
            "experiment": _told(api.experiment(reference)),
            "document": api.experiment_document(reference),
            "nodes": [to_json(node) for node in api.experiment_nodes(reference)],
        }
    )


def delete(request: Request) -> Response:
    return JsonReply({"deleted": _api(request).delete_experiment(query_text(request, "experiment"))})


def history(request: Request) -> Response:
    found = _api(request).prior_runs(query_text(request, "experiment"))
    return JsonReply({"experiments": [to_json(version) for version in found]})


async def edit(request: Request) -> Response:
    body = await read_object(request)
    reference, etag = text_of(body, "experiment"), text_of(body, "etag", "")
    keep = body.get("keep_versions") is True
    made = await _done(lambda: _api(request).edit_experiment(reference, body.get("document"), etag, keep))
    return JsonReply(_told(made))


async def save_as(request: Request) -> Response:
    body = await read_object(request)
    reference, name = text_of(body, "experiment"), text_of(body, "name")
    return JsonReply(_told(await _done(lambda: _api(request).save_experiment_as(reference, name))), 201)


async def run(request: Request) -> Response:
    body = await read_object(request)
    reference = text_of(body, "experiment")
    how = read_as(ExperimentRun, body.get("how", {}), "how")
    made = await _done(lambda: _api(request).run_experiment(reference, how))
    request.state.run = str(made.run)
    return JsonReply(_told(made), 201)


async def promote(request: Request) -> Response:
    body = await read_object(request)
    words = [text_of(body, "experiment"), text_of(body, "node")]
    words += [text_of(body, name, "") for name in ("port", "name", "description")]
    return JsonReply(to_json(await _done(lambda: _api(request).promote_output(*words))), 201)


def columns(request: Request) -> Response:
    """What a column picker shows."""
    port = request.query_params.get("port", "")
    found = _api(request).predict_columns(
        query_text(request, "experiment"), query_text(request, "node"), port
    )
    return JsonReply(to_json(found))


async def import_(request: Request) -> Response:
    """Keep an exported graph; with ``check`` only say what an import would find."""
    body = await read_object(request)
    foreign = read_as(Foreign, body.get("file"), "file")
    if body.get("check") is True:
        report = await _done(lambda: _api(request).read_export(foreign))
        return JsonReply({"report": to_json(report)})
    name, bindings = text_of(body, "name", ""), _texts(body, "bindings")
    made, report = await _done(lambda: _api(request).import_experiment(foreign, name, bindings))
    return JsonReply({"experiment": _told(made), "report": to_json(report)}, 201)


async def bind(request: Request) -> Response:
    body = await read_object(request)
    reference, bindings = text_of(body, "experiment"), _texts(body, "bindings")
    made, report = await _done(lambda: _api(request).bind_data(reference, bindings))
    return JsonReply({"experiment": _told(made), "report": to_json(report)})


def export(request: Request) -> Response:
    """The file form: its text and the encoding that gives the bytes."""
    format = request.query_params.get("format")
    if format not in (None, "classic", "arm"):
        raise ProblemError(
            Problem("A013", f"There is no format '{format}'.", "format", "Use classic or arm.")
        )
    wanted = cast(ExportFormat | None, format)
    return JsonReply(to_json(_api(request).export_experiment(query_text(request, "experiment"), wanted)))


def program(request: Request) -> Response:
    """The experiment as a Python program that builds and runs its graph."""
    document = _api(request).experiment_document(query_text(request, "experiment"))
    return JsonReply({"text": program_of(document)})


async def web_service(request: Request) -> Response:
    """Set up web service: the predictive experiment."""
    body = await read_object(request)
    reference = text_of(body, "experiment")
    setup = read_as(ServiceSetup, body.get("setup", {}), "setup")
    return JsonReply(_told(await _done(lambda: _api(request).set_up_web_service(reference, setup))), 201)


def of_run(request: Request) -> Response:
    """The graph of a run as a document, with places and comments where an experiment was run."""
    workspace, name = desk_of(request).workspace, RunId(request.path_params["run"])
    found, graph = workspace.run(name), workspace.pipelines.graph(name)
    return JsonReply(run_document(found, graph, workspace.experiment_records, workspace.catalogue))


def program_of_run(request: Request) -> Response:
    """The graph of a run as a Python program, with the values that the run was given."""
    workspace, name = desk_of(request).workspace, RunId(request.path_params["run"])
    found, graph = workspace.run(name), workspace.pipelines.graph(name)
    told = run_document(found, graph, workspace.experiment_records, workspace.catalogue)
    document = told["document"]
    assert isinstance(document, dict)
    return JsonReply({"text": program_of(document, found.values)})


def _api(request: Request) -> ExperimentsApi:
    return desk_of(request).experiments


async def _done(work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work)


def _told(experiment: Experiment) -> Json:
    """Without the text of the file it came from: that is long, and /experiments/export gives it."""
    kept = experiment.foreign
    return to_json(replace(experiment, foreign=replace(kept, text="") if kept else None))


def _texts(body: dict[str, Json], name: str) -> dict[str, str]:
    value = body.get(name, {})
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise ProblemError(
            Problem("A007", f"'{name}' must be an object of texts.", name, "See docs/reference/rest.md.")
        )
    return {key: str(part) for key, part in value.items()}


ROUTES = (
    Route("/experiments", newest, methods=["GET"]),
    Route("/experiments", create, methods=["POST"]),
    Route("/experiments/version", one, methods=["GET"]),
    Route("/experiments/version", delete, methods=["DELETE"]),
    Route("/experiments/history", history, methods=["GET"]),
    Route("/experiments/edit", edit, methods=["POST"]),
    Route("/experiments/save-as", save_as, methods=["POST"]),
    Route("/experiments/run", run, methods=["POST"]),
    Route("/experiments/promote", promote, methods=["POST"]),
    Route("/experiments/columns", columns, methods=["GET"]),
    Route("/experiments/import", import_, methods=["POST"]),
    Route("/experiments/bind", bind, methods=["POST"]),
    Route("/experiments/export", export, methods=["GET"]),
    Route("/experiments/web-service", web_service, methods=["POST"]),
    Route("/experiments/program", program, methods=["GET"]),
    Route("/runs/{run}/document", of_run, methods=["GET"]),
    Route("/runs/{run}/program", program_of_run, methods=["GET"]),
)
