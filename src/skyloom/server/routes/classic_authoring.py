"""Experiments written, run, promoted from and deployed at the old product's addresses (services.md 1.5, 2.2).

PowerShell saves and runs an experiment by sending its whole graph; deploying answers at once, and the address
that clients poll afterwards tells the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom.core.access import READ, SUBMIT
from skyloom.core.artifact import Artifact
from skyloom.core.dataset import Dataset
from skyloom.core.experiment import Experiment, Foreign
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.web_services_api import Publication
from skyloom.server.bodies import read_object
from skyloom.server.desk import Desk, desk_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.classic_experiments import draft_row, experiment_and_run, output_of
from skyloom.server.routes.webservices import allow, check_workspace, unfit
from skyloom.studio.arm_export import service_definition
from skyloom.workspace.classic_datasets import classic_of

_ASSETS = {"trainedmodels": ("TrainedModel", "ILearner"), "transformmodules": ("Transform", "ITransform")}
_TAKEN = ("Description", "Summary", "Category", "DisableNodesUpdate", "DisableNodeUpdate", "WebService")
# what the old product kept of a workspace and this one does not
_EMPTY = ("annotations", "modules/custom", "packages", "projectcontainers", "notebooks", "gateways")


async def save(request: Request) -> Response:
    """Save an experiment by its graph, as a new one or over this id's draft; run it unless ``IsDraft``."""
    ours, desk = check_workspace(request), desk_of(request)
    allow(request, SUBMIT)
    body = await read_object(request)
    graph = body.get("ExperimentGraph", body.get("Graph"))
    if not isinstance(graph, dict):
        raise unfit("ExperimentGraph", "an object", graph)
    parts: dict[str, Json] = {
        name: body[name]
        for name in (
            "Description",
            "Summary",
            "Category",
            "DisableNodesUpdate",
            "DisableNodeUpdate",
            "WebService",
        )
        if body.get(name) is not None
    }
    foreign = Foreign("classic", json.dumps({**parts, "Graph": graph}, ensure_ascii=False))
    has_id = "eid" in request.path_params

    def work() -> Experiment:
        version = experiment_and_run(request, ours)[0] if has_id else None
        if version is not None:
            made = desk.experiments.take_export(version.id, foreign)
        else:
            made, _ = desk.experiments.import_experiment(foreign)
        return made if body.get("IsDraft") is not False else desk.experiments.run_experiment(made.id)

    made = await to_thread.run_sync(work)
    if made.run is not None:
        request.state.run = str(made.run)
    return JsonReply({**draft_row(ours, made), "IsDraft": made.run is None, "RunId": made.run or ""})


def delete(request: Request) -> Response:
    """Forget an experiment with its drafts; runs stay, as the record of what was done."""
    ours, desk = check_workspace(request), desk_of(request)
    allow(request, SUBMIT)
    version, _ = experiment_and_run(request, ours)
    if version is None:
        what = "A run that no experiment was kept for cannot be deleted."
        raise ProblemError(Problem("W301", what, request.path_params["eid"], ""))
    desk.experiments.delete_experiment(version.id)
    return Response(status_code=204)


async def deploy(request: Request) -> Response:
    """Deploy the experiment as a web service; ``updateExistingWebService`` keeps address and keys."""
    ours, desk = check_workspace(request), desk_of(request)
    allow(request, SUBMIT)
    query = request.query_params

    def work() -> Json:
        version, run = experiment_and_run(request, ours)
        name = version.name if version is not None else run.experiment if run is not None else ""
        services = desk.workspace.web_services
        known = [service.id for service in services.services() if service.name == name]
        wish = Publication(
            name,
            run=run.id if run is not None else "",
            document=desk.experiments.experiment_document(version.id) if version and not run else None,
            service=known[-1] if known and _is_true(query.get("updateExistingWebService")) else "",
            new_port_names=_is_true(query.get("generateNewPortNames")),
        )
        service, endpoint = services.publish(wish)
        return _deployed(service.id, endpoint.id)

    return JsonReply(await to_thread.run_sync(work))


def deployment(request: Request) -> Response:
    """How a deployment goes, by its ActivityId: it was complete when that was told."""
    check_workspace(request)
    allow(request, READ)
    found = desk_of(request).workspace.web_services.endpoint_by_id(request.path_params["eid"])
    return JsonReply(_deployed(found.service, found.id))


def definition(request: Request) -> Response:
    """The experiment as the definition of a "new" web service: no data, no secrets."""
    ours = check_workspace(request)
    allow(request, READ)
    version, _ = experiment_and_run(request, ours)
    if version is None:
        what = "There is no graph to define a web service by: no experiment was kept for this run."
        raise ProblemError(Problem("W301", what, request.path_params["eid"], "Deploy the run itself."))
    return JsonReply(service_definition(version.graph, version.view))


async def promote(request: Request) -> Response:
    """Keep what a node gave as a trained model or transform; the answer is its id as a bare JSON text."""
    ours = check_workspace(request)
    allow(request, SUBMIT)
    key, kind = _ASSETS[request.url.path.rsplit("/", 1)[1]]
    return await promoted(request, ours, await read_object(request), key, kind)


