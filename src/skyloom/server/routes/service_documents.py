"""Documents of an endpoint that anybody may read: swagger, apidocument, the help page (services.md 1.6).

R and the Excel add-in read them before they have a key, so they hold no key and no data.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from skyloom.core.endpoint import Endpoint
from skyloom.core.problem import Problem, ProblemError
from skyloom.server.classic_swagger import swagger
from skyloom.server.desk import desk_of
from skyloom.server.help_page import SECTIONS, help_page
from skyloom.server.origin import base_of
from skyloom.server.replies import JsonReply
from skyloom.server.routes.webservices import check_workspace
from skyloom.server.score_swagger import VERSIONS, score_swagger


def by_id(request: Request) -> Response:
    """Swagger 2.0 beside the scoring address."""
    check_workspace(request)
    services = desk_of(request).workspace.web_services
    return _document(request, services.endpoint_by_id(request.path_params["endpoint"]))


def by_name(request: Request) -> Response:
    """The same document at the management address and at the help page's."""
    return _document(request, _named(request))


def page(request: Request) -> Response:
    """The help page, or a part of it."""
    section = request.path_params.get("section", "")
    if section not in SECTIONS:
        raise ProblemError(Problem("A008", "There is nothing at this address.", section, ""))
    endpoint, desk = _named(request), desk_of(request)
    service = desk.workspace.web_services.service(endpoint.service)
    return HTMLResponse(help_page(endpoint, service, desk.workspace_id, base_of(request), section))


def _document(request: Request, endpoint: Endpoint) -> Response:
    desk = desk_of(request)
    service = desk.workspace.web_services.service(endpoint.service)
    if endpoint.score is not None:
        version = request.query_params.get("version", "2")
        if version not in VERSIONS:
            what = f"The document is not written in version '{version:.20}'."
            raise ProblemError(Problem("A008", what, "version", f"There are: {', '.join(VERSIONS)}."))
        return JsonReply(score_swagger(endpoint, service, desk.workspace_id, base_of(request), version))
    return JsonReply(swagger(endpoint, service, desk.workspace_id, base_of(request)))


def _named(request: Request) -> Endpoint:
    check_workspace(request)
    services = desk_of(request).workspace.web_services
    return services.endpoint(request.path_params["sid"], request.path_params["name"])


ROUTES = (
    Route("/workspaces/{ws}/services/{endpoint}/swagger.json", by_id, methods=["GET"]),
    Route("/workspaces/{ws}/webservices/{sid}/endpoints/{name}/apidocument", by_name, methods=["GET"]),
    Route(
        "/apihelp/workspaces/{ws}/webservices/{sid}/endpoints/{name}/apidocument", by_name, methods=["GET"]
    ),
    Route("/apihelp/workspaces/{ws}/webservices/{sid}/endpoints/{name}", page, methods=["GET"]),
    Route("/apihelp/workspaces/{ws}/webservices/{sid}/endpoints/{name}/{section}", page, methods=["GET"]),
)