async def promoted(request: Request, ours: str, body: Mapping[str, Json], key: str, kind: str) -> Response:
    """The promotion that a body asks for; ``key`` is its member with the name of the new asset."""
    asset = body.get(key)
    if not isinstance(asset, dict):
        raise unfit(key, "an object", asset)
    eid, node, port = (_text(body, name) for name in ("ExperimentId", "ModuleNodeId", "OutputName"))
    name, description = _text(asset, "Name"), str(asset.get("Description") or "")

    def work() -> Dataset:
        desk = desk_of(request)
        version, run = experiment_and_run(request, ours, eid)
        artifact = _result(desk, version, run, node, port)
        if artifact.type != kind:
            what = f"'{node}' gave a {artifact.type} at '{port}', not a {kind}."
            raise ProblemError(Problem("W302", what, port, "Choose another port, or another address."))
        return desk.workspace.register_dataset(name, artifact, description)

    found = classic_of(await to_thread.run_sync(work))
    return JsonReply(f"{ours}.{found.family}.{found.instance}")


def assets(request: Request) -> Response:
    """The trained models, or the transforms, of the workspace."""
    ours = check_workspace(request)
    allow(request, READ)
    kind = _ASSETS[request.url.path.rsplit("/", 1)[1]][1]
    rows: list[Json] = [
        {
            "Id": f"{ours}.{found.family}.{found.instance}",
            "Name": found.dataset.name,
            "DataTypeId": found.data_type,
            "Description": found.dataset.description,
            "FamilyId": found.family,
            "Size": found.dataset.artifact.size,
            "SourceOrigin": "FromOutputPromotion",
            "IsLatest": True,
        }
        for found in desk_of(request).workspace.classic_datasets.all()
        if found.dataset.artifact.type == kind
    ]
    return JsonReply(rows)


def modules(request: Request) -> Response:
    """The palette."""
    check_workspace(request)
    allow(request, READ)
    rows: list[Json] = [
        {
            "Id": f"506153734175476c4f62416c57734963.{spec.family}.v1-default-1"
            if spec.family
            else spec.name,
            "Name": spec.name,
            "FamilyId": spec.family,
            "Category": spec.category,
            "Description": spec.doc,
            "ServiceVersion": 1,
            "IsLatest": True,
        }
        for spec in desk_of(request).workspace.modules()
    ]
    return JsonReply(rows)


def users(request: Request) -> Response:
    """Who may work here: the owner. Others come with tokens of their own."""
    check_workspace(request)
    allow(request, READ)
    user: Json = {"UserId": "owner", "Name": "Owner", "Email": "", "Role": "Owner"}
    return JsonReply([{"Status": "Active", "User": user}])


def invite(request: Request) -> Response:
    """Nobody is invited by mail."""
    check_workspace(request)
    allow(request, SUBMIT)
    raise _not_here("Invitations", "Make a token for whoever shall work here: 'skyloom token create'.")


def nothing(request: Request) -> Response:
    """What the old product kept here and this one does not."""
    check_workspace(request)
    allow(request, READ)
    return JsonReply([])


def refuse(request: Request) -> Response:
    """Nothing can be added to what is not kept."""
    check_workspace(request)
    allow(request, SUBMIT)
    raise _not_here("This part of the old workspace", "docs/web-services.md tells what there is.")


def _result(desk: Desk, version: Experiment | None, run: Run | None, node: str, port: str) -> Artifact:
    if run is None and version is not None:  # a draft may still show what an earlier run of it gave
        status = next(
            (one for one in desk.experiments.experiment_nodes(version.id) if one.node == node), None
        )
        outputs = status.node_run.outputs if status and status.node_run and status.executed_by else {}
        if port in outputs:
            return outputs[port]
    return output_of(run, node, port)


def _deployed(service: str, endpoint: str) -> dict[str, Json]:
    return {
        "ActivityId": endpoint,
        "WebServiceGroupId": service,
        "EndpointId": endpoint,
        "Status": "Completed",
    }


def _not_here(what: str, fix: str) -> ProblemError:
    return ProblemError(Problem("W303", f"{what} cannot be changed here.", "", fix))


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise unfit(name, "text", value)
    return value


def _is_true(text: str | None) -> bool:
    return text is not None and text.lower() == "true"


_IN = "/api/workspaces/{ws}"
ROUTES = (
    Route(f"{_IN}/experiments", save, methods=["POST"]),
    Route(f"{_IN}/experiments/{{eid}}", save, methods=["POST"]),
    Route(f"{_IN}/experiments/{{eid}}", delete, methods=["DELETE"]),
    Route(f"{_IN}/experiments/{{eid}}/webservice", deploy, methods=["POST"]),
    Route(f"{_IN}/experiments/{{eid}}/webservice", deployment, methods=["GET"]),
    Route(f"{_IN}/experiments/{{eid}}/webservicedefinition", definition, methods=["GET"]),
    *(Route(f"{_IN}/{name}", promote, methods=["POST"]) for name in _ASSETS),
    *(Route(f"{_IN}/{name}", assets, methods=["GET"]) for name in _ASSETS),
    Route(f"{_IN}/modules", modules, methods=["GET"]),
    Route(f"{_IN}/users", users, methods=["GET"]),
    Route(f"{_IN}/invitations", invite, methods=["POST"]),
    *(Route(f"{_IN}/{name}", nothing, methods=["GET"]) for name in _EMPTY),
    *(Route(f"{_IN}/{name}", refuse, methods=["POST"]) for name in _EMPTY),
    Route(f"{_IN}/experiments/{{eid}}/annotations", nothing, methods=["GET"]),
    Route(f"{_IN}/experiments/{{eid}}/annotations", refuse, methods=["POST"]),
)
